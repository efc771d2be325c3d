import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import fc from 'fast-check';
import { closeCodes, errorCodes, limits } from '#protocol/codes';
import { type RequestKind, requests } from '#protocol/frames';
import { type Peer, ServerWorld } from '../support/server-world.ts';
import type { Store } from '../../server/index.ts';
import { openSequelizeStore } from '../../server/store/sequelize-store.ts';
import { bytesInUse, fuzz } from './fuzz.ts';
import { damaged, hostileKeys, hostileTexts, hostileValue } from './hostile.ts';

/** Stands in everything of the other tenant, and in the room that the hostile person is not in. */
const canary = 'canary-of-somebody-else';
/** What no refusal may hold: a place in our code, or a statement. */
const secrets = new RegExp([String.raw`\bat \S+ \(`, 'node:', String.raw`\.ts:\d`, String.raw`\b(SELECT|INSERT|UPDATE|DELETE) `, 'SQLITE', 'sqlite_', 'Sequelize', 'node_modules'].join('|'));

/** A kind that nobody knows is said back to who said it, whatever it reads like. */
const withoutEcho = (message: string): string => message.replace(/^This server does not know ".*"\.$/s, '');

/** A good request of each kind, by somebody who is in `room`, where there is a message `seq`. */
const goodInputs = (room: string, seq: number): { [K in RequestKind]: object } => ({
  'rooms.list': { limit: 5, query: 'gar' },
  'room.get': { room },
  'room.open': { room, limit: 5 },
  'room.close': { room },
  'room.changes': { room, epoch: 'e', after: 0 },
  'history': { room, before: seq, limit: 5 },
  'message.send': { room, clientMsgId: 'hostile-1', text: 'hello' },
  'message.delete': { room, seq },
  'room.read': { room, seq },
  'room.create': { type: 'group', clientRoomId: 'hostile-1', name: 'Mine', users: ['mallory'] },
  'room.rename': { room, name: 'Renamed' },
  'room.leave': { room: 'no-such-room' },
  'member.add': { room, users: ['mallory'] },
  'member.remove': { room, user: 'nobody' },
  'members.list': { room, limit: 5 },
  'room.seen': { room, seq },
  'people.search': { query: 'a', limit: 5 },
  'presence.watch': { users: ['ann'] },
  'token.refresh': { token: 'no token' },
});

const kinds = Object.keys(requests) as RequestKind[];
const field = fc.oneof(fc.constantFrom('room', 'text', 'seq', 'clientMsgId', 'limit', 'query', 'users', 'name', 'token', 'cursor', 'before', 'after', 'kind', 'ref', 'type', 'user', 'epoch'), fc.constantFrom(...hostileKeys));

/** A good request with some of its fields replaced by anything. */
const spoilt = (room: string, seq: number): fc.Arbitrary<string> => damaged(fc.tuple(
  fc.constantFrom(...kinds), fc.integer({ min: 1_000_000, max: 2_000_000 }), fc.array(fc.tuple(field, hostileValue), { maxLength: 3 }),
).map(([kind, ref, changes]) => {
  const frame: Record<string, unknown> = Object.assign(Object.create(null) as object, { kind, ref }, goodInputs(room, seq)[kind]);
  for (const [key, value] of changes) frame[key] = value;
  return JSON.stringify(frame);
}));

interface House {
  world: ServerWorld;
  room: string;
  seq: number;
  /** Somebody who has nothing to do with it, and must not notice. */
  ann: Peer;
}

async function house(store?: Store): Promise<House> {
  const world = await ServerWorld.start(store ? { store } : {});
  const room = await world.group('garden', 'ann', 'mallory');
  const { message } = await world.store.appendMessage('default', { room, senderId: 'mallory', clientMsgId: 'first', text: 'first' });
  await world.store.createRoom('default', { kind: 'group', name: canary, members: ['ann'] });
  await world.store.putPeople('other', [{ id: 'mallory', name: canary }, { id: 'ann', name: canary }]);
  const { room: foreign } = await world.store.createRoom('other', { kind: 'group', name: canary, members: ['mallory', 'ann'] });
  await world.store.appendMessage('other', { room: foreign.id, senderId: 'ann', clientMsgId: 'secret', text: canary });
  return { world, room, seq: message.seq, ann: await world.connect('ann', { lastsMs: 1e12 }) };
}

/** Whatever was said, it was answered as the protocol says, told nothing, and broke nothing here. */
function judge({ world }: House, mallory: Peer): void {
  for (const frame of mallory.frames) {
    if (frame.kind === 'error') assert.ok(errorCodes.includes(frame.code) && frame.code !== 'internal', JSON.stringify(frame));
    const text = JSON.stringify(frame);
    assert.ok(!text.includes(canary), text);
    if (frame.kind === 'error') assert.doesNotMatch(withoutEcho(frame.message), secrets);
  }
  if (mallory.closed) {
    assert.ok([1009, 1006, ...Object.values<number>(closeCodes)].includes(mallory.closed.code), `closed with ${mallory.closed.code}`);
    assert.doesNotMatch(mallory.closed.reason, secrets);
  }
  const errors = world.log.filter((line) => line.includes('"level":"error"'));
  assert.deepEqual(errors, [], 'nothing that a stranger says is an error of ours');
}

