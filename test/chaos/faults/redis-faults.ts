import type { Cluster } from '../cluster.ts';
import { type Lie, truth } from '../node/lying-bus.ts';
import { pause } from '../time.ts';
import type { Fault, Reach } from './fault.ts';

/** A fault of Redis: there is one only where nodes hear of each other by it. */
function ofRedis(name: string, run: Fault['run']): Fault {
  return { name, on: 'redis', suits: ({ redis }: Cluster) => redis !== undefined, run };
}

/** A bus that does not do what it says, on every node, for a while. */
function lying(name: string, what: string, lie: Partial<Lie>): Fault {
  return ofRedis(name, async ({ cluster, chance, say, left }) => {
    const forMs = Math.min(chance.whole(2_000, 15_000), left());
    say(`${what} for ${(forMs / 1_000).toFixed(1)} s`);
    for (const node of cluster.nodes) node.tell({ type: 'lie', lie: { ...truth, ...lie, seed: chance.whole(0, 1e9) } });
    await pause(forMs);
    for (const node of cluster.nodes) node.tell({ type: 'lie', lie: truth });
  });
}

/** One node's line to Redis is bad for a while. */
async function onOneLine({ cluster, chance, say, left }: Reach, what: string, mostMs: number, spoil: (line: ReturnType<typeof lineOf>) => () => void): Promise<void> {
  const node = chance.pick(cluster.nodes)!;
  const forMs = Math.min(chance.whole(1_000, mostMs), left());
  say(`${what} ${node.name} for ${(forMs / 1_000).toFixed(1)} s`);
  const mend = spoil(lineOf(cluster, node.name));
  await pause(forMs);
  mend();
}

function lineOf({ redisLines }: Cluster, node: string) {
  return redisLines.get(node)!;
}

/** What happens to the bus between nodes. Names that begin with `redis` or `bus-loses` are of those that lose something. */
export const redisFaults: readonly Fault[] = [
  ofRedis('redis-restart', async ({ cluster, chance, say }) => {
    say('kill -9 of Redis, which comes back empty');
    await cluster.redis!.kill();
    await pause(chance.whole(0, 5_000));
    await cluster.redis!.restart();
  }),
  ofRedis('redis-empty', async ({ cluster, say }) => {
    say('Redis loses all it holds');
    await cluster.redis!.command('FLUSHALL');
  }),
  ofRedis('redis-pause', async ({ cluster, chance, say, left }) => {
    const forMs = Math.min(chance.whole(500, 10_000), left());
    say(`Redis stands still for ${(forMs / 1_000).toFixed(1)} s`);
    cluster.redis!.pause();
    await pause(forMs);
    cluster.redis!.resume();
  }),
  ofRedis('redis-partition', async (reach) => {
    const direction = reach.chance.pick(['up', 'down', 'both'] as const)!;
    await onOneLine(reach, `nothing goes (${direction}) between Redis and`, 15_000, (line) => {
      line.hold(direction);
      return () => line.heal();
    });
  }),
  ofRedis('redis-refuse', async (reach) => {
    await onOneLine(reach, 'Redis refuses', 10_000, (line) => {
      line.cut();
      return () => line.heal();
    });
  }),
  ofRedis('redis-deaf', async (reach) => {
    await onOneLine(reach, 'only what it publishes gets through from', 15_000, (line) => {
      line.hold('both', (said) => /subscribe/i.test(said));
      return () => line.heal();
    });
  }),
  ofRedis('redis-slow', async (reach) => {
    const delayMs = reach.chance.whole(50, 800);
    await onOneLine(reach, `Redis answers ${delayMs} ms later to`, 15_000, (line) => {
      line.delayMs = delayMs;
      return () => {
        line.delayMs = 0;
      };
    });
  }),
  lying('bus-loses', 'of what nodes say 1 % is lost', { dropped: 0.01 }),
  lying('bus-loses-tails', 'the last fact of a room before each silence is lost', { losesTails: true }),
  lying('bus-doubles', 'half of what nodes say comes twice', { doubled: 0.5 }),
  lying('bus-reorders', 'what nodes say overtakes each other by up to 100 ms', { lateMs: 100, doubled: 0.1 }),
];
