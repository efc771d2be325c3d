import { deepEqual, equal, match, ok } from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { exportConversations } from '../../../server/cli/export.ts';
import { importConversations, importFile } from '../../../server/cli/import.ts';
import { MemoryStore } from '../../../server/store/memory-store.ts';
import type { Store } from '../../../server/store/store.ts';

const tenant = 'default';

function line(room: string, from: string, at: string, text: string): string {
  return `${JSON.stringify({ room, from, at: `2024-05-01T${at}.000Z`, text })}\n`;
}

async function* chunks(...parts: (string | Uint8Array)[]): AsyncGenerator<Uint8Array> {
  for (const part of parts) yield typeof part === 'string' ? Buffer.from(part) : part;
}

async function exported(store: Store): Promise<string> {
  let lines = '';
  for await (const part of exportConversations(store, tenant)) lines += part;
  return lines;
}

async function onlyRoom(store: Store): Promise<string> {
  const { rooms } = await store.rooms(tenant, { limit: 10 });
  equal(rooms.length, 1);
  return rooms[0]!.id;
}

const garden =
  line('garden', 'mira', '10:00:00', 'The tomatoes have moved in') +
  line('garden', 'ben', '10:01:00', 'Tie them to something') +
  line('garden', 'mira', '10:02:00', '<b>Done</b> & dusted');

test('messages come in with their author, time and text, in their order', async () => {
  const store = new MemoryStore();
  const summary = await importConversations(store, tenant, chunks(garden));
  deepEqual(summary, { added: 3, known: 0, people: 2, rooms: [await onlyRoom(store)], bad: 0, badLines: [] });
  const page = await store.history(tenant, await onlyRoom(store), { limit: 10 });
  deepEqual(
    page.messages.map(({ senderId, at, text }) => [senderId, new Date(at).toISOString(), text]),
    [
      ['mira', '2024-05-01T10:00:00.000Z', 'The tomatoes have moved in'],
      ['ben', '2024-05-01T10:01:00.000Z', 'Tie them to something'],
      ['mira', '2024-05-01T10:02:00.000Z', '<b>Done</b> & dusted'],
    ],
  );
});

test('everyone who spoke is a member with nothing unread, in a room that is called as in the file', async () => {
  const store = new MemoryStore();
  await importConversations(store, tenant, chunks(garden));
  const { rooms } = await store.summaries(tenant, 'ben', { limit: 10 });
  deepEqual(rooms.map(({ kind, name, unread, memberCount }) => ({ kind, name, unread, memberCount })), [
    { kind: 'group', name: 'garden', unread: 0, memberCount: 2 },
  ]);
});

test('G2: a second run adds nothing, and a longer file adds only what is new', async () => {
  const store = new MemoryStore();
  await importConversations(store, tenant, chunks(garden));
  const seqBefore = (await store.room(tenant, await onlyRoom(store)))!.seq;
  const again = await importConversations(store, tenant, chunks(garden));
  deepEqual([again.added, again.known, again.people], [0, 3, 2]);
  equal((await store.room(tenant, await onlyRoom(store)))!.seq, seqBefore);

  const more = line('garden', 'lin', '10:03:00', 'Hello');
  const longer = await importConversations(store, tenant, chunks(more, garden));
  deepEqual([longer.added, longer.known, longer.people], [1, 3, 3]);
  deepEqual(await store.memberIds(tenant, await onlyRoom(store)), ['ben', 'lin', 'mira']);
});

test('someone who says the same thing twice in one moment is heard twice, in every run', async () => {
  const store = new MemoryStore();
  const twice = line('garden', 'mira', '10:00:00', 'ha') + line('garden', 'ben', '10:00:00', 'ha') + line('garden', 'mira', '10:00:00', 'ha');
  equal((await importConversations(store, tenant, chunks(twice))).added, 3);
  equal((await importConversations(store, tenant, chunks(twice))).added, 0);
  equal(await exported(store), twice);
});

test('G2: a run that was broken off anywhere is finished by the next one, and nothing doubles', async () => {
  const lines = Array.from({ length: 5_000 }, (_, index) => `${JSON.stringify({
    room: `room ${index % 3}`, from: `person ${index % 7}`, at: new Date(Date.UTC(2024, 0, 1) + index * 1000), text: `message ${index}`,
  })}\n`);
  const whole = new MemoryStore();
  await importConversations(whole, tenant, chunks(...lines));

  const store = new MemoryStore();
  async function* breakingOff(): AsyncGenerator<Uint8Array> {
    yield* chunks(...lines.slice(0, 4_500));
    throw new Error('the plug was pulled');
  }
  let isBroken = false;
  await importConversations(store, tenant, breakingOff()).catch(() => (isBroken = true));
  ok(isBroken);
  const { added, known } = await importConversations(store, tenant, chunks(...lines));
  ok(known >= 4_000, `${known} were kept`);
  equal(added + known, 5_000);
  equal(await exported(store), await exported(whole));
  deepEqual(await store.memberIds(tenant, (await store.rooms(tenant, { limit: 1 })).rooms[0]!.id), [0, 1, 2, 3, 4, 5, 6].map((n) => `person ${n}`));
});

