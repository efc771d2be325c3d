import type { Line } from '../clients/line.ts';
import { pause } from '../time.ts';
import type { Fault, Reach } from './fault.ts';

/** What happens on the way between people and nodes. */
export const networkFaults: readonly Fault[] = [
  {
    name: 'flaps', on: 'network',
    async run({ town, chance, say, left }) {
      const forMs = Math.min(chance.whole(3_000, 15_000), left());
      say(`each line breaks for about a second, now and then, for ${Math.round(forMs / 1_000)} s`);
      await Promise.all(town.lines.map(async (line) => {
        for (let restMs = forMs; ;) {
          const waitMs = chance.whole(500, 10_000);
          if ((restMs -= waitMs) < 0) return;
          await pause(waitMs);
          line.cut();
          await pause(chance.whole(200, 1_500));
          line.mend();
        }
      }));
    },
  },
  {
    name: 'storm', on: 'network',
    async run({ town, chance, say }) {
      const { lines } = town;
      say(`all ${lines.length} lines break at once, and all come back`);
      for (const line of lines) line.cut();
      await pause(chance.whole(0, 2_000));
      for (const line of lines) line.mend();
    },
  },
  {
    name: 'half-open', on: 'network',
    async run(reach) {
      const lines = some(reach);
      const forMs = Math.min(reach.chance.whole(3_000, 50_000), reach.left());
      reach.say(`${lines.length} lines are half open for up to ${Math.round(forMs / 1_000)} s`);
      for (const line of lines) line.freeze();
      await pause(forMs);
      for (const line of lines) line.breakFrozen();
    },
  },
  {
    name: 'slow-readers', on: 'network',
    async run(reach) {
      const lines = some(reach);
      const forMs = reach.chance.whole(1_000, 12_000);
      reach.say(`${lines.length} clients read nothing for ${Math.round(forMs / 1_000)} s`);
      for (const line of lines) line.pauseReading();
      await pause(forMs);
      for (const line of lines) line.resumeReading();
    },
  },
];

function some({ town, chance }: Reach): Line[] {
  return town.lines.filter(() => chance.happens(0.3));
}
