import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { rhythms } from '#protocol/codes';
import { MemoryStore } from '../../../server/store/memory-store.ts';
import type { Store } from '../../../server/store/store.ts';
import { type Peer, ServerWorld, until } from '../../support/server-world.ts';

const pollMs = 500;

/** Counts what is asked of a store. */
function counted(store: MemoryStore): { store: Store; calls: Map<string, number> } {
  const calls = new Map<string, number>();
  const proxy = new Proxy(store, {
    get(target, name) {
      const method: unknown = Reflect.get(target, name);
      if (typeof method !== 'function') return method;
      return (...args: unknown[]): unknown => {
        calls.set(String(name), (calls.get(String(name)) ?? 0) + 1);
        return Reflect.apply(method, target, args);
      };
    },
  });
  return { store: proxy, calls };
}

/** Two nodes on one store; ann is at the first, ben and cat at the second, where cat has only her list. */
async function twoNodes(): Promise<{ world: ServerWorld; calls: Map<string, number>; room: string; ann: Peer; ben: Peer; cat: Peer }> {
  const { store, calls } = counted(new MemoryStore());
  const world = await ServerWorld.start({ store }, { nodes: 2 });
  const room = await world.group('garden', 'ann', 'ben', 'cat');
  const [ann, ben, cat] = [await world.connect('ann'), await world.connect('ben', { server: world.servers[1] }), await world.connect('cat', { server: world.servers[1] })];
  await Promise.all([ann, ben].map((peer) => peer.ask('room.open', { room })));
  // What a node has only read it looks at once more: after that it follows.
  await world.clock.advance(rhythms.headsMs + 200);
  for (const peer of [ann, ben, cat]) {
    await peer.quiet();
    peer.clear();
  }
  return { world, calls, room, ann, ben, cat };
}

function texts(peer: Peer, room: string): string[] {
  return peer.facts(room).map((fact) => (fact.kind === 'message' ? fact.message.text : fact.kind));
}