/** Ann goes on as if nothing had been. */
async function goesOn({ room, ann }: House, number: number): Promise<void> {
  const { message } = await ann.send(room, `still here ${number}`, `ann-${number}`);
  assert.equal(message.text, `still here ${number}`);
  ann.clear();
}

for (const place of ['memory', 'a database'] as const) {
  describe(`frames to a server on ${place}`, () => {
    let scene: House;
    let store: Store | undefined;
    let folder: string;
    const unhandled: unknown[] = [];
    const onUnhandled = (error: unknown): void => void unhandled.push(error);

    before(async () => {
      process.on('unhandledRejection', onUnhandled);
      folder = await mkdtemp(join(tmpdir(), 'chatter-fuzz-'));
      store = place === 'memory' ? undefined : await openSequelizeStore({ url: `sqlite:${join(folder, 'fuzz.sqlite3')}` });
      scene = await house(store);
    });
    after(async () => {
      process.off('unhandledRejection', onUnhandled);
      await scene.world.close();
      await store?.close();
      await rm(folder, { recursive: true });
    });

    it('G9, F1, F8: a good request with anything in the place of its fields is answered with a documented code, and nobody else is harmed', async () => {
      const { world, room, seq } = scene;
      let run = 0;
      const answers = { ok: 0, error: 0 };
      const frames = fc.array(spoilt(room, seq), { minLength: 1, maxLength: 12 });
      let bytesBefore = 0;
      await fuzz(frames, place === 'memory' ? 250 : 40, async (said) => {
        run += 1;
        if (run === 50) bytesBefore = bytesInUse();
        const mallory = await world.connect('mallory');
        for (const text of said) if (!mallory.closed) mallory.say(text);
        if (!mallory.closed) await mallory.quiet();
        judge(scene, mallory);
        for (const kind of ['ok', 'error'] as const) answers[kind] += mallory.all(kind).length;
        mallory.cut();
        await world.clock.advance(25_000);
        if (run % 10 === 0) await goesOn(scene, run);
        assert.deepEqual(unhandled, []);
      });
      assert.ok(4 * Math.min(answers.ok, answers.error) > run, `It cannot pass empty: ${JSON.stringify(answers)}`);
      assert.deepEqual(Object.keys(Object.prototype), []);
      await goesOn(scene, -1);
      if (bytesBefore > 0) assert.ok(bytesInUse() - bytesBefore < 32 * 1024 * 1024, 'memory does not grow');
    });

    it('sequelize CVE-2019-10748, CVE-2023-22578, CVE-2023-22579, CVE-2023-25813, CVE-2026-30951: what looks like SQL is text', async () => {
      const { world, room } = scene;
      const mallory = await world.connect('mallory');
      const cut = (text: string): string => text.slice(0, limits.textCharacters);
      let sent = 0;
      for (const text of [...hostileTexts, ...hostileKeys]) {
        await world.clock.advance(1_000);
        const asText = await mallory.answerTo('message.send', { room, clientMsgId: `sql-${sent++}`, text: cut(text) });
        if (asText.kind === 'ok') {
          const { page } = await mallory.ask('history', { room, limit: 1 });
          assert.equal(page.messages[0]?.text, cut(text), 'it is there as it was said');
        } else {
          assert.equal(asText.code, 'bad_frame');
        }
        // Each place where a text reaches a statement: names, searches, cursors, ids of people and of rooms.
        const name = await mallory.answerTo('room.rename', { room, name: text.slice(0, 100) });
        if (name.kind === 'ok') assert.equal((await mallory.ask('room.get', { room })).room.name, text.slice(0, 100).trim());
        for (const [kind, input] of [
          ['people.search', { query: text.slice(0, 100) }], ['rooms.list', { query: text.slice(0, 100) }], ['rooms.list', { cursor: text.slice(0, 200) }],
          ['members.list', { room, cursor: text }], ['member.add', { room, users: [text] }], ['member.remove', { room, user: text }], ['room.get', { room: text }],
          ['room.create', { type: 'direct', user: text }], ['room.changes', { room, epoch: text.slice(0, 64), after: 0 }], ['presence.watch', { users: [text] }],
        ] as const) {
          const answer = await mallory.answerTo(kind, input as never);
          if (answer.kind === 'error') assert.ok(['bad_frame', 'not_found', 'rate_limited', 'too_large'].includes(answer.code), `${kind} ${text}: ${JSON.stringify(answer)}`);
          await world.clock.advance(500);
        }
      }
      judge(scene, mallory);
      await goesOn(scene, -3);
      assert.equal((await world.store.rooms('other', { limit: 10 })).rooms.length, 1);
    });
  });
}
