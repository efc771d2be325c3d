import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import fc from 'fast-check';
import { limits } from '#protocol/codes';
import { readLines } from '../../server/cli/read-lines.ts';
import { ChatterError, parseConversationLine, type Store } from '../../server/index.ts';
import { MemoryStore } from '../../server/store/memory-store.ts';
import { openSequelizeStore } from '../../server/store/sequelize-store.ts';
import { fuzz } from './fuzz.ts';
import { damaged, hostileKeys, hostileText, hostileValue } from './hostile.ts';

/* What comes from files, and what pages hand back to be gone on from. */

describe('lines of a conversation to be imported', () => {
  const line = damaged(fc.array(fc.tuple(fc.oneof(fc.constantFrom('room', 'from', 'at', 'text'), fc.constantFrom(...hostileKeys)), hostileValue), { maxLength: 3 })
    .map((changes) => JSON.stringify({ room: 'Garden', from: 'ann', at: '2024-12-25T09:14:00.000Z', text: 'hello', ...Object.fromEntries(changes) })));

  it('say a message that could be sent, or why they do not', async () => {
    await fuzz(line, 1_000, (text) => {
      const said = parseConversationLine(text);
      if ('problem' in said) {
        assert.ok(said.problem !== '' && !/\bat \S+ \(|node:/.test(said.problem), said.problem);
        return;
      }
      assert.ok(said.text.length <= limits.textCharacters && said.text.isWellFormed() && !said.text.includes('\u0000') && said.text.trim() !== '');
      assert.ok(Number.isSafeInteger(said.at) && said.from.length <= 128 && said.from.isWellFormed() && said.room.length <= limits.nameCharacters);
    });
  });

  it('are cut out of any bytes, in constant memory, however those come', async () => {
    const bytes = fc.array(fc.oneof(fc.uint8Array({ maxLength: 80 }), fc.constantFrom('\n', '\r\n', '\n\n', '💥', '\uFEFF', 'x'.repeat(300)).map((text) => new TextEncoder().encode(text))), { maxLength: 12 });
    await fuzz(bytes, 500, async (chunks) => {
      const numbers: number[] = [];
      for await (const read of readLines((async function* () { yield* chunks; })(), 200)) {
        numbers.push(read.number);
        if ('text' in read) assert.ok(Buffer.byteLength(read.text) <= 200 && !read.text.includes('\n'));
        else assert.match(read.problem, /^is (longer than 200 bytes|not UTF-8)$/);
      }
      const whole = Buffer.concat(chunks);
      const count = whole.reduce((sum, byte) => sum + (byte === 0x0a ? 1 : 0), 0) + (whole.length > 0 && whole.at(-1) !== 0x0a ? 1 : 0);
      assert.deepEqual(numbers, Array.from({ length: count }, (_, index) => index + 1));
    });
  });
});

describe('cursors that nobody was given', () => {
  const stores: [name: string, store: Store][] = [];
  let folder: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'chatter-cursors-'));
    stores.push(['memory', new MemoryStore()], ['a database', await openSequelizeStore({ url: `sqlite:${join(folder, 'chat.sqlite3')}` })]);
    for (const [, store] of stores) {
      await store.putPeople('t', ['ann', 'ben'].map((id) => ({ id, name: id })));
      for (const name of ['One', 'Two', 'Three']) await store.createRoom('t', { kind: 'group', name, members: ['ann', 'ben'] });
    }
  });
  after(async () => {
    for (const [, store] of stores) await store.close();
    await rm(folder, { recursive: true });
  });

  it('G8: lead to a page of what is one\'s own, or to a refusal', async () => {
    const cursor = fc.oneof(hostileText, fc.tuple(fc.string({ maxLength: 12 }), fc.string({ maxLength: 12 })).map((parts) => parts.join('.')), fc.tuple(fc.nat(), hostileText).map(([at, id]) => `${at.toString(36)}.${id}`))
      // What the protocol's schemas let through to a store.
      .map((text) => text.toWellFormed().replaceAll('\u0000', '').slice(0, 200));
    await fuzz(fc.tuple(cursor, hostileText), 200, async ([text, query]) => {
      for (const [name, store] of stores) {
        try {
          for (const { id } of (await store.summaries('t', 'ann', { cursor: text, limit: 2, query: query.toWellFormed().replaceAll('\u0000', '').slice(0, 100) })).rooms) assert.ok(await store.member('t', id, 'ann'));
        } catch (error) {
          assert.ok(error instanceof ChatterError && error.code === 'bad_frame', `${name}: ${String(error)}`);
        }
        const { rooms } = await store.rooms('t', { cursor: text, limit: 10 });
        assert.ok(rooms.length <= 3);
        const [room] = (await store.rooms('t', { limit: 1 })).rooms;
        assert.ok((await store.members('t', room!.id, { cursor: text, limit: 10 })).members.length <= 2);
        assert.deepEqual(await store.summaries(text, 'ann', { limit: 10 }), { rooms: [] }, 'another tenant has nothing');
      }
    });
  });
});