describe('G6: while the bus is down', () => {
  it('what other nodes commit comes within half a second, to open rooms and to lists, once', async () => {
    const { world, room, ann, ben, cat } = await twoNodes();
    world.broker.down();
    await ben.quiet();
    for (const text of ['one', 'two']) await ann.send(room, text);
    await ann.quiet();
    assert.deepEqual(texts(ben, room), [], 'not by the bus');
    await world.clock.advance(pollMs);
    await until(() => ben.facts(room).length === 2, 'the facts');
    await until(() => cat.heads(room).length === 1, 'the head');
    assert.equal(cat.heads(room)[0]!.lastMessage?.text, 'two');
    await world.clock.advance(10 * pollMs);
    await cat.quiet();
    assert.deepEqual([texts(ben, room), cat.heads(room).length], [['one', 'two'], 1]);
    await world.close();
  });

  it('one question a turn asks for all rooms, and only those that moved are read', async () => {
    const { world, calls, room, ann, ben } = await twoNodes();
    for (const name of ['yard', 'attic', 'cellar']) await ben.ask('room.open', { room: await world.group(name, 'ben') });
    await world.clock.advance(rhythms.headsMs);
    world.broker.down();
    await ben.quiet();
    calls.clear();
    await world.clock.advance(4 * pollMs);
    assert.deepEqual([...calls], [['changedRooms', 2 * 4]], 'of each node, and nothing else');
    await ann.send(room, 'one');
    calls.clear();
    await world.clock.advance(pollMs);
    await until(() => ben.facts(room).length === 1, 'the fact');
    assert.equal(calls.get('changes'), 1);
    await world.close();
  });

  it('G7: who is taken out on another node is out, and hears nothing after it', async () => {
    const { world, room, ann, ben, cat } = await twoNodes();
    world.broker.down();
    for (const user of ['ben', 'cat']) await ann.ask('member.remove', { room, user });
    await ann.send(room, 'secret');
    await world.clock.advance(pollMs);
    for (const peer of [ben, cat]) {
      await until(() => peer.all('room.gone').length === 1, 'room.gone');
      await world.clock.advance(2 * pollMs);
      await peer.quiet();
      assert.equal(peer.all('room.gone').length, 1);
      assert.ok(!JSON.stringify(peer.frames).includes('secret'));
    }
    assert.equal(await ben.refusal('history', { room }), 'not_found');
    await world.close();
  });

  it('a room that is new, a new name, and who comes in are told to lists', async () => {
    const { world, room, ann, ben, cat } = await twoNodes();
    world.broker.down();
    const { room: made } = await ann.ask('room.create', { type: 'group', clientRoomId: 'attic', name: 'Attic', users: ['cat'] });
    await ann.ask('room.rename', { room, name: 'Yard' });
    await world.clock.advance(pollMs);
    await until(() => cat.all('room').some((frame) => frame.room.id === made.id), 'the new room');
    await until(() => cat.all('room').some((frame) => frame.room.name === 'Yard'), 'the new name');
    await ann.ask('member.add', { room: made.id, users: ['ben'] });
    await world.clock.advance(pollMs);
    await until(() => ben.all('room').some((frame) => frame.room.id === made.id), 'the room that ben came into');
    await world.close();
  });

  it('what was lost before it was noticed comes at once', async () => {
    const { world, room, ann, ben, cat } = await twoNodes();
    const heal = world.broker.drop(() => true);
    await ann.send(room, 'into the void');
    await world.clock.advance(8_000);
    heal();
    assert.deepEqual(texts(ben, room), []);
    world.broker.down();
    await until(() => ben.facts(room).length === 1, 'the fact');
    await world.clock.advance(100);
    await until(() => cat.heads(room).length === 1, 'the head');
    await world.close();
  });

  it('nobody is locked out, also where it was down from the start', async () => {
    const world = await ServerWorld.start({}, { nodes: 1 });
    world.broker.down();
    const late = await world.startServer();
    const room = await world.group('garden', 'ann', 'ben');
    const [ann, ben] = [await world.connect('ann'), await world.connect('ben', { server: late })];
    await Promise.all([ann, ben].map((peer) => peer.ask('room.open', { room })));
    await ann.send(room, 'one');
    await world.clock.advance(pollMs);
    await until(() => ben.facts(room).length === 1, 'the fact');
    world.broker.up();
    await ann.send(room, 'two');
    await until(() => ben.facts(room).length === 2, 'the second, by the bus');
    await world.close();
  });

  it('when it is up again, what was missed is read at once, and nobody is asked in short turns any more', async () => {
    const { world, calls, room, ann, ben } = await twoNodes();
    world.broker.down();
    await ben.quiet();
    await ann.send(room, 'one');
    world.broker.up();
    await until(() => ben.facts(room).length === 1, 'the fact, without a turn of the clock');
    await ann.quiet();
    calls.clear();
    await world.clock.advance(rhythms.headsMs - 1);
    assert.ok((calls.get('changedRooms') ?? 0) <= 2, `asked ${calls.get('changedRooms')} times in ten seconds by two nodes`);
    await ann.send(room, 'two');
    await until(() => ben.facts(room).length === 2, 'the next one, by the bus');
    await world.close();
  });

  it('a node that missed more than can be read in one go tells its sessions by the head, and they ask (R3)', async () => {
    const { world, room, ben } = await twoNodes();
    world.broker.down();
    await ben.quiet();
    ben.clear();
    await world.store.importMessages('default', room, Array.from({ length: 1_200 }, (_, index) => ({
      senderId: 'ann', clientMsgId: `i${index}`, text: `text ${index}`, at: world.clock.now(),
    })));
    await world.clock.advance(pollMs);
    await until(() => ben.heads(room).length > 0, 'the head');
    assert.equal(ben.heads(room)[0]!.messageCount, 1_200);
    await world.close();
  });

  it('a database that does not answer either is asked again, told once a minute, and nothing hangs', async () => {
    const store = new MemoryStore();
    const world = await ServerWorld.start({ store }, { nodes: 2 });
    const room = await world.group('garden', 'ann', 'ben');
    const [ann, ben] = [await world.connect('ann'), await world.connect('ben', { server: world.servers[1] })];
    await Promise.all([ann, ben].map((peer) => peer.ask('room.open', { room })));
    world.broker.down();
    await ben.quiet();
    await ann.send(room, 'one');
    const names = ['changedRooms', 'changes', 'heads'] as const;
    const away = names.map((name) => [name, store[name]] as const);
    for (const name of names) store[name] = async () => { throw new Error('The database is away.'); };
    await world.clock.advance(30_000);
    for (const [name, method] of away) Object.assign(store, { [name]: method });
    assert.equal(texts(ben, room).length, 0);
    const told = world.log.filter((line) => line.includes('The database is away.'));
    assert.ok(told.length >= 2 && told.length <= 6, `${told.length} lines of two nodes`);
    await world.clock.advance(pollMs);
    await until(() => ben.facts(room).length === 1, 'the fact');
    await world.close();
  });
});
