import { limits } from '#protocol/codes';
import type { RequestInput, RequestKind, RequestOutput, ServerFrame, ServerFrameOf } from '#protocol/frames';
import type { Person, RoomSummary } from '#protocol/models';
import { ChangeNotifier } from './change-notifier.ts';
import { Connection, type ConnectionState, type TokenProvider } from './connection.ts';
import { Drafts } from './drafts.ts';
import { assertSockets, type Environment, platformEnvironment } from './environment.ts';
import { InvalidInputError, NotConnectedError } from './errors.ts';
import { Outbox } from './outbox.ts';
import { People } from './people.ts';
import { Presence } from './presence.ts';
import { Requests } from './requests.ts';
import type { Room } from './room.ts';
import { RoomList, type RoomListOptions } from './room-list.ts';
import { RoomRegistry } from './room-registry.ts';
import { Summaries } from './summaries.ts';

export type { ConnectionState, TokenProvider } from './connection.ts';

export interface ChatClientOptions {
  /** Base URL of the server, absolute. */
  server: string;
  tokenProvider: TokenProvider;
  /** What is not given is the platform's: in Node 20, which has no WebSocket, at least `openSocket` is. */
  environment?: Partial<Environment>;
}

/**
 * A person's chat on one server, without any page: it connects, comes back, queues, catches up and keeps the state that
 * elements show. It knows no DOM.
 */
export class ChatClient {
  /** Base URL of the server, without a trailing slash. */
  readonly server: string;
  readonly rooms: RoomList;
  readonly #environment: Environment;
  readonly #tokenProvider: TokenProvider;
  readonly #notifier = new ChangeNotifier();
  readonly #connection: Connection;
  readonly #requests: Requests;
  readonly #people = new People();
  readonly #summaries: Summaries;
  readonly #outbox: Outbox;
  readonly #presence: Presence;
  readonly #registry: RoomRegistry;
  #listListener: Parameters<RoomListOptions['onConnection']>[0] | undefined;
  /** Who wait for a connection that is just being made. */
  #connecting: (() => void)[] = [];
  #user: Person | undefined;
  #owner = '';
  #limits: ServerFrameOf<'ready'>['limits'] = limits;