test('someone who left the room is not brought back, and a message that was deleted stays deleted', async () => {
  const store = new MemoryStore();
  await importConversations(store, tenant, chunks(garden));
  const room = await onlyRoom(store);
  await store.changeMembers(tenant, room, { remove: ['ben'] });
  const first = (await store.history(tenant, room, { limit: 10 })).messages[0]!;
  await store.deleteMessage(tenant, room, first.seq);
  equal((await importConversations(store, tenant, chunks(garden))).added, 0);
  deepEqual(await store.memberIds(tenant, room), ['mira']);
  equal((await store.message(tenant, room, first.seq))!.text, '');
});

test('someone who is known keeps the name that they have', async () => {
  const store = new MemoryStore();
  await store.putPeople(tenant, [{ id: 'mira', name: 'Mira Solberg' }]);
  await importConversations(store, tenant, chunks(garden));
  deepEqual(await store.people(tenant, ['mira', 'ben']), [{ id: 'mira', name: 'Mira Solberg' }, { id: 'ben', name: 'ben' }]);
});

test('bad lines are told by number and reason, and cost only themselves', async () => {
  const store = new MemoryStore();
  const good = JSON.parse(line('garden', 'mira', '10:00:00', 'x')) as object;
  const broken = (change: object): string => `${JSON.stringify({ ...good, ...change })}\n`;
  const bytes: (string | Uint8Array)[] = [
    line('garden', 'mira', '09:00:00', 'first'),
    '{"room": "garden"\n',
    broken({ from: undefined }),
    broken({ at: 'yesterday' }),
    broken({ text: ' \n ' }),
    broken({ text: 'x'.repeat(8_001) }),
    '["garden"]\n',
    broken({ room: 'a\nb' }),
    broken({ text: 5 }),
    broken({ text: '\ud800' }),
    `${' '.repeat(1024 * 1024)}x\n`,
    Buffer.from([0xff, 0x0a]),
    '\n',
    line('garden', 'mira', '10:00:00', 'last'),
  ];
  const summary = await importConversations(store, tenant, chunks(...bytes));
  equal(summary.added, 2);
  equal(summary.bad, 11);
  const told = new Map(summary.badLines.map(({ number, problem }) => [number, problem]));
  match(told.get(2)!, /^is not JSON/);
  equal(told.get(3), '"from" is missing');
  equal(told.get(4), '"at" must be a date and time as 2024-12-25T09:14:00.000Z');
  equal(told.get(5), '"text" must not be blank');
  equal(told.get(6), '"text" must have at most 8000 characters');
  equal(told.get(7), 'must be an object with "room", "from", "at" and "text"');
  equal(told.get(8), '"room" must be one line');
  equal(told.get(9), '"text" must be a string');
  equal(told.get(10), '"text" must be well-formed Unicode');
  equal(told.get(11), 'is longer than 1048576 bytes');
  equal(told.get(12), 'is not UTF-8');
});

test('the command ends with 0 where all is well, and with 1 and the bad lines at the end where not', async (context) => {
  const folder = await mkdtemp(join(tmpdir(), 'chatter-import-'));
  context.after(() => rm(folder, { recursive: true }));
  const run = async (file: string): Promise<{ code: number; told: string }> => {
    let told = '';
    const terminal = { write: (text: string) => (told += text) };
    return { code: await importFile({ store, tenant, file, terminal }), told };
  };
  const store = new MemoryStore();
  const file = join(folder, 'conversations.ndjson');

  await writeFile(file, garden);
  const good = await run(file);
  equal(good.code, 0);
  match(good.told, /^Imported 3 messages of 2 people in 1 room in \d+\.\d s\.\n$/);

  await writeFile(file, `${garden}{}\n`);
  const bad = await run(file);
  equal(bad.code, 1);
  match(bad.told, /; 3 messages known already\.\n1 line could not be imported:\n {2}line 4: "room" is missing; .*\nAll other lines were\./);

  const missing = await run(join(folder, 'nowhere.ndjson'));
  equal(missing.code, 1);
  match(missing.told, /^There is no file .*nowhere\.ndjson\. /);
  match((await run(folder)).told, /is a folder/);
});
