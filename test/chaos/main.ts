import { parseOptions } from './options.ts';
import { breachesOf, countsOf } from './report.ts';
import { runRound } from './round.ts';

/**
 * `npm run chaos`: real nodes, real databases and real clients, in trouble that a seed decides, and a verdict on whether
 * anything was lost, doubled, moved or told to the wrong ones. Each round is a world of its own, with a seed of its own.
 */

/** A round can be repeated, and its whole history fits into memory. */
const roundMinutes = 3;

const options = parseOptions(process.argv.slice(2));
let isWhole = true;
let left = options.minutes;
for (let { seed } = options; isWhole && (options.untilFailure || left > 0); seed += 1) {
  const minutes = Math.min(roundMinutes, options.minutes);
  console.log(`seed ${seed}, ${minutes} min of trouble`);
  const result = await runRound({ ...options, seed, troubleMs: minutes * 60_000, print: (line) => console.log(`  ${line}`) });
  left -= minutes;
  isWhole = result.breaches.length === 0;
  console.log(countsOf(result));
  console.log(isWhole ? 'verdict       every guarantee held\n' : `verdict       BROKEN\n\n${breachesOf(result, { ...options, seed, minutes })}`);
}
process.exit(isWhole ? 0 : 1);
