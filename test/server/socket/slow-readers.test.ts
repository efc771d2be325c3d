import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { Socket } from 'node:net';
import { after, before, beforeEach, describe, it } from 'node:test';
import { WebSocket } from 'ws';
import { subprotocol } from '#protocol/codes';
import type { RequestInput, RequestKind, RequestOutput, ServerFrame } from '#protocol/frames';
import type { Changes } from '#protocol/models';
import { ManualClock, OwnClock, settled } from '../../support/clock.ts';
import { listenAnywhere } from '../../support/listening.ts';
import { ServerWorld, until } from '../../support/server-world.ts';

const softBytes = 64 * 1024;
const hardBytes = 1024 * 1024;
/** As long as a message may be: 24 KB. */
const longest = '字'.repeat(8_000);
const factsStart = Buffer.from('{"kind":"facts"');
const many = 1_000_000;
const generous = {
  sendsPerSecond: many, sendBurst: many, roomSendsPerSecond: many, roomSendBurst: many, framesPerSecond: many, frameBurst: many, requestBurst: many,
  connectionsPerUser: 1_000,
};

/** Somebody at the end of a real connection, who can stop reading. */
class Reader {
  readonly socket: WebSocket;
  /** Kinds of the frames that came. */
  readonly kinds: string[] = [];
  /** Places in the log of the facts that came. */
  readonly seqs: number[] = [];
  /** What requests were answered with, by their ref. */
  readonly answers = new Map<number, unknown>();
  closeCode: number | undefined;
  #ref = 0;

