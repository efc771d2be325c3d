import { ChatClient } from '../../elements/client/chat-client.ts';
import { MemoryOutboxStorage, type OutboxStorage } from '../../elements/client/outbox-storage.ts';
import type { Room } from '../../elements/client/room.ts';
import { TokenEndedError } from '../../server/auth/auth.ts';
import { ChatterError } from '../../server/errors.ts';
import { type Identity, type Log, MemoryBroker, type Store } from '../../server/index.ts';
import { MemoryStore } from '../../server/store/memory-store.ts';
import { ManualClock, OwnClock, settled } from './clock.ts';
import { type Carrier, Link } from './link.ts';
import { seededRandom } from './random.ts';
import { OrderlyTraffic, type Traffic } from './traffic.ts';
import { WorldServer, type WorldServerOptions } from './world-server.ts';

export interface WorldOptions {
  servers?: number;
  seed?: number;
  /** By default one in memory. The world does not close it. */
  store?: (clock: ManualClock) => Promise<Store>;
  /** Who decides what arrives next; by default all comes in its order. */
  traffic?: (clock: ManualClock) => Traffic;
  /** What a server stands on, where that is not just what they all stand on. */
  server?: (index: number, shared: WorldServerOptions) => WorldServerOptions;
  /** Whether the servers may log this error: the test has made it. */
  isExpected?: (error: unknown) => boolean;
  /** Whether each frame is held against the schemas (by default), which costs more than all the rest. */
  checksFrames?: boolean;
  canPing?: boolean;
  /** Timers that are due together ring together, and what comes of it is awaited once. */
  isCoarse?: boolean;
}

export interface JoinOptions {
  server?: number;
  /** Given, where several clients are the tabs of one browser, or the same tab before and after a reload. */
  outboxStorage?: OutboxStorage;
  tenant?: string;
  /** How long each token is good; by default it does not end. */
  tokenMs?: number;
}

/**
 * Servers and clients, all real, in one process: no port, no file, no waiting. Time stands still but for `advance`, and
 * randomness comes from a seed, so that whatever a test has found it finds again.
 */
export class World {
  readonly clock = new ManualClock();
  readonly random: () => number;
  readonly broker = new MemoryBroker();
  readonly servers: WorldServer[] = [];
  readonly guests: Guest[] = [];
  readonly #traffic: Traffic;
  readonly #isCoarse: boolean;
  readonly #isExpected: (error: unknown) => boolean;
  readonly #faults: unknown[] = [];
  /** Counts all that happens, so that `settle` sees when nothing does any more. */
  #happenings = 0;
  #storeCalls = 0;
  #ids = 0;
  #store: Store | undefined;

