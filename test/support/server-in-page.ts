import type { Fact, Member, Message, MessagePage, Person, RoomSummary } from '#protocol/models';
import type { ServerFrame } from '#protocol/frames';
import { ChatClient } from '../../elements/client/chat-client.ts';
import type { ClientSocket, ClientSocketListener } from '../../elements/client/environment.ts';
import { MemoryOutboxStorage } from '../../elements/client/outbox-storage.ts';

export const me: Person = { id: 'me', name: 'Mia Jansen' };
export const ada: Person = { id: 'ada', name: 'Ada Lovelace' };
export const bo: Person = { id: 'bo', name: 'Bo Karlsson' };
export const cy: Person = { id: 'cy', name: 'Cy Twombly' };
export const dee: Person = { id: 'dee', name: 'Dee Dee Bridgewater' };

/** One line of a conversation that a test sets up: who says what, and when (minutes before now). */
export interface Line {
  by: Person;
  text: string;
  at?: number;
}

type Request = Record<string, unknown> & { kind: string; ref: number };

/**
 * One room on a server that lives in the page, for tests of elements in a browser: the real client speaks to it over a
 * transport without a network. It keeps to the protocol as far as a room needs it; servers themselves are tested elsewhere.
 */
export class ServerInPage {
  readonly roomId = 'room-1';
  readonly kind: 'direct' | 'group';
  readonly people: Person[];
  readonly messages: Message[] = [];
  readonly members: Member[];
  /** Requests as they came. */
  readonly requests: Request[] = [];
  name: string | undefined;
  readSeq = 0;
  online: string[] = ['me', 'ada'];
  /** As in a room of over a hundred: who is in it is told by pages only, and who is there not at all. */
  isLarge = false;
  /** Why a send is refused for good, if it is. */
  refusal: string | undefined;
  /** Kinds of requests that wait until `release` is called. */
  readonly held = new Set<string>();
  #waiting: Request[] = [];
  #listener: ClientSocketListener | undefined;
  #seq = 0;
  #watchers: { kind: string; resolve: () => void }[] = [];

  constructor(options: { kind?: 'direct' | 'group'; people?: Person[]; name?: string; lines?: Line[]; readSeq?: number } = {}) {
    this.kind = options.kind ?? 'group';
    this.people = [me, ...(options.people ?? (this.kind === 'direct' ? [ada] : [ada, bo]))];
    this.name = options.name;
    this.members = this.people.map(({ id }) => ({ userId: id, changedSeq: 0, joinedAt: 0, readSeq: 0 }));
    for (const line of options.lines ?? []) this.#add(line.by, line.text, line.at);
    this.readSeq = options.readSeq ?? this.#seq;
  }

  /** A client of `me`, connected. */
  client(): ChatClient {
    const client = new ChatClient({
      server: 'http://in-page.test',
      tokenProvider: async () => 'token',
      environment: { openSocket: (_url, _subprotocol, listener) => this.#accept(listener), outboxStorage: new MemoryOutboxStorage(), storage: undefined },
    });
    client.connect();
    return client;
  }

  get summary(): RoomSummary {
    const last = this.messages.at(-1);
    const deletedCount = this.messages.filter((message) => message.deletedAt !== undefined).length;
    const readCount = this.messages.filter((message) => message.seq <= this.readSeq).length;
    return {
      id: this.roomId, kind: this.kind, name: this.name, epoch: 'e1', seq: this.#seq, messageCount: this.messages.length, deletedCount,
      memberCount: this.isLarge ? 1_204 : this.members.length, people: this.people.slice(1, 6), lastMessage: last,
      lastSender: this.people.find(({ id }) => id === last?.senderId), activeAt: last?.at ?? 0, readSeq: this.readSeq, readCount,
      unread: this.messages.filter((message) => message.seq > this.readSeq && message.deletedAt === undefined).length,
    };
  }

  /** Somebody else says something now. */
  say(by: Person, text: string): Message {
    const message = this.#add(by, text);
    this.#tell([{ seq: message.seq, kind: 'message', message }]);
    return message;
  }

  /** Many at once, in one frame. */
  sayAll(lines: Line[]): void {
    const facts = lines.map((line): Fact => {
      const message = this.#add(line.by, line.text);
      return { seq: message.seq, kind: 'message', message };
    });
    this.#tell(facts);
  }

  /** The text of a message becomes another. */
  edit(message: Message, text: string): void {
    this.#change(message, { text, editedAt: Date.now() });
  }

  saw(by: Person, seq: number): void {
    this.push({ kind: 'seen', room: this.roomId, cursors: [[by.id, seq]] });
  }

  types(by: Person, active = true): void {
    this.push({ kind: 'typing', room: this.roomId, user: by, active });
  }

  removeMe(): void {
    this.push({ kind: 'room.gone', room: this.roomId });
  }

  /** Cuts the connection. */
  cut(): void {
    const listener = this.#listener;
    this.#listener = undefined;
    listener?.onClose(1006, '');
  }

  /** Answers what was held. */
  release(kind: string): void {
    this.held.delete(kind);
    const waiting = this.#waiting.filter((request) => request.kind === kind);
    this.#waiting = this.#waiting.filter((request) => request.kind !== kind);
    for (const request of waiting) this.#answer(request);
  }

  /** Resolves when a request of this kind came; at once where one came already. */
  async requested(kind: string): Promise<Request> {
    const found = (): Request | undefined => this.requests.find((request) => request.kind === kind);
    if (!found()) await new Promise<void>((resolve) => this.#watchers.push({ kind, resolve }));
    return found()!;
  }

  push(frame: ServerFrame): void {
    this.#listener?.onMessage(JSON.stringify(frame));
  }

  #accept(listener: ClientSocketListener): ClientSocket {
    this.#listener = listener;
    queueMicrotask(() => listener.onOpen());
    return {
      send: (text) => queueMicrotask(() => this.#receive(JSON.parse(text) as Request)),
      close: () => {
        if (this.#listener === listener) this.#listener = undefined;
      },
    };
  }

  #receive(request: Request): void {
    this.requests.push(request);
    this.#watchers = this.#watchers.filter(({ kind, resolve }) => {
      if (kind === request.kind) resolve();
      return kind !== request.kind;
    });
    if (this.held.has(request.kind)) this.#waiting.push(request);
    else this.#answer(request);
  }

