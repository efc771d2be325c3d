import type { StoreKind } from '../servers/stores.ts';
import { kibibytes, micros, millis, p50p99, people, thousands } from './format.ts';
import type { Result } from './results.ts';

/** One question a table: of one with all the figures nobody would see the answer. */
export interface Table {
  question: string;
  head: string[];
  rows: string[][];
  /** How it was measured. */
  how: string;
  /** Where and when. */
  measured: string;
}

interface Layout {
  benchmark: string;
  question: string;
  /** Names the first column, and a case in it. */
  caseOf: { head: string; label: (name: string) => string };
  /** What is told of each case. Where it is one thing, its label is the question. */
  lines: readonly Line[];
  how: string;
}

interface Line {
  label: string;
  /** What is shown, and how; nothing where one of them was not measured. */
  figures: readonly string[];
  format: (...values: number[]) => string;
}

const storeNames: Record<StoreKind, string> = { sqlite: 'SQLite', postgres: 'Postgres', mariadb: 'MariaDB' };

const inOneRoom = { head: 'in the room', label: people };

const layouts: readonly Layout[] = [
  {
    benchmark: 'fan-out',
    question: 'How many messages a second does one room take?',
    caseOf: inOneRoom,
    lines: [{ label: '', figures: ['highestPerSecond'], format: thousands }],
    how: 'The highest rate at which 99 of 100 messages reached everyone in the room within 250 ms, counted from when each was due to be sent, whether the '
      + 'sender could or not. Twenty of those in the room write. Chatter and Socket.IO put each message on disk before they tell anybody; the bare `ws` library '
      + 'stores nothing, and broadcasts frames of the same size, one a message. On Postgres, Chatter and Socket.IO have a Redis for further nodes (Socket.IO by its Redis adapter).',
  },
  {
    benchmark: 'fan-out',
    question: 'How soon does a message arrive?',
    caseOf: inOneRoom,
    lines: [{ label: '', figures: ['calmP50Ms', 'calmP99Ms'], format: p50p99 }],
    how: 'Half of the messages, and 99 of 100, from when each was due to be sent to its arrival at a socket, at 20 messages a second.',
  },
  {
    benchmark: 'fan-out',
    question: 'How many deliveries a second, when everybody writes as fast as they are answered?',
    caseOf: inOneRoom,
    lines: [{
      label: '', figures: ['deliveriesPerSecond', 'serverMicrosecondsPerDelivery'],
      format: (perSecond, microseconds) => `${thousands(perSecond!)} (${micros(microseconds!)})`,
    }],
    how: 'Messages arriving at sockets, and the processor time of the server for each. Under load Chatter packs what has gathered into one frame.',
  },
  {
    benchmark: 'durable-sends',
    question: 'How many messages a second are put on disk?',
    caseOf: { head: 'fifty people', label: (size) => (size === '50' ? 'in one room' : `in rooms of ${size}`) },
    lines: [{
      label: '', figures: ['sendsPerSecond', 'acknowledgedP50Ms', 'acknowledgedP99Ms'],
      format: (perSecond, p50Ms, p99Ms) => `${thousands(perSecond!)} (${p50p99(p50Ms!, p99Ms!)})`,
    }],
    how: 'Sends acknowledged a second, which is after COMMIT and its sync to disk, each of the fifty having eight unanswered; and how long half of the answers, and 99 of 100, took.',
  },
  {
    benchmark: 'idle-connections',
    question: 'What does a connection cost that says nothing?',
    caseOf: { head: '', label: (count) => `${thousands(Number(count))} connections` },
    lines: [
      { label: 'memory of the process for each', figures: ['residentBytes'], format: kibibytes },
      { label: 'of it on the heap', figures: ['heapBytes'], format: kibibytes },
      { label: 'time until all were there', figures: ['connectMs'], format: millis },
    ],
    how: 'Growth of a new process, which is also room for garbage. In Chatter and Socket.IO each connection has proved who it is and has a room of twenty open; the bare library knows nobody.',
  },
];

/** The tables that these results fill, in the order that a reader would ask. */
export function tablesOf(results: readonly Result[]): Table[] {
  return layouts.flatMap((layout) => {
    const table = lay(layout, results.filter(({ benchmark }) => benchmark === layout.benchmark));
    return table.rows.length === 0 ? [] : [table];
  });
}

function lay({ question, caseOf, lines, how }: Layout, results: readonly Result[]): Table {
  const cases = distinct(results.map((result) => result.case)).sort((a, b) => Number(a) - Number(b));
  const subjects = distinct(results.map(subjectOf));
  const cellOf = (subject: string, name: string, { figures, format }: Line): string => {
    const found = results.find((result) => result.case === name && subjectOf(result) === subject);
    const values = figures.map((figure) => found?.figures[figure]).filter((value) => value !== undefined);
    return values.length === figures.length ? format(...values) : '';
  };
  const rows = cases.flatMap((name) => lines.map((line) =>
    [[caseOf.label(name), line.label].filter((part) => part !== '').join(': '), ...subjects.map((subject) => cellOf(subject, name, line))]));
  // A row of nothing is of what was measured for another table.
  const filled = rows.filter(([, ...cells]) => cells.some((cell) => cell !== ''));
  return { question, head: [caseOf.head, ...subjects], rows: filled, how, measured: measuredAt(results) };
}

function subjectOf({ side, store }: Result): string {
  if (side === 'ws') return 'bare `ws`';
  return store === undefined ? side : `${side}, ${storeNames[store]}`;
}

/** Where and when; who is meant, where not all were measured together. */
function measuredAt(results: readonly Result[]): string {
  const places = distinct(results.map(({ date, machine }) => `Measured on ${date}: ${machine}, load and servers on the same machine.`));
  if (places.length === 1) return places[0]!;
  return places.map((place) => {
    const subjects = distinct(results.filter(({ date, machine }) => place.includes(`${date}: ${machine},`)).map(subjectOf));
    return `${subjects.join('; ')}: ${place[0]!.toLowerCase()}${place.slice(1)}`;
  }).join(' ');
}

function distinct(values: readonly string[]): string[] {
  return [...new Set(values)];
}
