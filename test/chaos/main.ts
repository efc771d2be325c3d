import { parseOptions } from './options.ts';
import { acknowledgedSends, breachesOf, countsOf } from './report.ts';
import { runRound } from './round.ts';

/**
 * `npm run chaos`: real nodes, real databases and real clients, in trouble that a seed decides, and a verdict on whether
 * anything was lost, doubled, moved or told to the wrong ones. Each round is a world of its own, with a seed of its own.
 */

/** A round can be repeated, and its whole history fits into memory. */
const roundMinutes = 3;

const options = parseOptions(process.argv.slice(2));
const totals = { rounds: 0, sends: 0, faults: 0, slowestHealingMs: 0 };
let isWhole = true;
let left = options.minutes;
for (let { seed } = options; isWhole && (options.untilFailure || left > 0); seed += 1) {
  const minutes = options.untilFailure ? Math.min(roundMinutes, options.minutes) : Math.min(roundMinutes, left);
  console.log(`seed ${seed}, ${minutes} min of trouble`);
  const result = await runRound({ ...options, seed, troubleMs: minutes * 60_000, print: (line) => console.log(`  ${line}`) });
  left -= minutes;
  isWhole = result.breaches.length === 0;
  console.log(countsOf(result));
  console.log(isWhole ? 'verdict       every guarantee held\n' : `verdict       BROKEN\n\n${breachesOf(result, { ...options, seed, minutes })}`);
  totals.rounds += 1;
  totals.sends += acknowledgedSends(result);
  for (const count of result.faults.values()) totals.faults += count;
  totals.slowestHealingMs = Math.max(totals.slowestHealingMs, result.healedMs);
}
if (totals.rounds > 1) {
  const { rounds, sends, faults, slowestHealingMs } = totals;
  console.log(`in all        ${rounds} rounds, ${sends} sends acknowledged, ${faults} faults, healed in ${(slowestHealingMs / 1_000).toFixed(1)} s at most`);
}
process.exit(isWhole ? 0 : 1);
