import { openRedisBus } from '../bus/redis-bus.ts';
import { topicOf } from '../bus/topics.ts';
import { createLog } from '../log.ts';
import type { BusFrameOf } from '../socket/bus-frames.ts';

/** Whoever runs a command waits no longer than this for a Redis that does not answer. */
const patienceMs = 3_000;

/** Tells the servers that something was revoked, so that they look at once. Answers whether Redis took it. */
export async function ringRevoked({ url, prefix }: { url: string; prefix: string }): Promise<boolean> {
  const bus = openRedisBus({ url, prefix, log: createLog('silent') });
  try {
    const isUp = await new Promise<boolean>((resolve) => {
      const timer = setTimeout(() => resolve(false), patienceMs);
      bus.onModeChange((mode) => {
        if (mode !== 'up') return;
        clearTimeout(timer);
        resolve(true);
      });
    });
    if (isUp) bus.publish(topicOf('', 'revoked'), JSON.stringify({ kind: 'revoked' } satisfies BusFrameOf<'revoked'>));
    return isUp;
  } finally {
    await bus.close();
  }
}
