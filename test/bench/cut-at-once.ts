import type { Fact } from '#protocol/models';
import { backoffMs } from '../../elements/client/backoff.ts';
import type { Benchmark, Measurement } from './benchmark.ts';
import { benchToken, fewAtATime, LoadSession, peopleNames } from './load/load-session.ts';
import { openFilesFor } from './load/open-files.ts';
import { percentile } from './load/percentile.ts';
import { text } from './load/side.ts';
import { ChildServer } from './servers/child-server.ts';
import { seed, seedGroups, tenant } from './servers/seed.ts';
import { openPlace, type Place } from './servers/stores.ts';

const roomSize = 50;
const pageSize = 50;
/** Who is not back by then never will be. */
const patienceMs = 120_000;
/** Is in every room, is not cut, and writes to each while the others are away. */
const host = 'host';

/** Everybody's connection is cut in one moment: how long until they are all back, and what that asks of the database. */
export const cutAtOnce: Benchmark = {
  name: 'cut-at-once',
  stores: ['sqlite', 'postgres'],
  async run({ stores, isQuick, say }) {
    const { count, note } = openFilesFor(isQuick ? 500 : 10_000);
    const measurements: Measurement[] = [];
    for (const store of stores) {
      say(`Chatter on ${store}, ${count} connections`);
      const place = await openPlace(store);
      try {
        measurements.push({ benchmark: cutAtOnce.name, side: 'Chatter', store, case: String(count), figures: await measure(place, count), note });
      } finally {
        await place.stop();
      }
    }
    return measurements;
  },
};

async function measure(place: Place, count: number): Promise<Measurement['figures']> {
  const database = await place.database();
  const users = peopleNames(count);
  const rooms = await seed(database, async (store) => {
    const open = await seedGroups(store, users, roomSize);
    // A second room for everyone, with others, so that a list is a list.
    await seedGroups(store, users.toSorted((a, b) => shuffled(a) - shuffled(b)), roomSize);
    await store.putPeople(tenant, [{ id: host, name: host }]);
    for (const room of open) await store.changeMembers(tenant, room, { add: [host] });
    return open;
  });
  const server = await ChildServer.start('chatter-server', { database, redis: place.redis });
  const tokens = await Promise.all(users.map(benchToken));
  const returners = users.map((user, index) => new Returner(server.port, user, tokens[index]!, rooms[Math.floor(index / roomSize)]!));
  await fewAtATime(returners, (returner) => returner.connect());
  const writer = await LoadSession.connect(server.port, host);

  const statementsBefore = await server.statements();
  const serverBeforeMs = await server.cpuMs();
  const cutAt = performance.now();
  for (const returner of returners) returner.cut();
  const written = fewAtATime(rooms, (room) => writer.request('message.send', { room, clientMsgId: `meanwhile-${room}`, text }));
  const back = await Promise.all(returners.map((returner) => returner.comeBack(cutAt)));
  const serverMs = await server.cpuMs() - serverBeforeMs;
  const statements = await server.statements() - statementsBefore;
  const headOf = new Map((await written).map(({ message }, index) => [rooms[index]!, message.seq]));
  for (const returner of returners) returner.mustHave(headOf.get(returner.room)!);

  for (const returner of returners) returner.cut();
  writer.destroy();
  await server.stop();
  const readyMs = back.map((times) => times.readyMs);
  return {
    ready50Ms: percentile(readyMs, 0.5), ready99Ms: percentile(readyMs, 0.99), readyAllMs: Math.max(...readyMs),
    caughtUp99Ms: percentile(back.map((times) => times.caughtUpMs), 0.99),
    triesEach: back.reduce((sum, { tries }) => sum + tries, 0) / count,
    statementsEach: statements / count, serverMsEach: serverMs / count,
  };
}

/** Someone who comes back as the elements' client does: with its back-off, its requests, and its cursor. */
class Returner {
  readonly room: string;
  readonly #port: number;
  readonly #user: string;
  readonly #token: string;
  #session: LoadSession | undefined;
  #epoch: string | undefined;
  #cursor = 0;
  #breach: Error | undefined;

  constructor(port: number, user: string, token: string, room: string) {
    this.#port = port;
    this.#user = user;
    this.#token = token;
    this.room = room;
  }

  /** Resolves to when the server had said `ready`. */
  async connect(): Promise<number> {
    const session = await LoadSession.connect(this.#port, this.#user, this.#token);
    const readyAt = performance.now();
    session.onPush = (payload) => {
      if (!payload.includes('"kind":"facts"')) return;
      this.#take((JSON.parse(payload.toString()) as { facts: Fact[] }).facts);
    };
    this.#session = session;
    const cursor = this.#epoch === undefined ? {} : { epoch: this.#epoch, after: this.#cursor };
    const [opened] = await Promise.all([
      session.request('room.open', { room: this.room, limit: pageSize, ...cursor }),
      session.request('rooms.list', { limit: pageSize }),
    ]);
    if (opened.reset) this.#breach ??= new Error(`${this.#user} was told to start over, ${opened.upTo - this.#cursor} facts behind.`);
    if (opened.changes) this.#take(opened.changes.facts);
    this.#epoch = opened.room.epoch;
    this.#cursor = Math.max(this.#cursor, opened.upTo);
    return readyAt;
  }

  cut(): void {
    this.#session?.destroy();
  }

  async comeBack(cutAt: number): Promise<{ readyMs: number; caughtUpMs: number; tries: number }> {
    for (let tries = 1; ; tries++) {
      await new Promise((resolve) => { setTimeout(resolve, backoffMs(tries, Math.random)); });
      try {
        const readyAt = await this.connect();
        return { readyMs: readyAt - cutAt, caughtUpMs: performance.now() - cutAt, tries };
      } catch (error) {
        this.cut();
        if (performance.now() - cutAt > patienceMs) throw error;
      }
    }
  }

  /** Throws where something was lost on the way. */
  mustHave(head: number): void {
    if (this.#breach) throw this.#breach;
    if (this.#cursor !== head) throw new Error(`${this.#user} came back and has ${this.#cursor} of ${head} facts.`);
  }

  #take(facts: readonly Fact[]): void {
    for (const { seq } of facts) {
      // What comes twice changes nothing (R5), what leaves something out would be a loss.
      if (seq > this.#cursor + 1) this.#breach ??= new Error(`${this.#user} got ${seq} after ${this.#cursor}.`);
      this.#cursor = Math.max(this.#cursor, seq);
    }
  }
}

/** Some other order, and always the same. */
function shuffled(user: string): number {
  return (Number(user.replace(/\D/g, '')) * 7_919) % 10_007;
}