  constructor({ server, tokenProvider, environment }: ChatClientOptions) {
    this.server = baseUrl(server);
    this.#tokenProvider = tokenProvider;
    this.#environment = { ...platformEnvironment(), ...environment };
    const { clock, random, outboxStorage, storage } = this.#environment;
    this.#connection = new Connection({
      url: `${this.server.replace(/^http/, 'ws')}/ws`,
      tokenProvider,
      environment: this.#environment,
      onReady: (frame) => this.#onReady(frame),
      onFrame: (frame) => this.#onFrame(frame),
      onLost: () => this.#onLost(),
      onStateChange: () => this.#onConnectionChange(),
    });
    this.#requests = new Requests(clock, (frame) => this.#connection.send(frame));
    this.#summaries = new Summaries({
      clock,
      random,
      me: () => this.#user?.id,
      person: (id) => this.#people.get(id),
      ask: async (room) => (await this.request('room.get', { room })).room,
    });
    this.#summaries.onChange((room) => {
      const summary = this.#summaries.get(room);
      if (summary) this.#people.put([...summary.people, ...(summary.lastSender ? [summary.lastSender] : [])]);
      this.#registry.listener(room)?.onSummary();
    });
    this.#outbox = new Outbox({
      storage: outboxStorage,
      clock,
      random,
      send: async ({ room, clientMsgId, text }) => (await this.request('message.send', { room, clientMsgId, text })).message,
      onSent: (entry, message) => {
        // Sending reads up to it (P1), and the heads that lists are told may skip it.
        this.#summaries.putRead(entry.room, { readSeq: message.seq, readCount: message.ordinal });
        this.#registry.listener(entry.room)?.onSent(message);
      },
      onChange: (room) => this.#registry.listener(room)?.onOutbox(),
    });
    this.#presence = new Presence((users) => this.request('presence.watch', { users }));
    this.rooms = new RoomList({
      clock,
      random,
      summaries: this.#summaries,
      list: (input) => this.request('rooms.list', input),
      isOnline: () => this.connection.status === 'online',
      onConnection: (listener) => {
        this.#listListener = listener;
      },
    });
    this.#registry = new RoomRegistry({
      environment: this.#environment,
      people: this.#people,
      summaries: this.#summaries,
      outbox: this.#outbox,
      drafts: new Drafts(storage),
      user: () => this.#user,
      owner: () => this.#owner,
      textLimit: () => this.textLimit,
      isOnline: () => this.connection.status === 'online',
      request: (kind, input) => this.request(kind, input),
      tell: (frame) => this.#connection.send(frame),
      makePlace: () => this.#registry.makePlace(this.#limits.roomsPerConnection),
    });
  }

  get connection(): ConnectionState {
    return this.#connection.state;
  }

  /** Who I am; known after the first `ready`. */
  get user(): Person | undefined {
    return this.#user;
  }

  /** The most characters a message may have on this server. */
  get textLimit(): number {
    return this.#limits.textCharacters;
  }

  /** Called when `connection` or `user` changed. Returns its undo. */
  onChange(listener: () => void): () => void {
    return this.#notifier.add(listener);
  }

  /** Throws where there is no WebSocket at all. */
  connect(): void {
    assertSockets(this.#environment);
    this.#connection.connect();
  }

  /** Drops the wait of a backoff: "try now". */
  reconnectNow(): void {
    this.#connection.reconnectNow();
  }

  /** Lets go of the connection. What waits to be sent is kept; `connect()` begins again. */
  close(): void {
    this.#connection.close();
    this.#outbox.close();
  }

  /** The one object for a room; nothing is asked of the server before `open()`. */
  room(id: string): Room {
    return this.#registry.get(id);
  }

  /** The person as last told, if ever. */
  person(id: string): Person | undefined {
    return this.#people.get(id);
  }

  /** Finds or makes the room with one other person, or with oneself. */
  async createDirect(userId: string): Promise<RoomSummary> {
    const { room } = await this.request('room.create', { type: 'direct', user: userId });
    this.#summaries.put(room);
    return room;
  }

  async createGroup({ name, users }: { name?: string; users: string[] }): Promise<RoomSummary> {
    const clientRoomId = this.#environment.newId();
    const { room } = await this.request('room.create', { type: 'group', clientRoomId, name, users });
    this.#summaries.put(room);
    return room;
  }

  async searchPeople(query: string, limit?: number): Promise<Person[]> {
    const { people } = await this.request('people.search', { query, limit });
    this.#people.put(people);
    return people;
  }

  /** Asks for the presence of these people as long as the undo is not called; `listener` is called on each change. */
  watchPresence(userIds: readonly string[], listener: () => void): () => void {
    return this.#presence.watch(userIds, listener);
  }

  isOnline(userId: string): boolean {
    return this.#presence.isOnline(userId);
  }

  /** Asks the server. While a connection is just being made it waits for that; without one it rejects at once. */
  async request<K extends RequestKind>(kind: K, input: RequestInput<K>): Promise<RequestOutput<K>> {
    if (this.connection.status === 'connecting') {
      await new Promise<void>((resolve) => this.#connecting.push(resolve));
    }
    if (this.connection.status !== 'online') throw new NotConnectedError();
    return this.#requests.request(kind, input);
  }

  #onReady(frame: ServerFrameOf<'ready'>): void {
    const owner = [this.server, frame.tenant, frame.user.id].join(' ');
    if (this.#owner !== '' && this.#owner !== owner) this.#forgetEverything();
    this.#owner = owner;
    this.#user = frame.user;
    this.#limits = frame.limits;
    this.#people.put([frame.user]);
    this.#notifier.notify();
    this.#listListener?.onReady();
    for (const listener of this.#registry.listeners()) listener.onReady();
    this.#presence.resume();
    void this.#outbox.resume(owner);
  }

  #onLost(): void {
    this.#outbox.pause();
    this.#presence.pause();
    this.#summaries.pause();
    this.#listListener?.onLost();
    for (const listener of this.#registry.listeners()) listener.onLost();
    // Last, so that nobody who is told of it asks again at once.
    this.#requests.rejectAll();
  }

  #onConnectionChange(): void {
    const { connection } = this;
    if (connection.status !== 'connecting') {
      for (const resolve of this.#connecting.splice(0)) resolve();
    }
    if (connection.status === 'stopped') this.#listListener?.onStopped(connection.message);
    this.#notifier.notify();
  }

  #onFrame(frame: ServerFrame): void {
    switch (frame.kind) {
      case 'ok':
      case 'error':
        return this.#requests.answered(frame);
      case 'facts':
        return this.#registry.listener(frame.room)?.onFacts(frame);
      case 'heads':
        for (const head of frame.heads) {
          this.#summaries.putHead(head);
          this.#registry.listener(head.room)?.onHead(head);
        }
        return;
      case 'room':
        this.#summaries.put(frame.room);
        return this.#registry.listener(frame.room.id)?.onListed();
      case 'room.gone':
        this.#summaries.remove(frame.room);
        return this.#registry.listener(frame.room)?.onGone();
      case 'read':
        return this.#summaries.putRead(frame.room, frame);
      case 'seen':
        return this.#registry.listener(frame.room)?.onSeen(frame.cursors);
      case 'typing':
        for (const { user, active } of [frame, ...(frame.others ?? [])]) {
          this.#people.put([user]);
          this.#registry.listener(frame.room)?.onTyping(user, active);
        }
        return;
      case 'presence':
        return this.#presence.put(frame);
      case 'occupancy':
        return this.#registry.listener(frame.room)?.onOccupancy(frame.online);
      case 'token.expiring':
        return void this.#refreshToken();
      default:
        // `heartbeat` was what its coming says; what a newer server has to say beyond this version is ignored (F2).
    }
  }

  /** In place, without a new connection. Where it does not work out the server ends this one, and the next asks again (C6). */
  async #refreshToken(): Promise<void> {
    try {
      const token = await this.#tokenProvider({ refresh: true });
      await this.request('token.refresh', { token });
    } catch {
      // The host's provider may throw anything; the close that follows says what to do.
    }
  }

  /** Another person is signed in: nothing of what the one before could see may be seen any more. */
  #forgetEverything(): void {
    this.#people.clear();
    this.#summaries.clear();
    this.#listListener?.onForget();
    for (const listener of this.#registry.listeners()) listener.onForget();
  }
}

function baseUrl(server: string): string {
  if (!/^https?:\/\//.test(server)) {
    throw new InvalidInputError(`The server's address must begin with https:// or http://, but it is "${server}".`);
  }
  return server.replace(/\/+$/, '');
}
