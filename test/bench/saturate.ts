/** Each of the senders keeps `window` messages unanswered, until all are answered: as fast as the server goes, and no faster. */
export async function saturate(
  shape: { senders: number; window: number; messages: number }, send: (sender: number, index: number) => Promise<void>,
): Promise<void> {
  let next = 0;
  await Promise.all(Array.from({ length: shape.senders * shape.window }, async (_, lane) => {
    while (next < shape.messages) await send(lane % shape.senders, next++);
  }));
}
