import fc from 'fast-check';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/*
 *   FUZZ_TIMES=100 npm test -- test/fuzz                 looks a hundred times as long
 *   FUZZ_SEED=1 FUZZ_PATH=0:1 npm test -- test/fuzz/…    repeats what was printed
 */
const { FUZZ_TIMES: times = '1', FUZZ_SEED: fixedSeed, FUZZ_PATH: path } = process.env;

/** Tries a property on so many made-up inputs; says the seed, and where it fails the smallest input that does it. */
export async function fuzz<T>(arbitrary: fc.Arbitrary<T>, runs: number, property: (value: T) => Promise<void> | void): Promise<void> {
  const seed = Number(fixedSeed ?? Math.floor(Math.random() * 2 ** 31));
  const numRuns = Math.ceil(runs * Number(times));
  console.log(`Fuzz: seed ${seed}, ${numRuns} runs.`);
  await fc.assert(fc.asyncProperty(arbitrary, async (value) => property(value)), { seed, path, numRuns, includeErrorInReport: true });
}

/** Bytes in use, after everything was let go of that can be. */
export function bytesInUse(): number {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  collect();
  collect();
  return process.memoryUsage().heapUsed + process.memoryUsage().external;
}
