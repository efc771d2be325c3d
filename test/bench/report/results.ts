import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import type { Measurement } from '../benchmark.ts';

/** A measurement that was kept: where and when it was made, for without that it means nothing. */
export interface Result extends Measurement {
  readonly machine: string;
  /** As 2026-11-23. */
  readonly date: string;
}

const file = new URL('../results.json', import.meta.url);

export function readResults(): Result[] {
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) as Result[] : [];
}

/** Keeps what was measured, in the place of whatever the same benchmarks had measured on the same kinds of store before. */
export function saveResults(measured: readonly Measurement[], where: { machine: string; date: string }): void {
  const results = merge(readResults(), measured.map((measurement) => ({ ...measurement, ...where })));
  writeFileSync(file, `[\n${results.map((result) => `  ${JSON.stringify(result)}`).join(',\n')}\n]\n`);
}

export function merge(earlier: readonly Result[], newer: readonly Result[]): Result[] {
  const subject = ({ benchmark, side, store }: Result): string => JSON.stringify([benchmark, side, store]);
  const replaced = new Set(newer.map(subject));
  const kept = earlier.filter((result) => !replaced.has(subject(result)));
  return [...kept, ...newer].sort((a, b) => a.benchmark.localeCompare(b.benchmark));
}
