import type { Table } from './tables.ts';

/** A table for a terminal. */
export function printTable({ question, head, rows, how, measured }: Table): void {
  const lines = [head, ...rows];
  const widths = head.map((_, column) => Math.max(...lines.map((line) => line[column]!.length)));
  console.log(`\n${question}\n`);
  for (const line of lines) console.log(`  ${line.map((cell, column) => cell.padEnd(widths[column]!)).join('   ').trimEnd()}`);
  console.log(`\n  ${`${how} ${measured}`.replaceAll(/(.{1,110})(?: |$)/g, '$1\n  ').trimEnd()}`);
}
