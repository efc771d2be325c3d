import assert from 'node:assert/strict';
import { it } from 'node:test';
import fc from 'fast-check';
import { rhythms } from '#protocol/codes';
import { allTopics, topicOf } from '../../server/bus/topics.ts';
import { type Peer, ServerWorld, until } from '../support/server-world.ts';
import { bytesInUse, fuzz } from './fuzz.ts';
import { hostileKeys, hostileValue } from './hostile.ts';

/* Whoever can reach the broker can write to it. What they write may cost a look into the database, and nothing else. */

interface Scene {
  world: ServerWorld;
  room: string;
  foreign: string;
  peers: readonly Peer[];
  said: string[];
  publish(payload: string, topic?: string): void;
}

async function scene(): Promise<Scene> {
  const world = await ServerWorld.start({}, { nodes: 2 });
  const room = await world.group('garden', 'ann', 'ben');
  await world.store.putPeople('other', [{ id: 'ann', name: 'Other' }]);
  const { room: foreign } = await world.store.createRoom('other', { kind: 'group', name: 'Elsewhere', members: ['ann'] });
  const peers = [
    await world.connect('ann', { lastsMs: 1e12 }), await world.connect('ben', { server: world.servers[1]!, lastsMs: 1e12 }),
    await world.connect('ann', { tenant: 'other', server: world.servers[1]!, lastsMs: 1e12 }),
  ];
  for (const [index, peer] of peers.entries()) await peer.ask('room.open', { room: index === 2 ? foreign.id : room });
  const stranger = world.broker.bus();
  return { world, room, foreign: foreign.id, peers, said: [], publish: (payload, topic = topicOf('default', room)) => stranger.publish(topic, payload) };
}

/** All heals, everybody hears what is really said, and nobody has heard anything else. */
async function goesOn({ world, room, peers: [ann, ben, other], said }: Scene): Promise<void> {
  await world.clock.advance(rhythms.headsMs + 1_000);
  said.push(`really said ${said.length}`);
  await ann!.send(room, said.at(-1)!);
  await world.clock.advance(1_000);
  for (const peer of [ann!, ben!]) {
    const texts = (): string[] => peer.facts(room).flatMap((fact) => (fact.kind === 'message' ? [fact.message.text] : []));
    await until(() => texts().includes(said.at(-1)!), 'what was said');
    assert.deepEqual(texts(), said);
    assert.equal(peer.closed, undefined);
  }
  assert.equal(other!.closed, undefined);
  assert.deepEqual(other!.facts(room), [], 'G8: nothing of it is heard in another tenant');
}

const garbageOf = async ({ world }: Scene): Promise<number> => Number(/chatter_bus_dropped_total\{reason="garbage"\} (\d+)/.exec(await world.servers[0]!.metrics())?.[1]);

async function forged({ peers: [ann], room }: Scene, more: { text: string; seq?: number; epoch?: string; tenant?: string; inRoom?: string }): Promise<object> {
  const { room: { epoch, seq: head } } = await ann!.ask('room.get', { room });
  const { text, seq = head + 1, tenant = 'default', inRoom = room } = more;
  const message = { seq, changedSeq: seq, ordinal: 1, senderId: 'ann', clientMsgId: text, text, at: 1 };
  return {
    kind: 'changed', tenant, room: inRoom, facts: [{ seq, kind: 'message', message }], people: [],
    head: { room: inRoom, epoch: more.epoch ?? epoch, seq, messageCount: 1, deletedCount: 0, activeAt: 1, lastMessage: message },
  };
}

it('G6: a log of another epoch, or from the far future, is looked for in the database, and what is not there is told to nobody', async () => {
  const house = await scene();
  for (const more of [
    { text: 'of another epoch', epoch: 'epoch-to-come' }, { text: 'of no epoch', epoch: '' }, { text: 'far ahead', seq: 2 ** 40 },
    { text: 'as far as it goes', seq: Number.MAX_SAFE_INTEGER }, { text: 'a little ahead', seq: 50 }, { text: 'long ago', seq: 0 },
  ]) {
    house.publish(JSON.stringify(await forged(house, more)));
    await goesOn(house);
  }
  assert.ok(!house.peers.some((peer) => /another epoch|no epoch|far ahead|as far|a little ahead|long ago/.test(JSON.stringify(peer.all('facts')))));
  await house.world.close();
});

