import { deepEqual, equal, match } from 'node:assert/strict';
import { createReadStream } from 'node:fs';
import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { PassThrough } from 'node:stream';
import { text as textOf } from 'node:stream/consumers';
import { test } from 'node:test';
import { exportConversations, exportRooms } from '../../../server/cli/export.ts';
import { importConversations } from '../../../server/cli/import.ts';
import { MemoryStore } from '../../../server/store/memory-store.ts';
import type { Store } from '../../../server/store/store.ts';

const tenant = 'default';

async function exported(store: Store, room?: string): Promise<string> {
  let lines = '';
  for await (const part of exportConversations(store, tenant, room)) lines += part;
  return lines;
}

async function* bytesOf(lines: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(lines);
}

async function say(store: Store, room: string, senderId: string, text: string): Promise<number> {
  return (await store.appendMessage(tenant, { room, senderId, clientMsgId: `${senderId}:${text}`, text })).message.seq;
}

test('an export that was imported elsewhere is exported the same', async () => {
  let ids = 0;
  const store = new MemoryStore({ newId: () => `id${(ids += 1)}` });
  const { room: zoo } = await store.createRoom(tenant, { kind: 'group', name: 'Zoo', members: ['ada', 'ben'] });
  const { room: otherZoo } = await store.createRoom(tenant, { kind: 'group', name: 'Zoo', members: ['ada', 'lin'] });
  const { room: direct } = await store.createRoom(tenant, { kind: 'direct', members: ['ben', 'ada'] });
  const { room: notes } = await store.createRoom(tenant, { kind: 'direct', members: ['ada'] });
  await say(store, zoo.id, 'ada', 'one\ntwo "quoted" \\ <tag> 🌿 \u2028');
  await say(store, zoo.id, 'ben', 'three');
  await say(store, otherZoo.id, 'lin', 'in the other zoo');
  await say(store, direct.id, 'ben', 'between us');
  await say(store, notes.id, 'ada', 'to myself');

  const lines = await exported(store);
  deepEqual(
    lines.trim().split('\n').map((line) => (JSON.parse(line) as { room: string }).room),
    ['Zoo', 'Zoo', `Zoo (${otherZoo.id})`, 'ada', 'ada, ben'],
  );
  const elsewhere = new MemoryStore();
  await importConversations(elsewhere, tenant, bytesOf(lines));
  equal(await exported(elsewhere), lines);
});

test('rooms come by name, messages in their order, and deleted ones not at all', async () => {
  const store = new MemoryStore();
  const { room: late } = await store.createRoom(tenant, { kind: 'group', name: 'b', members: ['ada'] });
  const { room: early } = await store.createRoom(tenant, { kind: 'group', name: 'a', members: ['ada'] });
  for (let index = 0; index < 1_200; index += 1) await say(store, late.id, 'ada', `b${index}`);
  await say(store, early.id, 'ada', 'a');
  await store.deleteMessage(tenant, late.id, await say(store, late.id, 'ada', 'oh no'));
  const texts = (await exported(store)).trim().split('\n').map((line) => (JSON.parse(line) as { text: string }).text);
  deepEqual(texts, ['a', ...Array.from({ length: 1_200 }, (_, index) => `b${index}`)]);
  equal((await exported(store, 'a')).split('\n').length, 2);
});

test('the command writes a file that appears only when it is whole, or the standard output', async (context) => {
  const folder = await mkdtemp(join(tmpdir(), 'chatter-export-'));
  context.after(() => rm(folder, { recursive: true }));
  const store = new MemoryStore();
  const { room } = await store.createRoom(tenant, { kind: 'group', name: 'Zoo', members: ['ada'] });
  await say(store, room.id, 'ada', 'hello');
  let told = '';
  const terminal = { write: (text: string) => (told += text) };

  const file = join(folder, 'out.ndjson');
  equal(await exportRooms({ store, tenant, file, terminal }), 0);
  equal(await readFile(file, 'utf8'), await exported(store));
  match(told, /^Exported 1 message to .*out\.ndjson\.\n$/);

  const output = new PassThrough();
  const written = textOf(output);
  equal(await exportRooms({ store, tenant, output, terminal }), 0);
  equal(await written, await exported(store));

  told = '';
  equal(await exportRooms({ store, tenant, room: 'Nowhere', file, terminal }), 1);
  match(told, /^There is no room called "Nowhere"/);

  await writeFile(file, 'kept');
  store.history = () => Promise.reject(new Error('the disk is gone'));
  equal(await exportRooms({ store, tenant, file, terminal }), 1);
  match(told, /The export stopped: the disk is gone\./);
  equal(await readFile(file, 'utf8'), 'kept');
  deepEqual(await readdir(folder), ['out.ndjson']);
});

test('15,268 real messages go in and out again to the letter', async () => {
  const file = resolve(import.meta.dirname, '../../../../shared/data/ubuntu-irc.ndjson');
  const original = await readFile(file, 'utf8').catch(() => {
    throw new Error(`The real conversations are missing: ${file} must exist.`);
  });
  const store = new MemoryStore();
  const summary = await importConversations(store, tenant, createReadStream(file));
  deepEqual([summary.added, summary.known, summary.people, summary.rooms.length, summary.bad], [15_268, 0, 1_488, 12, 0]);
  const asRead = (lines: string): unknown[] => lines.trim().split('\n').map((line) => JSON.parse(line) as unknown);
  deepEqual(asRead(await exported(store)), asRead(original));
  equal((await importConversations(store, tenant, createReadStream(file))).added, 0);
});
