/**
 * Each of the senders keeps `window` messages unanswered for `ms`: as fast as the server goes, and no faster. Resolves when
 * all are answered.
 */
export async function saturate(
  { senders, window, ms }: { senders: number; window: number; ms: number }, send: (sender: number) => Promise<unknown>,
): Promise<void> {
  const endsAt = performance.now() + ms;
  await Promise.all(Array.from({ length: senders * window }, async (_, lane) => {
    while (performance.now() < endsAt) await send(lane % senders);
  }));
}
