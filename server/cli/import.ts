import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import type { Store } from '../store/store.ts';
import { parseConversationLine, type SpokenLine } from './conversation.ts';
import { openProgress, type Terminal } from './progress.ts';
import { readLines } from './read-lines.ts';

const maxLineBytes = 1024 * 1024;
/** Messages held before they are stored: enough for one transaction to carry many, little enough for any memory. */
const batchMessages = 2_000;
const batchCharacters = 4_000_000;
const membersPerChange = 100;
const factsPerPage = 1_000;
/** Bad lines that are told one by one; of a file in another form altogether the first ones say enough. */
const maxBadLines = 1_000;

export interface ImportSummary {
  /** Messages that this run added. */
  added: number;
  /** Messages that were there already, from an earlier run. */
  known: number;
  people: number;
  /** Ids of the rooms that the file speaks of. */
  rooms: string[];
  /** Bad lines in all; `badLines` holds the first thousand. */
  bad: number;
  badLines: { number: number; problem: string }[];
}

export interface ImportProgress {
  bytes: number;
  messages: number;
}

/**
 * Reads conversations, a line a message (see `conversation.ts`), into rooms of `tenant`.
 *
 * Running it again adds nothing, and running it after a kill goes on where it was: a room is found by its name in the file
 * (`import:<room>`), a message by what it says, so nothing has to be remembered between runs. A bad line costs only itself.
 * Memory does not grow with the messages, only with the names of rooms and people.
 */
export async function importConversations(
  store: Store,
  tenant: string,
  chunks: AsyncIterable<Uint8Array>,
  onProgress: (progress: ImportProgress) => void = () => {},
): Promise<ImportSummary> {
  const rooms = new Map<string, ImportedRoom>();
  const people = new Set<string>();
  const badLines: ImportSummary['badLines'] = [];
  let bad = 0;
  let added = 0;
  let messages = 0;
  let bytes = 0;
  let waiting = 0;
  let waitingCharacters = 0;

  async function* counted(): AsyncGenerator<Uint8Array> {
    for await (const chunk of chunks) {
      bytes += chunk.length;
      yield chunk;
    }
  }

  const reject = (number: number, problem: string): void => {
    bad += 1;
    if (badLines.length < maxBadLines) badLines.push({ number, problem });
  };

  const flush = async (): Promise<void> => {
    const busy = [...rooms].filter(([, room]) => room.drafts.length > 0);
    await introduce(store, tenant, people, busy.flatMap(([, room]) => room.drafts.map((draft) => draft.senderId)));
    for (const [name, room] of busy) {
      room.record ??= await store.createRoom(tenant, { kind: 'group', name, key: `import:${name}`, members: [] });
      const drafts = room.drafts.splice(0);
      added += (await store.importMessages(tenant, room.record.room.id, drafts)).added;
      messages += drafts.length;
      onProgress({ bytes, messages });
    }
    waiting = waitingCharacters = 0;
  };

  for await (const line of readLines(counted(), maxLineBytes)) {
    if ('problem' in line) {
      reject(line.number, line.problem);
      continue;
    }
    if (line.text.trim() === '') continue;
    const spoken = parseConversationLine(line.text);
    if ('problem' in spoken) {
      reject(line.number, spoken.problem);
      continue;
    }
    const room = rooms.get(spoken.room) ?? new ImportedRoom();
    rooms.set(spoken.room, room);
    room.add(spoken);
    waiting += 1;
    waitingCharacters += spoken.text.length;
    if (waiting >= batchMessages || waitingCharacters >= batchCharacters) await flush();
  }
  await flush();

  // Members come in last: a newcomer has nothing unread, so nobody finds years of unread messages in the morning.
  for (const room of rooms.values()) await enrol(store, tenant, room);
  return {
    added, known: messages - added, people: people.size, rooms: [...rooms.values()].map((room) => room.record!.room.id), bad, badLines,
  };
}

/** A room of the file: what of it waits to be stored, and who spoke in it. */
class ImportedRoom {
  /** What the store knows of it, once it was made or found there. */
  record: { room: { id: string }; created: boolean } | undefined;
  readonly speakers = new Set<string>();
  readonly drafts: { senderId: string; clientMsgId: string; text: string; at: number }[] = [];
  /** How often each line of this one moment was seen: someone may say the same thing twice. */
  readonly #sameMoment = new Map<string, number>();
  #moment = Number.NaN;

