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
  {
    name: 'pause', on: 'nodes',
    async run({ cluster, chance, say, left }) {
      const node = chance.pick(cluster.nodes)!;
      const forMs = Math.min(chance.whole(500, 12_000), left());
      say(`${node.name} stands still for ${(forMs / 1_000).toFixed(1)} s`);
      node.pause();
      await pause(forMs);
      node.resume();
    },
  },
  {
    name: 'roll', on: 'nodes',
    async run({ cluster, chance, say }) {
      say(`each of ${cluster.nodes.length} is told to go, and started again`);
      for (const node of cluster.nodes) {
        await node.terminate();
        await pause(chance.whole(0, 500));
        await node.start();
      }
    },
  },
  {
    name: 'clock', on: 'nodes',
    async run({ cluster, chance, say, left }) {
      const node = chance.pick(cluster.nodes)!;
      const offsetMs = chance.whole(-600_000, 600_000);
      say(`the clock of ${node.name} jumps by ${Math.round(offsetMs / 1_000)} s, and back`);
      node.setClock(offsetMs);
      await pause(Math.min(chance.whole(1_000, 15_000), left()));
      node.setClock(0);
    },
  },
];
