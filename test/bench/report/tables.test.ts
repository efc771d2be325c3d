import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Result } from './results.ts';
import { merge } from './results.ts';
import { tablesOf } from './tables.ts';

const monday = { machine: 'machine A', date: '2026-01-05' };
const tuesday = { machine: 'machine B', date: '2026-01-06' };

function result(what: Pick<Result, 'benchmark' | 'side'> & Partial<Result>): Result {
  return { case: '50', figures: { sendsPerSecond: 1_000, acknowledgedP50Ms: 5, acknowledgedP99Ms: 20.4 }, ...monday, ...what };
}

test('a run of one benchmark on one store replaces what that measured before, cases it no longer has included, and keeps the rest', () => {
  const kept = [
    result({ benchmark: 'durable-sends', side: 'Chatter', store: 'postgres' }),
    result({ benchmark: 'fan-out', side: 'Chatter', store: 'sqlite' }),
  ];
  const earlier = [
    result({ benchmark: 'durable-sends', side: 'Chatter', store: 'sqlite', case: '7' }),
    result({ benchmark: 'durable-sends', side: 'Chatter', store: 'sqlite', case: '50' }),
    ...kept,
  ];
  const newer = [result({ benchmark: 'durable-sends', side: 'Chatter', store: 'sqlite', case: '50', ...tuesday })];
  assert.deepEqual(new Set(merge(earlier, newer)), new Set([...kept, ...newer]));
});

test('a table has a row a case in the order of their size, and a column for each of those measured', () => {
  const [table] = tablesOf([
    result({ benchmark: 'durable-sends', side: 'Chatter', store: 'sqlite', case: '50' }),
    result({ benchmark: 'durable-sends', side: 'Chatter', store: 'sqlite', case: '2' }),
    result({ benchmark: 'durable-sends', side: 'Chatter', store: 'postgres', case: '2' }),
  ]);
  assert.deepEqual(table?.head.slice(1), ['Chatter, SQLite', 'Chatter, Postgres']);
  assert.deepEqual(table?.rows, [
    ['in rooms of 2', '1,000 (5.0 / 20 ms)', '1,000 (5.0 / 20 ms)'],
    ['in one room', '1,000 (5.0 / 20 ms)', ''],
  ]);
});

test('a table of figures that were measured apart says which were measured where', () => {
  const [table] = tablesOf([
    result({ benchmark: 'durable-sends', side: 'Chatter', store: 'sqlite' }),
    result({ benchmark: 'durable-sends', side: 'Chatter', store: 'postgres', ...tuesday }),
  ]);
  assert.match(table!.measured, /Chatter, SQLite: measured on 2026-01-05: machine A, .* Chatter, Postgres: measured on 2026-01-06: machine B, /);
});

test('where nothing was measured there is no table', () => {
  assert.deepEqual(tablesOf([]), []);
});
