import type { ServerFrame } from '#protocol/frames';
import type { Person, RoomSummary } from '#protocol/models';
import { ChatClient } from '../../elements/client/chat-client.ts';
import type { ClientSocket, ClientSocketListener } from '../../elements/client/environment.ts';
import { MemoryOutboxStorage } from '../../elements/client/outbox-storage.ts';

type Request = Record<string, unknown> & { kind: string; ref: number };

export const grace: Person = { id: 'grace', name: 'Grace Hopper' };
export const people: Person[] = [
  { id: 'ada', name: 'Ada Lovelace' }, { id: 'alan', name: 'Alan Turing' }, { id: 'katherine', name: 'Katherine Johnson' },
];

/** A room of grace's list; what is not said is made up. */
export function roomSummary(id: string, given: Partial<RoomSummary> = {}): RoomSummary {
  return {
    id, kind: 'direct', epoch: 'e1', seq: 1, messageCount: 1, deletedCount: 0, memberCount: 2, people: [people[0]!],
    activeAt: Date.now(), readSeq: 1, readCount: 1, unread: 0, ...given,
  };
}

/** The last message of a room, for its summary. */
export function saying(sender: Person, text: string, given: { deletedAt?: number } = {}): Partial<RoomSummary> {
  const at = Date.now();
  return {
    lastMessage: { seq: 1, changedSeq: 1, ordinal: 1, senderId: sender.id, clientMsgId: 'c1', text, at, ...given },
    lastSender: sender,
  };
}

/**
 * A server with a list of rooms that lives in the page, for tests of elements in a browser: the real client speaks to it over
 * a transport without a network. Its rooms are empty; `ServerInPage` has one with messages.
 */
export class RoomsInPage {
  rooms: RoomSummary[];
  /** Who is signed in. */
  user: Person = grace;
  online: string[] = [];
  /** Rooms in a page of the list. */
  pageSize = 50;
  /** Kinds of requests that are refused, with the sentence. */
  readonly refused = new Map<string, string>();
  /** Kinds of requests that are never answered. */
  readonly unanswered = new Set<string>();
  readonly requests: Request[] = [];
  #listener: ClientSocketListener | undefined;

  constructor(rooms: RoomSummary[] = []) {
    this.rooms = rooms;
  }

  /** A client of `user`, connected. */
  client(): ChatClient {
    const client = new ChatClient({
      server: 'http://in-page.test',
      tokenProvider: async () => 'token',
      environment: {
        openSocket: (_url, _subprotocol, listener) => this.#accept(listener),
        outboxStorage: new MemoryOutboxStorage(),
        storage: undefined,
      },
    });
    client.connect();
    return client;
  }

  push(frame: ServerFrame): void {
    this.#listener?.onMessage(JSON.stringify(frame));
  }

  /** Ends the connection with a close code. */
  close(code: number, reason: string): void {
    const listener = this.#listener;
    this.#listener = undefined;
    listener?.onClose(code, reason);
  }

  #accept(listener: ClientSocketListener): ClientSocket {
    this.#listener = listener;
    queueMicrotask(() => listener.onOpen());
    return {
      send: (text) => queueMicrotask(() => this.#answer(JSON.parse(text) as Request)),
      close: () => {
        if (this.#listener === listener) this.#listener = undefined;
      },
    };
  }

  #answer(request: Request): void {
    this.requests.push(request);
    const { kind, ref } = request;
    if (!ref || this.unanswered.has(kind)) return;
    const refusal = this.refused.get(kind);
    if (refusal !== undefined) this.push({ kind: 'error', ref, code: 'forbidden', message: refusal, retry: false });
    else if (kind.startsWith('room.') && request['room'] !== undefined && !this.rooms.some(({ id }) => id === request['room'])) {
      this.push({ kind: 'error', ref, code: 'not_found', message: 'There is no such conversation.', retry: false });
    } else if (kind === 'hello') {
      const limits = { textCharacters: 8_000, frameBytes: 65_536, roomsPerConnection: 128 };
      this.push({ kind: 'ready', ref, version: 1, session: 's1', user: this.user, tenant: 't1', now: Date.now(), limits });
    } else this.push({ kind: 'ok', ref, data: { ...this.#data(request) } });
  }

  #data(request: Request): object {
    const query = String(request['query'] ?? '').toLowerCase();
    switch (request.kind) {
      case 'rooms.list': {
        const found = this.rooms.filter((room) => JSON.stringify([room.name, room.people]).toLowerCase().includes(query));
        const start = Number(request['cursor'] ?? 0);
        const end = start + this.pageSize;
        return { rooms: found.slice(start, end), ...(end < found.length ? { next: String(end) } : {}) };
      }
      case 'room.get': return { room: this.#room(String(request['room'])) };
      case 'room.open': {
        const page = { messages: [], hasBefore: false, hasAfter: false, people: [] };
        return { room: this.#room(String(request['room'])), members: [], people: [], upTo: 1, reset: true, page };
      }
      case 'room.create': {
        const room = request['type'] === 'direct'
          ? roomSummary('made', { people: people.filter(({ id }) => id === request['user']) })
          : roomSummary('made', { kind: 'group', people: people.filter(({ id }) => (request['users'] as string[]).includes(id)) });
        this.rooms.unshift(room);
        return { room, created: true };
      }
      case 'people.search': return { people: people.filter(({ name }) => name.toLowerCase().includes(query)) };
      case 'presence.watch': return { online: this.online.filter((id) => (request['users'] as string[]).includes(id)) };
      default: return {};
    }
  }

  #room(id: string): RoomSummary {
    return this.rooms.find((room) => room.id === id)!;
  }
}
