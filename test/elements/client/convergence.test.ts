import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Store } from '../../../server/store/store.ts';
import { openSequelizeStore } from '../../../server/store/sequelize-store.ts';
import { type Guest, World, type WorldOptions } from '../../support/world.ts';

/**
 * Whatever happens to them, in the end all agree: those who stayed, those who came back, who comes new, and the store. A
 * failure prints the seed and the shortest way there.
 */

type Step =
  | {
    what: 'send' | 'delete' | 'read' | 'cut' | 'mend' | 'drop' | 'double' | 'swap' | 'older' | 'newest' | 'switch' | 'type';
    who: number;
  }
  | { what: 'kill' | 'start' | 'deafen' | 'hear'; server: number }
  | { what: 'wait'; ms: number };

const who = fc.nat(2);
const server = fc.nat(1);
const of = (what: Extract<Step, { who: number }>['what']) => fc.record({ what: fc.constant(what), who });
const at = (what: Extract<Step, { server: number }>['what']) => fc.record({ what: fc.constant(what), server });
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 8, arbitrary: of('send') },
  { weight: 2, arbitrary: of('delete') },
  { weight: 3, arbitrary: of('read') },
  { weight: 2, arbitrary: of('cut') },
  { weight: 2, arbitrary: of('mend') },
  { weight: 2, arbitrary: of('drop') },
  { weight: 1, arbitrary: of('double') },
  { weight: 1, arbitrary: of('swap') },
  { weight: 1, arbitrary: of('older') },
  { weight: 1, arbitrary: of('newest') },
  { weight: 2, arbitrary: of('switch') },
  { weight: 1, arbitrary: of('type') },
  { weight: 1, arbitrary: at('kill') },
  { weight: 2, arbitrary: at('start') },
  { weight: 1, arbitrary: at('deafen') },
  { weight: 1, arbitrary: at('hear') },
  {
    weight: 5,
    arbitrary: fc.record({ what: fc.constant('wait' as const), ms: fc.constantFrom(0, 10, 300, 1_500, 12_000, 35_000) }),
  },
);

const users = ['ann', 'bob', 'cy'];

class Story {
  readonly #world: World;
  readonly #room: string;
  readonly #otherRoom: string;
  /** What each has written, in order. */
  readonly written = new Map<string, string[]>(users.map((user) => [user, []]));

  private constructor(world: World, room: string, otherRoom: string) {
    this.#world = world;
    this.#room = room;
    this.#otherRoom = otherRoom;
  }

