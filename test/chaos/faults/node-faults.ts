import { crashPoints } from '../node/crash-points.ts';
import { pause } from '../time.ts';
import type { Fault } from './fault.ts';

/** What happens to the nodes themselves. */
export const nodeFaults: readonly Fault[] = [
  {
    name: 'kill', on: 'nodes',
    async run({ cluster, chance, say }) {
      const node = chance.pick(cluster.nodes)!;
      say(`kill -9 of ${node.name}`);
      await node.kill();
      await pause(chance.whole(0, 3_000));
      await node.start();
    },
  },
  {
    name: 'crash', on: 'nodes',
    async run({ cluster, chance, say }) {
      const node = chance.pick(cluster.nodes)!;
      const point = chance.pick(crashPoints)!;
      const count = chance.whole(1, 8);
      const hasDied = await node.dieOf({ type: 'die-at', point, count }, pause(5_000));
      say(`${node.name} ${hasDied ? 'died' : 'was to die'} ${point} (${count})`);
      await pause(chance.whole(0, 2_000));
      if (!node.isRunning) await node.start();
    },
  },
];
