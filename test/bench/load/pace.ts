/**
 * Sends `count` messages at a steady pace, whatever the answers do: a slow server must not slow the question. `send` is told
 * when its message was due, and latency counts from there. Ends early where `hasSeenEnough` says so. Resolves when the last
 * one has left.
 */
export function pace(
  { count, perSecond, hasSeenEnough = () => false }: { count: number; perSecond: number; hasSeenEnough?: () => boolean },
  send: (dueAt: number) => void,
): Promise<void> {
  return new Promise((resolve) => {
    const startedAt = performance.now();
    let sent = 0;
    const timer = setInterval(() => {
      const due = Math.min(count, Math.floor((performance.now() - startedAt) / 1000 * perSecond) + 1);
      while (sent < due) send(startedAt + sent++ / perSecond * 1000);
      if (sent < count && !hasSeenEnough()) return;
      clearInterval(timer);
      resolve();
    }, 1);
  });
}
