import assert from 'node:assert/strict';
import { SignJWT } from 'jose';
import { protocolVersion } from '#protocol/codes';
import { type Head, type RequestInput, type RequestKind, type RequestOutput, requests, type ServerFrame, serverFrame, type ServerFrameOf } from '#protocol/frames';
import type { Fact } from '#protocol/models';
import { type Chatter, type ChatterOptions, createChatter, createJwtAuth, createLog, MemoryBroker, type SessionDoor, type SessionSocket, type Store } from '../../server/index.ts';
import { MemoryStore } from '../../server/store/memory-store.ts';
import { ManualClock, settled } from './clock.ts';

const secret = 'a secret that only the tests know, of 32 bytes or more';
/** Only what fails takes that long. In turns of the event loop it cannot be said: signatures are checked on other threads. */
const patienceMs = 10_000;

/** Lets the servers run until it is so. Fails with `what` where it never is. */
export async function until(isSo: () => boolean, what: string): Promise<void> {
  for (const giveUpAt = performance.now() + patienceMs; performance.now() < giveUpAt; await settled()) if (isSo()) return;
  assert.fail(`This never came: ${what}`);
}

/** Servers in this process, on one store, one broker and one clock that tests turn. */
export class ServerWorld {
  readonly clock = new ManualClock();
  readonly broker = new MemoryBroker();
  readonly store: Store;
  readonly servers: Chatter[] = [];
  /** Lines of the servers' logs. */
  readonly log: string[] = [];
  readonly #options: Partial<ChatterOptions>;
  readonly #peers: Peer[] = [];

  private constructor(options: Partial<ChatterOptions>) {
    this.#options = options;
    this.store = options.store ?? new MemoryStore({ clock: this.clock });
  }

  static async start(options: Partial<ChatterOptions> = {}, { nodes = 1 } = {}): Promise<ServerWorld> {
    const world = new ServerWorld(options);
    for (let node = 0; node < nodes; node++) await world.startServer();
    return world;
  }

  get server(): Chatter {
    return this.servers[0]!;
  }

  /** One more node on the same store. */
  async startServer(): Promise<Chatter> {
    const server = await createChatter({
      auth: await createJwtAuth({ secrets: [secret], clock: this.clock }),
      clock: this.clock, bus: this.broker.bus(), log: createLog('debug', { write: (line) => this.log.push(line) }),
      ...this.#options, store: this.store,
    });
    this.servers.push(server);
    return server;
  }

  token(id: string, { tenant, lastsMs = 3_600_000, name, claims = {} }: {
    tenant?: string; lastsMs?: number; name?: string; claims?: Record<string, unknown>;
  } = {}): Promise<string> {
    return new SignJWT({ name: name ?? nameOf(id), ...(tenant === undefined ? {} : { tenant }), ...claims })
      .setProtectedHeader({ alg: 'HS256' }).setSubject(id).setIssuedAt(Math.floor(this.clock.now() / 1000)).setExpirationTime(Math.floor((this.clock.now() + lastsMs) / 1000))
      .sign(new TextEncoder().encode(secret));
  }

  /** A socket that has said nothing. */
  dial(server = this.server, options: { canPing?: boolean } = {}): Peer {
    const peer = new Peer(server, options);
    this.#peers.push(peer);
    return peer;
  }

  /** A session of the person, `ready`. */
  async connect(id: string, { tenant, server, lastsMs, canPing }: {
    tenant?: string; server?: Chatter; lastsMs?: number; canPing?: boolean;
  } = {}): Promise<Peer> {
    const peer = this.dial(server, { canPing });
    await peer.hello(await this.token(id, { tenant, lastsMs }));
    return peer;
  }

  /** Makes these people known, as their first connection does. */
  async meet(...ids: string[]): Promise<void> {
    await this.store.putPeople('default', ids.map((id) => ({ id, name: nameOf(id) })));
  }

  async group(name: string, ...members: string[]): Promise<string> {
    await this.meet(...members);
    return (await this.store.createRoom('default', { kind: 'group', name, members })).room.id;
  }

  /** Nobody is waited for: a server of several would send many away one after the other (C9). */
  async close(): Promise<void> {
    for (const peer of this.#peers) peer.cut();
    await Promise.all(this.servers.map((server) => server.close()));
  }
}

function nameOf(id: string): string {
  return `${id.slice(0, 1).toUpperCase()}${id.slice(1)}`;
}

/** The far end of a session: says what a test wants, and checks each frame that it hears. */
export class Peer {
  readonly frames: ServerFrame[] = [];
  closed: { code: number; reason: string } | undefined;
  pings = 0;
  /** What the far end has not taken: a test makes it slow. */
  bufferedBytes = 0;
  /** Every byte sent counts as waiting, until a test sets `bufferedBytes` back. */
  isStuck = false;
  readonly #door: SessionDoor;
  #ref = 0;