it('G8: what is said of a room under the name of another tenant reaches nobody', async () => {
  const house = await scene();
  house.publish(JSON.stringify(await forged(house, { text: 'forged', tenant: 'other' })), topicOf('other', house.room));
  house.publish(JSON.stringify(await forged(house, { text: 'forged', tenant: 'default', inRoom: house.foreign })), topicOf('default', house.foreign));
  for (const tenant of ['default', 'other']) {
    house.publish(JSON.stringify({ kind: 'read', tenant, room: house.foreign, user: 'ben', readSeq: 9, readCount: 9, unread: 0 }));
    house.publish(JSON.stringify({ kind: 'typing', tenant, room: house.foreign, typists: [{ user: { id: 'ben', name: 'forged' }, active: true }] }));
  }
  await goesOn(house);
  for (const peer of house.peers.slice(0, 2)) assert.ok(!JSON.stringify(peer.frames).includes('forged'));
  await house.world.close();
});

it('G9: what is too long, too deep or no frame at all is dropped and counted, and costs no memory', async () => {
  const house = await scene();
  const before = await garbageOf(house);
  const payloads = [
    '', '{', 'null', '[]', '7', '\u0000', '{"kind":"changed"}', '{"kind":"__proto__"}', '{"__proto__":{"kind":"revoked"}}', '['.repeat(100_000), '{"a":'.repeat(100_000),
    `"${'x'.repeat(8 * 1024 * 1024)}"`, JSON.stringify({ ...(await forged(house, { text: 'long' })), people: Array.from({ length: 20_000 }, (_, index) => ({ id: `p${index}`, name: 'x'.repeat(60) })) }),
    JSON.stringify({ kind: 'presence.changed', node: 'n', version: 1, tenant: 'default', online: Array.from({ length: 501 }, (_, index) => `p${index}`), offline: [] }),
    '{"kind":"read","tenant":"default","room":"r","user":"u","readSeq":1e400,"readCount":1,"unread":0}',
    '{"kind":"read","tenant":"default","room":"r","user":"u","readSeq":9007199254740993,"readCount":1,"unread":0}',
    '{"kind":"read","tenant":"\\ud800","room":"r","user":"u","readSeq":1,"readCount":1,"unread":0}',
  ];
  for (const payload of payloads) for (const topic of allTopics.slice(0, 4)) house.publish(payload, topic);
  await goesOn(house);
  assert.equal(await garbageOf(house) - before, payloads.length * 4);
  const bytesBefore = bytesInUse();
  for (let round = 0; round < 20; round++) for (const payload of payloads) house.publish(payload);
  await goesOn(house);
  assert.ok(bytesInUse() - bytesBefore < 16 * 1024 * 1024, 'memory does not grow');
  await house.world.close();
});

it('G6, G8: whatever is changed in what a node says, the nodes stay up and what is really said comes through', async () => {
  const house = await scene();
  const unhandled: unknown[] = [];
  const onUnhandled = (error: unknown): void => void unhandled.push(error);
  process.on('unhandledRejection', onUnhandled);
  const { room } = house;
  const bases = [
    // No `changed` of this room's own epoch and next place: that is what a node says, and it would be believed.
    { kind: 'changed', tenant: 'other', room: house.foreign, facts: [{ seq: 3, kind: 'room', name: 'forged' }], people: [], head: { room: house.foreign, epoch: 'e', seq: 3, messageCount: 0, deletedCount: 0, activeAt: 1 } },
    { kind: 'moved', tenant: 'default', room, epoch: 'e', seqs: [9], facts: [] },
    { kind: 'read', tenant: 'default', room, user: 'ben', readSeq: 2, readCount: 0, unread: 0 },
    { kind: 'typing', tenant: 'default', room, typists: [{ user: { id: 'ben', name: 'Ben' }, active: true }] },
    { kind: 'revoked' },
    { kind: 'presence.alive', node: 'n', version: 1 },
    { kind: 'presence.changed', node: 'n', version: 1, tenant: 'default', online: ['ben'], offline: [] },
    { kind: 'presence.all', node: 'n', version: 1, answer: 1, part: 0, parts: 1, tenant: 'default', online: ['ann'] },
    { kind: 'presence.ask' },
    { kind: 'presence.gone', node: 'n' },
  ];
  const field = fc.constantFrom('tenant', 'room', 'facts', 'people', 'head', 'epoch', 'seqs', 'user', 'readSeq', 'readCount', 'unread', 'typists', 'node', 'version', 'online', 'offline', 'answer', 'part', 'parts', ...hostileKeys);
  await fuzz(fc.array(fc.tuple(fc.constantFrom(...bases), fc.array(fc.tuple(field, hostileValue), { maxLength: 2 })), { minLength: 1, maxLength: 6 }), 150, async (said) => {
    for (const [base, changes] of said) {
      const frame: Record<string, unknown> = Object.assign(Object.create(null) as object, base);
      for (const [key, value] of changes) if (key !== 'kind') frame[key] = value;
      house.publish(JSON.stringify(frame));
    }
    await goesOn(house);
    assert.deepEqual(unhandled, []);
  });
  process.off('unhandledRejection', onUnhandled);
  assert.deepEqual(house.world.log.filter((line) => line.includes('"level":"error"')), []);
  await house.world.close();
});