  #answer(request: Request): void {
    const ok = (data: object): void => this.push({ kind: 'ok', ref: request.ref, data: { ...data } });
    switch (request.kind) {
      case 'hello':
        this.push({
          kind: 'ready', ref: request.ref, version: 1, session: 's1', user: me, tenant: 't1', now: Date.now(),
          limits: { textCharacters: 8_000, frameBytes: 65_536, roomsPerConnection: 128 },
        });
        return;
      case 'rooms.list': return ok({ rooms: [this.summary] });
      case 'room.get': return ok({ room: this.summary });
      case 'room.open': {
        // Behind by little: what changed, as a real server says it.
        if (request['after'] !== undefined) {
          const after = Number(request['after']);
          const facts = this.messages.filter((message) => message.changedSeq > after)
            .map((message): Fact => ({ seq: message.changedSeq, kind: 'message', message }));
          return ok({
            room: this.summary, members: this.#told, people: this.people, upTo: this.#seq, reset: false,
            changes: { facts, upTo: this.#seq, more: false, people: this.people },
          });
        }
        return ok({ room: this.summary, members: this.#told, people: this.people, upTo: this.#seq, reset: true, page: this.#page(request) });
      }
      case 'history': return ok({ page: this.#page(request) });
      case 'message.send': {
        if (this.refusal !== undefined) {
          this.push({ kind: 'error', ref: request.ref, code: 'forbidden', message: this.refusal, retry: false });
          return;
        }
        const message = this.#add(me, String(request['text']), 0, String(request['clientMsgId']));
        ok({ message, duplicate: false });
        this.#tell([{ seq: message.seq, kind: 'message', message }]);
        return;
      }
      case 'message.delete': {
        const message = this.messages.find(({ seq }) => seq === request['seq'])!;
        ok({ message: this.#change(message, { text: '', deletedAt: Date.now() }) });
        return;
      }
      case 'room.read': {
        this.readSeq = Math.max(this.readSeq, Number(request['seq']));
        const { readSeq, readCount, unread } = this.summary;
        return ok({ readSeq, readCount, unread });
      }
      case 'room.seen': return ok({ count: 140, people: this.people.slice(1, 3) });
      case 'members.list': {
        const start = Number(request['cursor'] ?? 0);
        const next = start + 2 < this.members.length ? String(start + 2) : undefined;
        return ok({ members: this.members.slice(start, start + 2), people: this.people.slice(start, start + 2), next });
      }
      case 'presence.watch':
        return ok({ online: this.online.filter((id) => (request['users'] as string[]).includes(id)) });
      case 'people.search': return ok({ people: [dee, cy].filter(({ name }) => name.toLowerCase().includes(String(request['query']).toLowerCase())) });
      default:
        if (request.ref) ok({});
    }
  }

  get #told(): Member[] {
    return this.isLarge ? [] : this.members;
  }

  #page(request: Request): MessagePage {
    const limit = Number(request['limit'] ?? 50);
    const { before, after, around } = request as { before?: number; after?: number; around?: number };
    const indexOf = (seq: number): number => {
      const index = this.messages.findIndex((message) => message.seq >= seq);
      return index < 0 ? this.messages.length : index;
    };
    let start = Math.max(0, this.messages.length - limit);
    let end = this.messages.length;
    if (before !== undefined) {
      end = indexOf(before);
      start = Math.max(0, end - limit);
    } else if (after !== undefined) {
      start = indexOf(after + 1);
      end = Math.min(this.messages.length, start + limit);
    } else if (around !== undefined) {
      start = Math.max(0, indexOf(around) - Math.floor(limit / 2));
      end = Math.min(this.messages.length, start + limit);
    }
    return { messages: this.messages.slice(start, end), hasBefore: start > 0, hasAfter: end < this.messages.length, people: this.people };
  }

  #add(by: Person, text: string, minutesAgo = 0, clientMsgId = `c${this.#seq + 1}`): Message {
    const seq = (this.#seq += 1);
    const message: Message = {
      seq, changedSeq: seq, ordinal: this.messages.length + 1, senderId: by.id, clientMsgId, text, at: Date.now() - minutesAgo * 60_000,
    };
    this.messages.push(message);
    return message;
  }

  #change(message: Message, change: Partial<Message>): Message {
    const index = this.messages.findIndex(({ seq }) => seq === message.seq);
    const changed = { ...message, ...change, changedSeq: (this.#seq += 1) };
    this.messages[index] = changed;
    this.#tell([{ seq: changed.changedSeq, kind: 'message', message: changed }]);
    return changed;
  }

  #tell(facts: Fact[]): void {
    this.push({ kind: 'facts', room: this.roomId, epoch: 'e1', facts, people: this.people });
  }
}
