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
  /** Where cases stand side by side, to be compared, and not those measured. */
  areCasesColumns?: boolean;
  /** Where what is noted of a measurement belongs below the table. */
  areNotesShown?: boolean;
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
      + 'sender could or not. Up to twenty of those in the room write. Chatter and Socket.IO put each message on disk before they tell anybody; the bare `ws` library '
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
    benchmark: 'two-nodes',
    question: 'What does a second node change?',
    caseOf: { head: '', label: (nodes) => (nodes === '1' ? 'one node' : `${nodes} nodes`) },
    lines: [
      { label: 'to those on the node of the sender', figures: ['localP50Ms', 'localP99Ms'], format: p50p99 },
      { label: 'to those on another node', figures: ['remoteP50Ms', 'remoteP99Ms'], format: p50p99 },
      { label: 'deliveries a second, saturated', figures: ['deliveriesPerSecond'], format: thousands },
      { label: 'all see one order', figures: ['isOneOrder'], format: (isOne) => (isOne === 1 ? 'yes' : 'no') },
      { label: 'messages put on disk a second', figures: ['sendsPerSecond'], format: thousands },
    ],
    how: 'Nodes on one Postgres and one Redis; a room of 1,000 people, as many on each node. Times are from when a message was due to its arrival, half of them and 99 of 100, at 20 a second. '
      + 'The last row is of fifty people in rooms of two. All of it, the database and the load share the processors of one machine, so that a second node has nothing more to work with than the first.',
  },
  {
    benchmark: 'idle-connections',
    question: 'What does a connection cost that says nothing?',
    areNotesShown: true,
    caseOf: { head: '', label: (count) => `${thousands(Number(count))} connections` },
    lines: [
      { label: 'memory of the process for each', figures: ['residentBytes'], format: kibibytes },
      { label: 'of it on the heap', figures: ['heapBytes'], format: kibibytes },
      { label: 'time until all were there', figures: ['connectMs'], format: millis },
    ],
    how: 'How much the process grew, from before they came to when they had said nothing for fifteen seconds: what it took for garbage it has given back by then. In Chatter and Socket.IO each connection has proved who it is and has a room of twenty open; the bare library knows nobody.',
  },
  {
    benchmark: 'cut-at-once',
    question: 'How soon is everybody back, when all connections are cut at once?',
    areNotesShown: true,
    caseOf: { head: '', label: (count) => `${thousands(Number(count))} connections` },
    lines: [
      { label: 'half are signed in again', figures: ['ready50Ms'], format: millis },
      { label: '99 of 100', figures: ['ready99Ms'], format: millis },
      { label: 'all', figures: ['readyAllMs'], format: millis },
      { label: '99 of 100 have their list, and all that they missed of their room', figures: ['caughtUp99Ms'], format: millis },
      { label: 'processor time of the server for each', figures: ['serverMsEach'], format: millis },
      { label: 'SQL statements for each', figures: ['statementsEach'], format: (each) => each!.toFixed(2) },
    ],
    how: 'From the cut. Each comes back as the elements do: after a random wait (up to a second at first, doubled at each try), with a new connection, its token, its list of rooms, '
      + 'and the room of fifty that it had open, from its cursor on; somebody wrote there meanwhile.',
  },
  {
    benchmark: 'long-room',
    question: 'What does a room of a million messages cost, beside one of a hundred?',
    caseOf: { head: '', label: (count) => `${thousands(Number(count))} messages` },
    areCasesColumns: true,
    lines: [cost('opened at its end', 'open'), cost('one page further back', 'older'), cost('a page somewhere in it', 'jump'),
      cost('opened again, ten messages behind', 'resume'), cost('read up to somewhere in it', 'read')],
    how: 'Half of the times took up to this long, from the request to its answer, with nothing else going on; and how many SQL statements each took. Pages are of fifty messages of 200 characters.',
  },
  {
    benchmark: 'many-rooms',
    question: 'What do thousands of rooms cost whoever is in them?',
    caseOf: { head: '', label: (count) => `in ${thousands(Number(count))} rooms` },
    areCasesColumns: true,
    lines: [cost('connected and signed in', 'connect'), cost('first fifty rooms of the list', 'list'), cost('fifty more, on to the last', 'page')],
    how: 'As above.',
  },
];

/** How many statements and how long. */
function cost(label: string, name: string): Line {
  return {
    label, figures: [`${name}Statements`, `${name}Ms`],
    format: (statements, ms) => `${Number(statements!.toFixed(1))} SQL, ${millis(ms!)}`,
  };
}

/** The tables that these results fill, in the order that a reader would ask. */
export function tablesOf(results: readonly Result[]): Table[] {
  return layouts.flatMap((layout) => {
    const table = lay(layout, results.filter(({ benchmark }) => benchmark === layout.benchmark));
    return table.rows.length === 0 ? [] : [table];
  });
}

function lay(layout: Layout, results: readonly Result[]): Table {
  const { question, how, caseOf, lines } = layout;
  const cases = distinct(results.map((result) => result.case)).sort((a, b) => Number(a) - Number(b));
  const subjects = distinct(results.map(subjectOf));
  const cellOf = (subject: string, name: string, { figures, format }: Line): string => {
    const found = results.find((result) => result.case === name && subjectOf(result) === subject);
    const values = figures.map((figure) => found?.figures[figure]).filter((value) => value !== undefined);
    return values.length === figures.length ? format(...values) : '';
  };
  const labels = (first: string, line: Line): string => [first, line.label].filter((part) => part !== '').join(': ');
  // Of one case alone the head tells.
  const isOne = cases.length === 1 && lines.length > 1;
  const [head, rows] = layout.areCasesColumns
    ? [
      ['', ...cases.map(caseOf.label)],
      subjects.flatMap((subject) => lines.map((line) => [labels(subject, line), ...cases.map((name) => cellOf(subject, name, line))])),
    ]
    : [
      [isOne ? caseOf.label(cases[0]!) : caseOf.head, ...subjects],
      cases.flatMap((name) => lines.map((line) => [labels(isOne ? '' : caseOf.label(name), line), ...subjects.map((subject) => cellOf(subject, name, line))])),
    ];
  // A row of nothing is of what was measured for another table.
  const filled = rows.filter(([, ...cells]) => cells.some((cell) => cell !== ''));
  const notes = layout.areNotesShown ? distinct(results.flatMap(({ note }) => note ?? [])) : [];
  return { question, head, rows: filled, how: [how, ...notes].join(' '), measured: measuredAt(results) };
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
