import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { type RequestInput, type RequestKind, requests } from '#protocol/frames';
import { openSequelizeStore, type SequelizeStore } from '../../../server/store/sequelize-store.ts';
import type { Chatter } from '../../../server/index.ts';
import { settled } from '../../support/clock.ts';
import { type Peer, ServerWorld } from '../../support/server-world.ts';

/*
 * How many statements each request costs, counted through the whole server, with all that it tells to others. An exact number:
 * one more is a question that nobody meant to ask, and one less is worth knowing too.
 */

const check = 'SELECT 1 FROM rooms LIMIT 1';

describe('statements', () => {
  const statements: string[] = [];
  let folder: string;
  let store: SequelizeStore;
  let world: ServerWorld;
  let ann: Peer;
  let bob: Peer;
  let room: string;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'chatter-budgets-'));
    store = await openSequelizeStore({ url: `sqlite:${join(folder, 'chat.sqlite')}`, onQuery: (statement) => statements.push(statement) });
    world = await ServerWorld.start({ store });
    await world.meet('dora', 'eve', 'finn');
    room = await world.group('Team', 'ann', 'bob', 'cem');
    [ann, bob] = await Promise.all([world.connect('ann'), world.connect('bob')]);
    for (const peer of [ann, bob]) await peer.ask('room.open', { room });
    for (let index = 0; index < 10; index += 1) await ann.send(room, `text ${index}`);
    await quiet();
  });
  after(async () => {
    await world.close();
    await store.close();
    await rm(folder, { recursive: true });
  });

  /** Nothing is asked any more that came from what was done. */
  async function quiet(): Promise<void> {
    let before: number;
    do {
      before = statements.length;
      await store.check();
      for (let turn = 0; turn < 20; turn += 1) await settled();
    } while (statements.filter((statement) => statement !== check).length > before);
  }

  async function counted(work: () => Promise<unknown>): Promise<number> {
    statements.length = 0;
    await work();
    await quiet();
    return statements.filter((statement) => statement !== check).length;
  }

  const head = (): Promise<number> => store.room('default', room).then((record) => record!.seq);
  const epoch = (): Promise<string> => store.room('default', room).then((record) => record!.epoch);

  // BEGIN and COMMIT count, and SAVEPOINT and its RELEASE around what is not a send.
  const budgets: { [K in RequestKind]: { input(): RequestInput<K> | Promise<RequestInput<K>>; cost: number; why: string; again?: number } } = {
    'rooms.list': { input: () => ({ limit: 50 }), cost: 1, why: 'rooms, last messages and people are one' },
    'room.get': { input: () => ({ room }), cost: 1, why: 'who is in is known' },
    'room.open': {
      async input() {
        return { room, epoch: await epoch(), after: await head() };
      },
      cost: 2, why: 'the room and its members; at the head nothing was missed',
    },
    'room.close': { input: () => ({ room }), cost: 0, why: 'is nothing to the database' },
    'room.changes': {
      async input() {
        return { room, epoch: await epoch(), after: 3 };
      },
      cost: 4, why: 'the room twice (is the cursor in reach, how far is the head), messages, members',
    },
    'history': { input: () => ({ room, limit: 50 }), cost: 2, why: 'how many there are, and the page' },
    'message.send': {
      input: () => ({ room, clientMsgId: 'budget', text: 'x' }), cost: 8, again: 5,
      why: 'BEGIN, room, known, sender, message, head, marker, COMMIT; again, nothing is written',
    },
    'message.delete': {
      input: () => ({ room, seq: 4 }), cost: 11, why: 'whose it is; BEGIN, SAVEPOINT, room, message, its tombstone, its ordinal, head, author, RELEASE, COMMIT', again: 7,
    },
    'room.read': { input: () => ({ room, seq: 5 }), cost: 7, why: 'bob: BEGIN, room, reader, count, marker, what was deleted, COMMIT', again: 6 },
    'room.create': {
      input: () => ({ type: 'group', clientRoomId: 'budget', name: 'New', users: ['bob', 'dora'] }), cost: 14, again: 10,
      why: 'who can be found; BEGIN, SAVEPOINT, people, room, its key, members (2), RELEASE, COMMIT; people and head to tell, a summary for the asker, and one for all who are here',
    },
    'room.rename': { input: () => ({ room, name: 'Other' }), cost: 7, again: 5, why: 'BEGIN, SAVEPOINT, room, name, RELEASE, COMMIT; one summary for all who are here' },
        'room.leave': {
      input: async () => ({ room: (await ann.ask('room.create', { type: 'group', clientRoomId: 'leave', users: ['bob'] })).room.id }),
      cost: 12, why: 'BEGIN, SAVEPOINT, room, member, members (2), who is first now, head, names, RELEASE, COMMIT; one summary for all who are here',
    },
    'member.add': { input: () => ({ room, users: ['eve', 'finn'] }), cost: 13, why: 'who can be found, and as room.leave' },
    'member.remove': { input: () => ({ room, user: 'eve' }), cost: 12, why: 'as room.leave' },
    'members.list': { input: () => ({ room, limit: 50 }), cost: 1, why: 'members and their names are one' },
    'room.seen': { input: () => ({ room, seq: 6 }), cost: 3, why: 'whose it is, how many, who' },
    'people.search': { input: () => ({ query: 'd', limit: 10 }), cost: 1, why: 'all names of a tenant are looked through once' },
    'presence.watch': { input: () => ({ users: ['bob', 'cem', 'dora'] }), cost: 1, why: 'with whom a room is shared' },
    'token.refresh': { input: async () => ({ token: await world.token('ann') }), cost: 0, why: 'the person is known as they are' },
  };

  for (const kind of Object.keys(requests) as RequestKind[]) {
    it(`of ${kind} are as many as its budget says`, async () => {
      const { input, cost, again } = budgets[kind] as { input(): Promise<RequestInput<RequestKind>>; cost: number; again?: number };
      const peer = kind === 'room.read' ? bob : ann;
      const asked = await input();
      await quiet();
      const costs: number[] = [];
      for (let time = 0; time < (again === undefined ? 1 : 2); time += 1) costs.push(await counted(() => peer.ask(kind, asked)));
      assert.deepEqual(costs, again === undefined ? [cost] : [cost, again], statements.join('\n'));
    });
  }

  /** Everyone comes back at once: says who they are, gets the list, and opens a room where they left it. */
  async function comeBack(server: Chatter, people: readonly { id: string; room: string }[]): Promise<number> {
    const cursors = new Map(await Promise.all([...new Set(people.map((person) => person.room))].map(async (id) => {
      const { seq, epoch } = (await store.room('default', id))!;
      return [id, { epoch, after: seq }] as const;
    })));
    const tokens = await Promise.all(people.map(({ id }) => world.token(id)));
    const peers: Peer[] = [];
    const cost = await counted(() => Promise.all(people.map(async ({ room: own }, index) => {
      const peer = world.dial(server);
      peers.push(peer);
      await peer.hello(tokens[index]!);
      const [list, opened] = await Promise.all([peer.ask('rooms.list', { limit: 50 }), peer.ask('room.open', { room: own, ...cursors.get(own)! })]);
      assert.deepEqual([list.rooms.length, opened.reset, opened.changes?.facts.length, opened.members.length], [1, false, 0, 5]);
    })));
    for (const peer of peers) peer.cut();
    return cost / people.length;
  }

  it('of 200 who come back at once are at most 1.5 each, on a node that knows them and on one that was just started', async () => {
    const people: { id: string; room: string }[] = [];
    for (let index = 0; index < 200; index += 5) {
      const members = Array.from({ length: 5 }, (_, place) => `guest-${index + place}`);
      const own = await world.group(`Room ${index}`, ...members);
      await store.appendMessage('default', { room: own, senderId: members[0]!, clientMsgId: 'c', text: 'hello' });
      people.push(...members.map((id) => ({ id, room: own })));
    }
    for (const server of [world.server, world.server, await world.startServer()]) {
      const each = await comeBack(server, people);
      assert.ok(each <= 1.5, `${each} statements for each`);
    }
  });
});