  private constructor(socket: WebSocket) {
    this.socket = socket;
    socket.on('message', (data) => this.#hear(data as Buffer));
    socket.on('close', (code) => (this.closeCode = code));
  }

  static async connect(url: string, token: string): Promise<Reader> {
    const socket = new WebSocket(`${url.replace('http', 'ws')}/ws`, subprotocol);
    const reader = new Reader(socket);
    await once(socket, 'open');
    reader.say('hello', { version: 1, token });
    await until(() => reader.kinds.length > 0, 'ready');
    return reader;
  }

  say(kind: string, fields: object): number {
    this.socket.send(JSON.stringify({ kind, ref: ++this.#ref, ...fields }));
    return this.#ref;
  }

  async ask<K extends RequestKind>(kind: K, input: RequestInput<K>): Promise<RequestOutput<K>> {
    const ref = this.say(kind, input);
    await until(() => this.answers.has(ref), `the answer to ${kind}`);
    return this.answers.get(ref) as RequestOutput<K>;
  }

  /** Of facts only their places are read: hundreds of megabytes of texts would be the most of the work here. */
  #hear(bytes: Buffer): void {
    if (bytes.subarray(0, 15).equals(factsStart)) {
      this.kinds.push('facts');
      for (const [, seq] of bytes.toString('latin1').matchAll(/\{"seq":(\d+),"kind":"message"/g)) this.seqs.push(Number(seq));
    } else {
      const frame = JSON.parse(bytes.toString()) as ServerFrame;
      this.kinds.push(frame.kind);
      if (frame.kind === 'ok') this.answers.set(frame.ref, frame.data);
    }
  }
}

for (const [how, byMs] of [['forward', 3_000_000], ['back', -3_000_000]] as const) {
  it(`F7: 30 s without progress are 30 s, also where the clock of the machine is set ${how} meanwhile`, async () => {
    const time = new ManualClock();
    const clock = new OwnClock(time);
    const world = await ServerWorld.start({ clock });
    const room = await world.group('garden', 'ann', 'ben');
    const [ann, stuck] = [await world.connect('ann'), await world.connect('ben')];
    await stuck.ask('room.open', { room });
    stuck.isStuck = true;
    await ann.send(room, 'hello');
    await stuck.quiet();
    await time.advance(10_000);
    clock.jump(byMs);
    await time.advance(19_000);
    assert.equal(stuck.closed, undefined);
    await time.advance(3_000);
    assert.equal(stuck.closeCode(), 4208);
    await world.close();
  });
}

describe('over real connections', () => {
  let world: ServerWorld;
  let door: Awaited<ReturnType<typeof listenAnywhere>>;
  let room: string;
  /** The server's ends of the readers' connections, in their order. */
  const ends: Socket[] = [];
  const readers: Reader[] = [];

  before(async () => {
    world = await ServerWorld.start({ limits: generous });
    const server = createServer();
    server.on('connection', (socket) => ends.push(socket));
    world.server.attach(server);
    door = await listenAnywhere(server);
  });
  beforeEach(async () => {
    for (const { socket } of readers.splice(0)) socket.terminate();
    ends.length = 0;
    room = await world.group('garden', 'ann', 'ben');
  });
  after(async () => {
    for (const { socket } of readers) socket.terminate();
    await world.close();
    await door.close();
  });

  const connect = async (): Promise<Reader> => {
    const reader = await Reader.connect(door.url, await world.token('ben'));
    readers.push(reader);
    return reader;
  };

  it('F7, G9, G6: fifty who stop reading cost what they may, end with 4208 and disturb nobody; what they missed is there when they come back', async () => {
    const ann = await world.connect('ann');
    const slow: Reader[] = [];
    const quick: Reader[] = [];
    for (let index = 0; index < 50; index++) {
      slow.push(await connect());
      quick.push(await connect());
    }
    const [opened] = await Promise.all(readers.map((reader) => reader.ask('room.open', { room })));
    const { epoch, seq: start } = opened!.room;
    for (const { socket } of slow) socket.pause();
    const slowEnds = ends.filter((_, index) => index % 2 === 0);
    const handedOver = (): number => slowEnds.reduce((sum, { bytesWritten }) => sum + bytesWritten, 0);
    let [sent, mostWaiting] = [0, 0];
    // The machine takes some megabytes for each before anything waits in the server; who gets no more of a message has ended.
    for (let before = -1; before !== handedOver();) {
      before = handedOver();
      await ann.send(room, longest, `m${sent++}`);
      await until(() => quick.every(({ seqs }) => seqs.length === sent), 'the message, to all who read');
      for (const { writableLength } of slowEnds) mostWaiting = Math.max(mostWaiting, writableLength);
    }
    assert.ok(mostWaiting > hardBytes / 2 && mostWaiting <= hardBytes + softBytes, `${mostWaiting} bytes waited for one of them`);
    for (const { socket } of slow) socket.resume();
    await until(() => slow.every(({ closeCode }) => closeCode !== undefined), 'the ends');
    assert.deepEqual([...new Set(slow.map(({ closeCode }) => closeCode))], [4208]);
    const everything = Array.from({ length: sent }, (_, index) => start + index + 1);
    for (const { seqs } of slow) {
      const back = await connect();
      let { changes } = await back.ask('room.open', { room, epoch, after: seqs.at(-1) ?? start }) as { changes?: Changes };
      seqs.push(...changes!.facts.map(({ seq }) => seq));
      while (changes!.more) {
        ({ changes } = await back.ask('room.changes', { room, epoch, after: changes!.upTo }));
        seqs.push(...changes!.facts.map(({ seq }) => seq));
      }
      assert.deepEqual(seqs, everything);
    }
    for (const { seqs } of quick) assert.deepEqual(seqs, everything);
  });

  it('F7: who asks for more than they read at once waits for it, and is not ended by their own history', async () => {
    await world.store.importMessages('default', room, Array.from({ length: 200 }, (_, index) => (
      { senderId: 'ann', clientMsgId: `m${index}`, text: longest, at: index }
    )));
    const reader = await connect();
    reader.socket.pause();
    const refs = Array.from({ length: 60 }, () => reader.say('history', { room, limit: 100 }));
    const [end] = ends as [Socket];
    let most = 0;
    // In gulps: what the machine has taken for the reader is read at once, and then nothing for a while.
    while (reader.answers.size < refs.length) {
      const { size } = reader.answers;
      reader.socket.resume();
      await until(() => reader.answers.size > size, 'another answer');
      reader.socket.pause();
      for (let turn = 0; turn < 50; turn++) await settled();
      most = Math.max(most, end.writableLength);
    }
    assert.ok(most > softBytes && most < hardBytes, `${most} bytes were waiting`);
    assert.deepEqual([...reader.answers.keys()], refs);
    assert.equal(reader.closeCode, undefined);
  });

  it('no extension is agreed on, whatever is offered: frames are written past what would compress them', async () => {
    const socket = new WebSocket(`${door.url.replace('http', 'ws')}/ws`, subprotocol, { perMessageDeflate: true });
    await once(socket, 'open');
    assert.equal(socket.extensions, '');
    socket.terminate();
  });
});
