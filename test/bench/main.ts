import { parseArgs } from 'node:util';
import type { Benchmark, Measurement } from './benchmark.ts';
import { cutAtOnce } from './cut-at-once.ts';
import { durableSends } from './durable-sends.ts';
import { fanOut } from './fan-out.ts';
import { idleConnections } from './idle-connections.ts';
import { longRoom } from './long-room.ts';
import { manyRooms } from './many-rooms.ts';
import { machineName } from './report/machine.ts';
import { printTable } from './report/print.ts';
import { saveResults } from './report/results.ts';
import { tablesOf } from './report/tables.ts';
import { profileServers } from './servers/child-server.ts';
import { type StoreKind, storeKinds, whyNot } from './servers/stores.ts';
import { twoNodes } from './two-nodes.ts';

const benchmarks: readonly Benchmark[] = [fanOut, durableSends, twoNodes, idleConnections, cutAtOnce, longRoom, manyRooms];

const usage = `npm run bench -- [NAME …] [--store KIND …] [--quick] [--save] [--profile FOLDER]

  NAME       one of ${benchmarks.map(({ name }) => name).join(', ')}; all of them where none is named
  --store    one of ${storeKinds.join(', ')}; all of those on which a benchmark differs where none is named
  --quick    a tenth of everything: to see that it runs, not to learn anything
  --save     keeps what was measured in test/bench/results.json, from which the README's tables are made
  --profile  each server leaves a profile of its processor time in this folder`;

const { values, positionals } = readArguments();
if (values.profile !== undefined) profileServers(values.profile);
const chosen = positionals.length === 0 ? benchmarks : benchmarks.filter(({ name }) => positionals.includes(name));
const where = { machine: machineName(), date: new Date().toISOString().slice(0, 10) };

const leftOut = new Set<StoreKind>();
for (const store of storeKinds) {
  const reason = whyNot(store);
  if (reason === undefined) continue;
  if (values.store?.includes(store)) fail(reason);
  leftOut.add(store);
  console.log(`Without ${store}. ${reason}`);
}

for (const benchmark of chosen) {
  const startedAt = performance.now();
  const stores = benchmark.stores.filter((store) => !leftOut.has(store) && (values.store === undefined || values.store.includes(store)));
  if (stores.length === 0) continue;
  console.log(`\n${benchmark.name}`);
  try {
    const measured: Measurement[] = await benchmark.run({ stores, isQuick: values.quick, say: (sentence) => console.log(`  ${sentence}`) });
    for (const table of tablesOf(measured.map((measurement) => ({ ...measurement, ...where })))) printTable(table);
    // At once, so that what fails later takes nothing along.
    if (values.save) saveResults(measured, where);
  } catch (error) {
    // The others are worth measuring all the same; what was measured of this one is not kept.
    process.exitCode = 1;
    console.error(`${benchmark.name} FAILED:`, error);
  }
  console.log(`  (${((performance.now() - startedAt) / 1000).toFixed(0)} s)`);
}

function readArguments() {
  try {
    const parsed = parseArgs({
      allowPositionals: true,
      options: {
        store: { type: 'string', multiple: true }, quick: { type: 'boolean', default: false }, save: { type: 'boolean', default: false },
        profile: { type: 'string' },
      },
    });
    const unknown = [
      ...parsed.positionals.filter((name) => !benchmarks.some((benchmark) => benchmark.name === name)),
      ...(parsed.values.store ?? []).filter((store) => !storeKinds.includes(store as StoreKind)),
    ];
    if (unknown.length > 0) throw new Error(`There is no ${unknown.join(', ')}.`);
    if (parsed.values.quick && parsed.values.save) throw new Error('What --quick measures is not worth keeping.');
    return parsed;
  } catch (error) {
    return fail(`${(error as Error).message}\n\n${usage}`);
  }
}

function fail(sentence: string): never {
  console.error(sentence);
  process.exit(2);
}
