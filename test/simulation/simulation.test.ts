import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { openSequelizeStore } from '../../server/store/sequelize-store.ts';
import { found } from './found.ts';
import { Simulation, type SimulationOptions } from './simulation.ts';
import { type Step, steps } from './steps.ts';
import { judge } from './verdict.ts';

/*
 * Whatever happens, and in whatever order, in the end all agree: who stayed, who dropped out and came back, who comes new, and
 * the database; and nothing that may never be was seen on the way. A failure prints the seed and the shortest story that shows
 * it; the story can be kept in `found.ts`.
 *
 *   SIMULATION_RUNS=20000 npm test -- simulation           looks longer, with a fresh seed
 *   SIMULATION_SEED=1 SIMULATION_PATH=0:1 npm test -- …    repeats what was printed
 */

const { SIMULATION_RUNS: runs, SIMULATION_SEED: seed, SIMULATION_PATH: path } = process.env;
/** Each frame of so many is held against the schemas: the rest of the runs is three times as fast without. */
const checkedEvery = 16;

interface Tally {
  runs: number;
  acknowledged: number;
  taken: Set<Step['what']>;
}

async function live(story: readonly Step[], options: SimulationOptions, tally?: Tally): Promise<void> {
  await using simulation = await Simulation.start(options);
  for (const step of story) {
    await simulation.take(step);
    tally?.taken.add(step.what);
  }
  await judge(simulation);
  if (tally) tally.acknowledged += simulation.witness.acknowledged.size;
}

async function liveMany(of: { seed: number; runs: number; path?: string }, openStore?: SimulationOptions['openStore']): Promise<Tally> {
  const tally: Tally = { runs: 0, acknowledged: 0, taken: new Set() };
  const startedAt = performance.now();
  const property = fc.asyncProperty(steps, fc.noShrink(fc.nat()), fc.integer({ min: 1, max: 3 }), async (story, one, nodes) => {
    tally.runs += 1;
    await live(story, { seed: one, nodes, openStore, checksFrames: tally.runs % checkedEvery === 0 }, tally);
  });
  await fc.assert(property, { seed: of.seed, path: of.path, numRuns: of.runs, includeErrorInReport: true });
  const perMinute = Math.round(tally.runs / ((performance.now() - startedAt) / 60_000));
  console.log(`Simulation: seed ${of.seed}, ${tally.runs} runs (${perMinute} a minute), ${tally.acknowledged} messages acknowledged.`);
  return tally;
}

for (const { what, story, ...options } of found) {
  test(`found once: ${what}`, () => live(story, { ...options, checksFrames: true }));
}

test('G1 to G8, G10, P1, R10: whatever happens, all agree in the end, and nothing was seen that may not be (a fixed seed)', async () => {
  const { acknowledged, taken } = await liveMany({ seed: 20_261_126, runs: 250 });
  assert.ok(acknowledged > 1_000, `It cannot pass empty: ${acknowledged} messages`);
  assert.ok(taken.size > 50, `Everything was tried: ${[...taken].join(', ')}`);
});

test('G1 to G8, G10, P1, R10: whatever happens, all agree in the end, and nothing was seen that may not be (a fresh seed)', async () => {
  await liveMany({ seed: Number(seed ?? Math.floor(Math.random() * 2 ** 31)), path, runs: Number(runs ?? 250) });
});

test('G1 to G8, G10, P1, R10: whatever happens, all agree in the end (a database on disk)', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'chatter-simulation-'));
  let count = 0;
  try {
    await liveMany({ seed: 7, runs: 8 }, (clock) => openSequelizeStore({ url: `sqlite:${join(folder, `${++count}.sqlite3`)}`, clock }));
  } finally {
    await rm(folder, { recursive: true });
  }
});