  static async begin(world: World): Promise<Story> {
    for (const [index, user] of users.entries()) {
      const guest = await world.join(user, { server: index % world.servers.length });
      guest.client.rooms.onChange(() => {});
    }
    const make = async (name: string) => (await world.store.createRoom('main', { kind: 'group', name, members: users })).room.id;
    const story = new Story(world, await make('Room'), await make('Other'));
    for (const guest of world.guests) guest.enter(story.#room);
    await world.settle();
    return story;
  }

  async go(step: Step): Promise<void> {
    // Not settled: the next step happens in the middle of what this one has begun.
    if ('who' in step) this.#guestStep(step.what, this.#world.guests[step.who % this.#world.guests.length]!);
    else if ('server' in step) await this.#serverStep(step.what, step.server % this.#world.servers.length);
    else if (step.ms > 0) await this.#world.advance(step.ms);
    else await this.#world.settle();
  }

  #guestStep(what: Extract<Step, { who: number }>['what'], guest: Guest): void {
    const { link, room, user } = guest;
    const sent = room.state.messages.flatMap((entry) => (entry.status === 'sent' ? [entry.message] : []));
    const isFacts = ({ kind }: { kind: string }) => kind === 'facts' || kind === 'heads';
    switch (what) {
      case 'send': {
        const written = this.written.get(user)!;
        const text = `${user} ${written.length}`;
        guest.client.room(this.#room).send(text);
        written.push(text);
        return;
      }
      case 'delete': {
        const mine = sent.find(({ senderId, deletedAt }) => senderId === user && deletedAt === undefined);
        if (mine) room.delete(mine.seq).catch(() => undefined);
        return;
      }
      case 'read': return room.markRead(sent.at(-1)?.seq ?? 0);
      case 'cut': return link.cut();
      case 'mend': return link.heal();
      case 'drop': return link.dropNext(isFacts);
      case 'double': {
        link.meddle = (frame) => (isFacts(frame) ? [frame, frame] : [frame]);
        return;
      }
      case 'swap': return link.swapNext(isFacts);
      case 'older': return void room.loadAround(sent[0]?.seq ?? 1).catch(() => undefined);
      case 'newest': return void room.loadNewest().catch(() => undefined);
      case 'switch': return void guest.enter(room.id === this.#room ? this.#otherRoom : this.#room);
      case 'type': return room.setTyping(true);
    }
  }

  async #serverStep(what: Extract<Step, { server: number }>['what'], index: number): Promise<void> {
    const { broker, servers } = this.#world;
    if (what === 'kill') servers[index]!.kill();
    if (what === 'start' && !servers[index]!.isRunning) await servers[index]!.start();
    // The bus is a doorbell: it may lose everything.
    if (what === 'deafen') broker.drop(() => true);
    if (what === 'hear') broker.drop(() => false);
  }

  /** All trouble ends; then everyone looks at the end of the room. */
  async end(): Promise<void> {
    const world = this.#world;
    world.broker.drop(() => false);
    for (const server of world.servers) if (!server.isRunning) await server.start();
    for (const guest of world.guests) {
      guest.link.meddle = (frame) => [frame];
      guest.enter(this.#room);
    }
    await world.heal();
    await world.heal();
    for (const guest of world.guests) {
      await this.#loadAll(guest);
    }
  }

  async #loadAll({ user, room }: Guest): Promise<void> {
    for (let pages = 0; room.state.hasAfter || room.state.hasBefore; pages += 1) {
      assert.ok(pages < 20, `${user} scrolls to the ends of the room, and gets there`);
      await this.#world.run(room.loadAfter());
      await this.#world.run(room.loadBefore());
    }
  }

  async check(): Promise<void> {
    const world = this.#world;
    const { messages, hasBefore } = await world.store.history('main', this.#room, { limit: 100_000 });
    assert.equal(hasBefore, false);
    const texts = messages.map(({ text, deletedAt }) => (deletedAt === undefined ? text : '(deleted)'));

    const fresh = await world.join('ann');
    fresh.enter(this.#room);
    await world.settle();
    await this.#loadAll(fresh);
    for (const guest of world.guests) assert.deepEqual(guest.texts, texts, `${guest.user} and the store`);

    for (const [user, written] of this.written) {
      const ids = messages.filter(({ senderId }) => senderId === user);
      assert.equal(ids.length, written.length, `each message of ${user} is there exactly once (G2)`);
      assert.equal(new Set(ids.map(({ clientMsgId }) => clientMsgId)).size, written.length);
      for (const [index, { text }] of ids.entries()) {
        if (text !== '') assert.equal(text, written[index], `in the order ${user} wrote them (G5)`);
      }
    }
    assert.deepEqual(messages.map(({ ordinal }) => ordinal), messages.map((_, index) => index + 1));

    for (const guest of world.guests) {
      const told = await world.store.summary('main', this.#room, guest.user);
      const listed = guest.client.rooms.rooms.find(({ id }) => id === this.#room) ?? guest.room.state.summary;
      assert.equal(listed?.unread, told?.unread, `unread of ${guest.user} equals a recount (G10)`);
      assert.equal(listed?.seq, told?.seq);
      assert.equal(listed?.lastMessage?.text, told?.lastMessage?.text);
      const { length: keys } = guest.room.state.messages;
      assert.equal(new Set(guest.room.state.messages.map(({ key }) => key)).size, keys, 'no key twice');
    }
  }
}

/** FC_SEED and FC_PATH, from the report of a failure, repeat it; FC_RUNS looks longer. */
const replay = process.env.FC_SEED === undefined ? {} : { seed: Number(process.env.FC_SEED), path: process.env.FC_PATH };

async function converges(runs: number, options: Pick<WorldOptions, 'servers' | 'store'>): Promise<void> {
  let writtenCount = 0;
  const property = fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 40 }), fc.nat(), async (steps, seed) => {
    await using world = await World.start({ ...options, seed });
    const story = await Story.begin(world);
    for (const one of steps) await story.go(one);
    await story.end();
    await story.check();
    writtenCount += [...story.written.values()].flat().length;
  });
  await fc.assert(property, { includeErrorInReport: true, numRuns: Number(process.env.FC_RUNS ?? runs), ...replay });
  assert.ok(writtenCount > 0, 'it cannot pass empty');
}

test('G1 to G6, G10: whatever is cut, lost, doubled or killed, all agree in the end (one server)', async () => {
  await converges(150, { servers: 1 });
});

test('G1 to G6, G10: whatever is cut, lost, doubled or killed, all agree in the end (two servers)', async () => {
  await converges(75, { servers: 2 });
});

test('G1 to G6, G10: whatever is cut, lost, doubled or killed, all agree in the end (two servers on one database)', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'chatter-world-'));
  const stores: Store[] = [];
  try {
    await converges(10, {
      servers: 2,
      async store(clock) {
        const store = await openSequelizeStore({ url: `sqlite:${join(folder, `${stores.length}.sqlite3`)}`, clock });
        stores.push(store);
        return store;
      },
    });
  } finally {
    for (const store of stores) await store.close();
    await rm(folder, { recursive: true });
  }
});
