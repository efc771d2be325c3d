import { existsSync, readFileSync } from 'node:fs';
import { root } from '../root.ts';
import { table } from './table.ts';

interface Results {
  machine: string;
  date: string;
  rows: { what: string; chatter: string; bare: string; ratio: string }[];
}

/** What `npm run bench -- --save` measured last, with the machine named. */
export function benchTable(): string {
  const file = `${root}test/bench/results.json`;
  if (!existsSync(file)) return '';
  const { machine, date, rows } = JSON.parse(readFileSync(file, 'utf8')) as Results;
  const figures = table(['', 'Chatter', 'bare `ws`', 'ratio'], rows.map(({ what, chatter, bare, ratio }) => [what, chatter, bare, ratio]));
  return `${figures}\n\nMeasured on ${date}: ${machine}, load and server on the same machine.`;
}
