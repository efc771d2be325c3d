import type { DurableSends } from './durable-sends.ts';
import type { FanOut, FanOutShape } from './fan-out.ts';
import type { IdleMemory } from './idle-memory.ts';

/** A line of the table: Chatter beside the bare `ws` library, where that can do the same. */
export interface Row {
  what: string;
  chatter: string;
  bare: string;
  /** How many times better Chatter is; below 1 it is worse. */
  ratio: string;
}

export function fanOutRows(shape: FanOutShape, frameBytes: number, chatter: FanOut, bare: FanOut): Row[] {
  const what = `1 room, ${thousands(shape.sessions)} sessions, ${frameBytes}-byte frames`;
  return [
    row(`${what}: deliveries a second, saturated`, chatter.deliveriesPerSecond, bare.deliveriesPerSecond, thousands, 'more'),
    row(`${what}: server time for a delivery, saturated`, chatter.serverMicrosecondsPerDelivery, bare.serverMicrosecondsPerDelivery, micros, 'less'),
    row(`${what}: p50 from send to arrival, ${shape.calmPerSecond} messages a second`, chatter.calmP50Ms, bare.calmP50Ms, millis, 'less'),
    row(`${what}: p99 of the same`, chatter.calmP99Ms, bare.calmP99Ms, millis, 'less'),
  ];
}

export function sendsRow(who: string, sends: DurableSends): Row {
  return {
    what: `Durable sends a second, ${who}`,
    chatter: `${thousands(sends.sendsPerSecond)} (acknowledged in ${millis(sends.ackP50Ms)}, p99 ${millis(sends.ackP99Ms)})`,
    bare: 'stores nothing',
    ratio: '',
  };
}

export function idleMemoryRows(count: number, chatter: IdleMemory, bare: IdleMemory): Row[] {
  return [
    row(`Resident memory for an idle connection, the first ${thousands(count)} of a new process`, chatter.firstResidentBytes, bare.firstResidentBytes, kibibytes, 'less'),
    row(`Resident memory for an idle connection, the next ${thousands(count)}`, chatter.nextResidentBytes, bare.nextResidentBytes, kibibytes, 'less'),
    row('Heap that each of those holds', chatter.nextHeapBytes, bare.nextHeapBytes, kibibytes, 'less'),
  ];
}

export function printTable(rows: readonly Row[]): void {
  const table: Row[] = [{ what: 'what', chatter: 'Chatter', bare: 'bare ws', ratio: 'ratio' }, ...rows];
  const widthOf = (column: keyof Row): number => Math.max(...table.map((line) => line[column].length));
  const widths = { what: widthOf('what'), chatter: widthOf('chatter'), bare: widthOf('bare'), ratio: widthOf('ratio') };
  for (const line of table) {
    console.log((Object.keys(widths) as (keyof Row)[]).map((column) => line[column].padEnd(widths[column])).join('  ').trimEnd());
  }
}

function row(what: string, chatter: number, bare: number, format: (value: number) => string, better: 'more' | 'less'): Row {
  const ratio = better === 'more' ? chatter / bare : bare / chatter;
  return { what, chatter: format(chatter), bare: format(bare), ratio: `${ratio.toFixed(2)} ×` };
}

function thousands(value: number): string {
  return Math.round(value).toLocaleString('en');
}

function micros(value: number): string {
  return `${value.toFixed(2)} µs`;
}

function millis(value: number): string {
  return `${value.toFixed(1)} ms`;
}

function kibibytes(value: number): string {
  return `${(value / 1024).toFixed(1)} KiB`;
}
