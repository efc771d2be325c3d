import type { Fact } from '#protocol/models';
import { ChildServer } from './child-server.ts';
import { connectMany, type LoadSession, makeGroup, peopleNames } from './load-session.ts';
import { percentile } from './percentile.ts';
import { RawSocket } from './raw-socket.ts';
import { saturate } from './saturate.ts';

/** What one side of the comparison did with the same messages. */
export interface FanOut {
  /** Messages that arrived at a socket, per second, all senders as fast as they are answered. */
  deliveriesPerSecond: number;
  /** Processor time of the server for one delivery, in microseconds. */
  serverMicrosecondsPerDelivery: number;
  /** From sending to arrival at each socket, at a calm rate. */
  calmP50Ms: number;
  calmP99Ms: number;
}

export interface FanOutShape {
  sessions: number;
  senders: number;
  /** Unanswered messages of one sender. */
  window: number;
  messages: number;
  calmMessages: number;
  calmPerSecond: number;
}

const text = 'The quick brown fox jumps over the lazy dog, again and again, until the room is full of foxes and dogs. '.repeat(2).slice(0, 200);
/** Every hundredth socket is read in full: a server tells its sockets one after the other, so the first ones alone would flatter. */
const watchEvery = 100;
const messageFact = Buffer.from('"kind":"message"');

/** Sends at a steady pace, whatever the answers do: a slow server must not slow the question. */
function pace(count: number, perSecond: number, send: (index: number) => void): Promise<void> {
  return new Promise((resolve) => {
    const startedAt = performance.now();
    let sent = 0;
    const timer = setInterval(() => {
      const due = Math.min(count, Math.floor((performance.now() - startedAt) / 1000 * perSecond) + 1);
      while (sent < due) send(sent++);
      if (sent === count) {
        clearInterval(timer);
        resolve();
      }
    }, 1);
  });
}

/** Counts arrivals until all are there. */
class Arrivals {
  count = 0;
  #expected = Infinity;
  #done: () => void = () => undefined;

  expect(count: number): Promise<void> {
    this.count = 0;
    this.#expected = count;
    return new Promise((resolve) => (this.#done = resolve));
  }

  add(count: number): void {
    this.count += count;
    if (this.count > this.#expected) throw new Error(`${this.count} deliveries where ${this.#expected} were to come: something came twice.`);
    if (this.count === this.#expected) this.#done();
  }
}

async function measure(server: ChildServer, shape: FanOutShape, arrivals: Arrivals, latencies: () => number[],
  send: (sender: number, id: string) => Promise<void>): Promise<FanOut> {
  // A first round warms both sides up, and is not counted.
  let all = arrivals.expect(200 * shape.sessions);
  await saturate({ ...shape, messages: 200 }, (sender, index) => send(sender, `warm-${index}`));
  await all;

  all = arrivals.expect(shape.messages * shape.sessions);
  const cpuBeforeMs = await server.cpuMs();
  const startedAt = performance.now();
  await saturate(shape, (sender, index) => send(sender, `full-${index}`));
  await all;
  const seconds = (performance.now() - startedAt) / 1000;
  const cpuMs = (await server.cpuMs()) - cpuBeforeMs;

  latencies().length = 0;
  all = arrivals.expect(shape.calmMessages * shape.sessions);
  await pace(shape.calmMessages, shape.calmPerSecond, (index) => void send(index % shape.senders, `calm-${index}`));
  await all;
  const deliveries = shape.messages * shape.sessions;
  return {
    deliveriesPerSecond: deliveries / seconds,
    serverMicrosecondsPerDelivery: cpuMs * 1000 / deliveries,
    calmP50Ms: percentile(latencies(), 0.5),
    calmP99Ms: percentile(latencies(), 0.99),
  };
}

/** One room, everyone in it, every message stored with fsync before it is told. */
export async function chatterFanOut(shape: FanOutShape): Promise<{ result: FanOut; frameBytes: number }> {
  const server = await ChildServer.start('./chatter-server.ts');
  const users = peopleNames(shape.sessions);
  const sessions = await connectMany(server.port, users);
  const room = await makeGroup(sessions[0]!, users, 'fan-out');
  for (const session of sessions) await session.request('room.open', { room, limit: 1 });

  const arrivals = new Arrivals();
  const sentAt = new Map<string, number>();
  const latencies: number[] = [];
  let frameBytes = 0;
  const cursors = new Map<LoadSession, number>();
  for (const [index, session] of sessions.entries()) {
    const isWatched = index % watchEvery === 0;
    session.onPush = (payload) => {
      let found = 0;
      for (let at = payload.indexOf(messageFact); at >= 0; at = payload.indexOf(messageFact, at + messageFact.length)) found++;
      if (found === 0) return;
      if (isWatched) frameBytes = check(session, payload, found) ?? frameBytes;
      arrivals.add(found);
    };
  }
  /** The watched sockets check: nothing missing, nothing twice, nothing out of order, while the load goes on. */
  function check(session: LoadSession, payload: Buffer, found: number): number | undefined {
    const { facts } = JSON.parse(payload.toString()) as { facts: Fact[] };
    for (const fact of facts) {
      const cursor = cursors.get(session);
      if (cursor !== undefined && fact.seq !== cursor + 1) throw new Error(`${session.user} got ${fact.seq} after ${cursor}.`);
      cursors.set(session, fact.seq);
      const at = fact.kind === 'message' ? sentAt.get(fact.message.clientMsgId) : undefined;
      if (at !== undefined) latencies.push(performance.now() - at);
    }
    return found === 1 ? payload.length : undefined;
  }
  const result = await measure(server, shape, arrivals, () => latencies, async (sender, id) => {
    sentAt.set(id, performance.now());
    await sessions[sender]!.request('message.send', { room, clientMsgId: id, text });
  });
  for (const session of sessions) session.destroy();
  await server.stop();
  return { result, frameBytes };
}

/** The same number of bytes to the same number of sockets, by the bare library: no storage, no rooms, no names. */
export async function bareFanOut(shape: FanOutShape, frameBytes: number): Promise<FanOut> {
  const server = await ChildServer.start('./ws-server.ts');
  const sockets: RawSocket[] = [];
  for (let start = 0; start < shape.sessions; start += 50) {
    const count = Math.min(50, shape.sessions - start);
    sockets.push(...await Promise.all(Array.from({ length: count }, () => RawSocket.open(server.port, '/'))));
  }
  const arrivals = new Arrivals();
  const latencies: number[] = [];
  const sentAt = new Map<string, number>();
  const answered = new Map<string, () => void>();
  const idOf = (payload: Buffer): string => payload.subarray(0, payload.indexOf(0x20)).toString();
  sockets.forEach((socket, index) => {
    const isSender = index < shape.senders;
    const isWatched = index % watchEvery === 0;
    socket.onText = (payload) => {
      if (isSender || isWatched) {
        const id = idOf(payload);
        if (isWatched) latencies.push(performance.now() - sentAt.get(id)!);
        // Its own message back is a sender's answer.
        if (isSender && id.startsWith(`${index}:`)) {
          answered.get(id)!();
          answered.delete(id);
        }
      }
      arrivals.add(1);
    };
  });
  const result = await measure(server, shape, arrivals, () => latencies, (sender, id) => new Promise((resolve) => {
    const name = `${sender}:${id}`;
    sentAt.set(name, performance.now());
    answered.set(name, resolve);
    sockets[sender]!.send(`${name} `.padEnd(frameBytes, 'x'));
  }));
  for (const socket of sockets) socket.destroy();
  await server.stop();
  return result;
}