  constructor(server: Chatter, { canPing = false } = {}) {
    const bufferedBytes = (): number => this.bufferedBytes;
    const socket: SessionSocket = {
      send: (text) => this.#hear(text),
      close: (code, reason) => {
        this.closed ??= { code, reason };
      },
      get bufferedBytes() {
        return bufferedBytes();
      },
      ...(canPing ? { ping: () => void (this.pings += 1) } : {}),
    };
    this.#door = server.connect(socket);
  }

  /** Says anything at all. */
  say(frame: unknown): void {
    this.#door.receive(typeof frame === 'string' ? frame : JSON.stringify(frame));
  }

  /** What the server closed with; undefined while it has not. */
  closeCode(): number | undefined {
    return this.closed?.code;
  }

  heard(): void {
    this.#door.heard();
  }

  /** The line is cut. */
  cut(): void {
    this.closed ??= { code: 1006, reason: 'cut' };
    this.#door.closed();
  }

  async hello(token: string): Promise<void> {
    this.say({ kind: 'hello', ref: ++this.#ref, version: protocolVersion, token });
    await until(() => this.closed !== undefined || this.all('ready').length > 0, 'ready, or a close');
    assert.equal(this.closed, undefined);
  }

  /** Sends a request. Its answer is `ok` or `error`. */
  begin<K extends RequestKind>(kind: K, input: RequestInput<K>): () => ServerFrameOf<'ok'> | ServerFrameOf<'error'> | undefined {
    const ref = ++this.#ref;
    this.say({ kind, ref, ...input });
    return () => this.frames.find((frame): frame is ServerFrameOf<'ok'> | ServerFrameOf<'error'> =>
      (frame.kind === 'ok' || frame.kind === 'error') && frame.ref === ref);
  }

  async answerTo<K extends RequestKind>(kind: K, input: RequestInput<K>): Promise<ServerFrameOf<'ok'> | ServerFrameOf<'error'>> {
    const answer = this.begin(kind, input);
    await until(() => answer() !== undefined || this.closed !== undefined, `the answer to ${kind}`);
    return answer() ?? assert.fail(`${kind} was not answered: the session closed with ${this.closed?.code} ${this.closed?.reason}`);
  }

  async ask<K extends RequestKind>(kind: K, input: RequestInput<K>): Promise<RequestOutput<K>> {
    const answer = await this.answerTo(kind, input);
    if (answer.kind === 'error') assert.fail(`${kind} was refused: ${answer.code}, ${answer.message}`);
    return requests[kind].output.parse(answer.data) as RequestOutput<K>;
  }

  /** The code that the request is refused with. */
  async refusal<K extends RequestKind>(kind: K, input: RequestInput<K>): Promise<string> {
    const answer = await this.answerTo(kind, input);
    return answer.kind === 'error' ? answer.code : 'ok';
  }

  send(room: string, text: string, clientMsgId = text.replaceAll(/\W/g, '-')): Promise<RequestOutput<'message.send'>> {
    return this.ask('message.send', { room, clientMsgId, text });
  }

  all<K extends ServerFrame['kind']>(kind: K): ServerFrameOf<K>[] {
    return this.frames.filter((frame): frame is ServerFrameOf<K> => frame.kind === kind);
  }

  async next<K extends ServerFrame['kind']>(kind: K, isIt: (frame: ServerFrameOf<K>) => boolean = () => true): Promise<ServerFrameOf<K>> {
    await until(() => this.all(kind).some(isIt), `a frame ${kind}`);
    return this.all(kind).find(isIt)!;
  }

  /** Facts of the room, as they came. */
  facts(room: string): Fact[] {
    return this.all('facts').filter((frame) => frame.room === room).flatMap((frame) => frame.facts);
  }

  heads(room: string): Head[] {
    return this.all('heads').flatMap((frame) => frame.heads).filter((head) => head.room === room);
  }

  /** What was said so far is answered and delivered, and nothing that came from it is on its way. */
  async quiet(): Promise<void> {
    if (!this.closed) await this.ask('rooms.list', { limit: 1 });
    for (let turn = 0; turn < 10; turn++) await settled();
  }

  /** Forgets what was heard. */
  clear(): void {
    this.frames.length = 0;
  }

  #hear(text: string): void {
    assert.equal(this.closed, undefined, 'Nothing is said to a closed socket.');
    if (this.isStuck) this.bufferedBytes += Buffer.byteLength(text);
    this.frames.push(serverFrame.parse(JSON.parse(text)));
  }
}
