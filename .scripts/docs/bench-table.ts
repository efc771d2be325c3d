import { readResults } from '../../test/bench/report/results.ts';
import { tablesOf } from '../../test/bench/report/tables.ts';
import { table } from './table.ts';

/** What `npm run bench -- --save` measured last: a table a question, and below each how, where and when it was measured. */
export function benchTable(): string {
  const tables = tablesOf(readResults());
  // Said once, where it is true of all.
  const areTogether = new Set(tables.map(({ measured }) => measured)).size === 1;
  const parts = tables.map(({ question, head, rows, how, measured }) =>
    `### ${question}\n\n${table(head, rows)}\n\n${areTogether ? how : `${how} ${measured}`}`);
  return [...parts, ...(areTogether ? [tables[0]!.measured] : [])].join('\n\n');
}