  add(line: SpokenLine): void {
    this.speakers.add(line.from);
    this.drafts.push({ senderId: line.from, clientMsgId: this.#idOf(line), text: line.text, at: line.at });
  }

  /**
   * The same line has the same id in every run, wherever in the file it stands. Lines that agree in everything are told
   * apart by counting, within one moment only: files are sorted by time, and a count of all lines would need all memory.
   */
  #idOf({ room, from, at, text }: SpokenLine): string {
    if (at !== this.#moment) {
      this.#moment = at;
      this.#sameMoment.clear();
    }
    const line = JSON.stringify([room, from, at, text]);
    const before = this.#sameMoment.get(line) ?? 0;
    this.#sameMoment.set(line, before + 1);
    return `import:${createHash('sha256').update(`${line}${before || ''}`).digest('base64url')}`;
  }
}

/** Makes the people who are not known yet. Those who are keep the name that they have. */
async function introduce(store: Store, tenant: string, introduced: Set<string>, ids: readonly string[]): Promise<void> {
  const candidates = [...new Set(ids)].filter((id) => !introduced.has(id));
  if (candidates.length === 0) return;
  const known = new Set((await store.people(tenant, candidates)).map((person) => person.id));
  const strangers = candidates.filter((id) => !known.has(id));
  if (strangers.length > 0) await store.putPeople(tenant, strangers.map((id) => ({ id, name: id })));
  for (const id of candidates) introduced.add(id);
}

/** Makes everyone who spoke in a room a member of it, except who has left it since an earlier import. */
async function enrol(store: Store, tenant: string, { record, speakers }: ImportedRoom): Promise<void> {
  if (record === undefined) return;
  const room = record.room.id;
  const settled = new Set(await store.memberIds(tenant, room));
  if (!record.created && [...speakers].some((id) => !settled.has(id))) {
    for await (const id of leavers(store, tenant, room)) settled.add(id);
  }
  const newcomers = [...speakers].filter((id) => !settled.has(id));
  for (let start = 0; start < newcomers.length; start += membersPerChange) {
    await store.changeMembers(tenant, room, { add: newcomers.slice(start, start + membersPerChange) });
  }
}

async function* leavers(store: Store, tenant: string, room: string): AsyncGenerator<string> {
  let after = 0;
  for (let more = true; more;) {
    const changes = await store.changes(tenant, room, after, factsPerPage);
    for (const fact of changes.facts) if (fact.kind === 'member' && fact.member.leftAt !== undefined) yield fact.member.userId;
    ({ upTo: after, more } = changes);
  }
}

/**
 * `chatter-server import FILE`: the whole command, `-` being the standard input. Tells of its progress and its end on
 * `terminal`, and resolves to the exit code: 0 where every line was good, 1 where some were not or the file cannot be read.
 */
export async function importFile(options: { store: Store; tenant: string; file: string; terminal?: Terminal }): Promise<number> {
  const { store, tenant, file, terminal = process.stderr } = options;
  const startedAt = Date.now();
  let totalBytes: number | undefined;
  if (file !== '-') {
    const found = await stat(file).catch(() => undefined);
    if (!found) return refuse(terminal, `There is no file ${file}. Give the path of a file with a message a line.`);
    if (found.isDirectory()) return refuse(terminal, `${file} is a folder. Give the path of a file with a message a line.`);
    totalBytes = found.isFile() ? found.size : undefined;
  }

  const progress = openProgress(terminal, totalBytes);
  let summary: ImportSummary;
  try {
    const chunks: AsyncIterable<Uint8Array> = file === '-' ? process.stdin : createReadStream(file, { highWaterMark: 256 * 1024 });
    summary = await importConversations(store, tenant, chunks, progress.update);
  } catch (error) {
    progress.close();
    return refuse(terminal, `The import stopped: ${(error as Error).message}. Run it again to go on; what is stored already is kept and not added twice.`);
  }
  progress.close();

  const seconds = ((Date.now() - startedAt) / 1000).toFixed(1);
  const { added, known, people, rooms, bad, badLines } = summary;
  terminal.write(`Imported ${count(added, 'message')} of ${count(people, 'person', 'people')} in ${count(rooms.length, 'room')} in ${seconds} s`);
  terminal.write(known === 0 ? '.\n' : `; ${count(known, 'message')} known already.\n`);
  if (bad === 0) return 0;
  terminal.write(`${count(bad, 'line')} could not be imported:\n`);
  for (const { number, problem } of badLines) terminal.write(`  line ${number}: ${problem}\n`);
  if (bad > badLines.length) terminal.write(`  and ${count(bad - badLines.length, 'more line')}.\n`);
  terminal.write('All other lines were. Mend these and run it again: only they will be added.\n');
  return 1;
}

function refuse(terminal: Terminal, sentence: string): number {
  terminal.write(`${sentence}\n`);
  return 1;
}

function count(number: number, one: string, many = `${one}s`): string {
  return `${number.toLocaleString('en')} ${number === 1 ? one : many}`;
}