  private constructor({ seed = 1, traffic, isExpected, checksFrames = true, canPing = false, isCoarse = false }: WorldOptions) {
    this.random = seededRandom(seed);
    this.#traffic = traffic?.(this.clock) ?? new OrderlyTraffic();
    this.#isCoarse = isCoarse;
    this.#isExpected = isExpected ?? (() => false);
    this.carrier = {
      checksFrames,
      canPing,
      carry: (deliver, lane) => {
        this.#happenings += 1;
        this.#traffic.carry(() => {
          this.#happenings += 1;
          deliver();
        }, lane);
      },
      fault: (error) => void this.#faults.push(error),
    };
  }

  static async start(options: WorldOptions = {}): Promise<World> {
    const world = new World(options);
    const { servers = 1, store, server } = options;
    const inMemory = () => new MemoryStore({ clock: world.clock, newId: () => world.newId() });
    world.#store = world.#counted(await (store?.(world.clock) ?? inMemory()));
    for (let index = 0; index < servers; index += 1) {
      const shared: WorldServerOptions = {
        auth: { authenticate: async (token) => world.#identityOf(token) },
        store: world.store,
        broker: world.broker,
        clock: world.clock,
        log: world.#log,
      };
      world.servers.push(await WorldServer.start(server?.(index, shared) ?? shared));
    }
    return world;
  }

  get store(): Store {
    if (!this.#store) throw new Error('The world has not begun.');
    return this.#store;
  }

  newId(): string {
    this.#ids += 1;
    return `id-${this.#ids}`;
  }

  server(index = 0): WorldServer {
    const server = this.servers[index];
    if (!server) throw new Error(`There are ${this.servers.length} servers in this world.`);
    return server;
  }

  /** A person comes with a client, that has connected when this resolves. */
  async join(user: string, options: JoinOptions = {}): Promise<Guest> {
    const guest = this.arrive(user, options);
    await this.settle();
    return guest;
  }

  /** A person comes with a client, that is connecting. */
  arrive(user: string, options: JoinOptions = {}): Guest {
    const guest = new Guest(this, user, options);
    this.guests.push(guest);
    guest.client.connect();
    return guest;
  }

  /** Two or more people in one room; each has it open. The first of them has made it. */
  async meet(...users: string[]): Promise<{ guests: Guest[]; room: string }> {
    const guests: Guest[] = [];
    for (const user of users) guests.push(await this.join(user));
    const [host, ...others] = guests;
    if (!host) throw new Error('Nobody was named.');
    const { id } = await this.run(host.client.createGroup({ name: 'Room', users: others.map(({ user }) => user) }));
    for (const guest of guests) guest.enter(id);
    await this.settle();
    return { guests, room: id };
  }

  /** Awaits a promise whose coming needs nothing but what has begun. */
  async run<T>(promise: Promise<T>): Promise<T> {
    const waiting = Symbol('waiting');
    const settled = Promise.allSettled([promise]);
    await this.settle();
    if (await Promise.race([settled, Promise.resolve(waiting)]) === waiting) {
      throw new Error('It waits for something that does not come by itself: turn the clock, or heal the link.');
    }
    return promise;
  }

  /** Lets happen whatever happens without time going by: until nothing is on its way any more. */
  async settle(): Promise<void> {
    // What nobody counts takes two turns at most: from a commit to what it plans for the end of the turn, and on to the bus.
    let turns = 0;
    for (let quietTurns = 0; quietTurns < (this.#isCoarse ? 3 : 4);) {
      const before = this.#happenings;
      await this.turn();
      const isQuiet = this.#happenings === before && this.#storeCalls === 0 && this.#traffic.isQuiet;
      quietTurns = isQuiet ? quietTurns + 1 : 0;
      if (++turns > 200_000) throw new Error('It never comes to rest: something goes on for ever without time going by.');
    }
    this.#throwFaults();
  }

  /** Some of what is on its way arrives, and what that begins has begun. */
  async turn(): Promise<void> {
    this.#traffic.deliverSome();
    await settled();
  }

  /** Turns the clock, and lets happen what comes of it. */
  async advance(ms: number): Promise<void> {
    if (!this.#isCoarse) return this.clock.advance(ms, () => this.settle());
    const until = this.clock.now() + ms;
    await this.settle();
    while (this.clock.ringNextTogether(until)) await this.settle();
  }

  /** Long enough for everything that heals by itself to have healed: back-offs, holes, heads, markers. */
  async heal(): Promise<void> {
    for (const { link } of this.guests) link.heal();
    await this.advance(60_000);
  }

  async close(): Promise<void> {
    for (const { client } of this.guests) client.close();
    await this.settle();
    for (const server of this.servers) await server.stop();
    this.#throwFaults();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  /** What links report to. */
  readonly carrier: Carrier;

  readonly #log: Log = {
    debug() {},
    info() {},
    warn() {},
    error: (message, fields) => {
      if (!this.#isExpected(fields?.error)) this.#faults.push(new Error(`The server has logged an error: ${message}`, { cause: fields?.error }));
    },
  };

  #throwFaults(): void {
    const [fault] = this.#faults.splice(0);
    if (fault !== undefined) throw fault;
  }

  #identityOf(token: string): Identity {
    const identity = JSON.parse(token) as Identity | { refused: string };
    if ('refused' in identity) throw new ChatterError('unauthorized', identity.refused);
    if (identity.expiresAt !== undefined && identity.expiresAt <= this.clock.now()) throw new TokenEndedError();
    return identity;
  }

  #counted(store: Store): Store {
    return new Proxy(store, {
      get: (target, name) => {
        const method: unknown = Reflect.get(target, name);
        if (typeof method !== 'function') return method;
        return async (...args: unknown[]): Promise<unknown> => {
          this.#happenings += 1;
          this.#storeCalls += 1;
          try {
            return await (Reflect.apply(method, target, args) as Promise<unknown>);
          } finally {
            this.#happenings += 1;
            this.#storeCalls -= 1;
          }
        };
      },
    });
  }
}

/** A person with a client. */
export class Guest {
  readonly user: string;
  readonly client: ChatClient;
  readonly link: Link;
  readonly clock: OwnClock;
  /** What the token provider was asked, in order. */
  readonly asked: { refresh: boolean }[] = [];
  /** While set, tokens are refused with this sentence. */
  refusal: string | undefined;
  #signedInAs: string;
  #isNextTokenOver = false;
  #leave: (() => void) | undefined;
  #room: Room | undefined;

  constructor(world: World, user: string, { server = 0, outboxStorage, tenant = 'main', tokenMs }: JoinOptions) {
    this.user = user;
    this.#signedInAs = user;
    this.clock = new OwnClock(world.clock);
    this.link = new Link(world.server(server), world.carrier);
    this.client = new ChatClient({
      server: 'http://world.test',
      tokenProvider: async (context) => {
        this.asked.push(context);
        if (this.refusal !== undefined) return JSON.stringify({ refused: this.refusal });
        const goodForMs = this.#isNextTokenOver ? 0 : tokenMs;
        this.#isNextTokenOver = false;
        const expiresAt = goodForMs === undefined ? undefined : world.clock.now() + goodForMs;
        return JSON.stringify({ tenant, user: { id: this.#signedInAs, name: nameOf(this.#signedInAs) }, expiresAt });
      },
      environment: {
        clock: this.clock,
        random: world.random,
        newId: () => world.newId(),
        openSocket: (_url, _subprotocol, listener) => this.link.dial(listener),
        isOffline: () => false,
        onHint: () => () => {},
        storage: undefined,
        outboxStorage: outboxStorage ?? new MemoryOutboxStorage(),
      },
    });
  }

  /** The token that is fetched next has ended before it arrives. */
  endNextToken(): void {
    this.#isNextTokenOver = true;
  }

  /** From the next token on it is somebody else who uses this client. */
  signInAs(user: string): void {
    this.#signedInAs = user;
  }

  /** The room that was entered last. */
  get room(): Room {
    if (!this.#room) throw new Error(`${this.user} is in no room.`);
    return this.#room;
  }

  /** Opens a room, and leaves the one before. */
  enter(room: string): Room {
    const leave = this.#leave;
    this.#room = this.client.room(room);
    this.#leave = this.#room.open();
    leave?.();
    return this.#room;
  }

  exit(): void {
    this.#leave?.();
    this.#leave = undefined;
  }

  /** As when the page is killed: nothing is finished, nothing is said. `isHeardOut`: what it has said still reaches the server. */
  crash(isHeardOut = false): void {
    this.clock.die();
    this.link.cut();
    this.link.hangUp(isHeardOut);
  }

  /** What is read in the room: texts, and in brackets what became of those that are not simply there. */
  get texts(): string[] {
    return this.room.state.messages.map((entry) => {
      if (entry.status !== 'sent') return `(${entry.status}) ${entry.text}`;
      return entry.message.deletedAt === undefined ? entry.message.text : '(deleted)';
    });
  }
}

function nameOf(user: string): string {
  return `${user.charAt(0).toUpperCase()}${user.slice(1)}`;
}
