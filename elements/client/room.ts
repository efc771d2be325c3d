import type { RequestOutput } from '#protocol/frames';
import type { Fact, Member, Message, Person, RoomSummary } from '#protocol/models';
import { ChangeNotifier } from './change-notifier.ts';
import { Timers } from './clock.ts';
import { InvalidInputError } from './errors.ts';
import type { OutboxEntry } from './outbox-storage.ts';
import { ReadMarker } from './read-marker.ts';
import type { RoomHost, RoomListener } from './room-host.ts';
import { hasMessage, messageKey, type TimelineMessage, type UnsentMessage } from './room-state.ts';
import { RoomSync } from './room-sync.ts';
import { Typing } from './typing.ts';

export type { TimelineMessage } from './room-state.ts';

/** A room that nobody looks at stays open this long: switching back and forth is instant. */
const graceMs = 30_000;

/** A snapshot; a new object after each change. */
export interface RoomState {
  status: 'closed' | 'opening' | 'ready' | 'gone' | 'error';
  error?: string;
  summary?: RoomSummary;
  /** A contiguous run of the room's messages, oldest first, then what is pending. `key` never changes for a message. */
  messages: readonly TimelineMessage[];
  hasBefore: boolean;
  hasAfter: boolean;
  isLoadingBefore: boolean;
  isLoadingAfter: boolean;
  /** Where the divider of unread stands: after this `seq`. Set when the room was opened, until it is closed. */
  unreadAfterSeq?: number;
  /** Present members, where the room is small enough to have them all (100). */
  members: readonly Member[];
  /** Others who type now. */
  typing: readonly Person[];
}

/** One conversation. Had from `ChatClient.room(id)`, which gives the same object for the same id. */
export class Room {
  readonly id: string;
  readonly #host: RoomHost;
  readonly #notifier = new ChangeNotifier();
  readonly #timers: Timers;
  readonly #sync: RoomSync;
  readonly #typing: Typing;
  readonly #readMarker: ReadMarker;
  #state: RoomState | undefined;
  #openers = 0;
  #members: readonly Member[] = [];
  /** Undefined until it is known, in each visit, whether and where there is a divider. */
  #divider: { afterSeq: number | undefined } | undefined;
  /** Acknowledged, but what comes before them in the room was not told yet: shown as pending until it was. */
  #acknowledged: Message[] = [];

  /** Made by the `ChatClient`, to whom `listen` gives what the server says of this room. */
  constructor(id: string, host: RoomHost, listen: (listener: RoomListener, room: RoomUse) => void) {
    this.id = id;
    this.#host = host;
    const { clock } = host.environment;
    const onChange = () => this.#changed();
    this.#timers = new Timers(clock);
    this.#typing = new Typing(clock, (active) => this.#tellTyping(active), onChange);
    this.#readMarker = new ReadMarker(clock, (seq) => this.#tellRead(seq));
    this.#sync = new RoomSync({
      room: id,
      host,
      onOpened: (answer) => this.#onOpened(answer),
      onFacts: (facts, people) => this.#onFacts(facts, people),
      onPage: ({ messages, people }) => {
        host.people.put(people);
        this.#acknowledge(messages);
      },
      onChange,
    });
    listen(
      {
        onReady: () => {
          if (this.#openers > 0 && this.#sync.status !== 'gone') this.#open();
          this.#readMarker.flush();
        },
        onLost: () => {
          this.#timers.clear('grace');
          this.#typing.clear();
          this.#sync.suspend();
          if (this.#openers === 0) this.#sync.close();
        },
        onFacts: (frame) => this.#sync.takeFacts(frame),
        onHead: (head) => this.#sync.takeHead(head),
        onSeen: (cursors) => this.#onSeen(cursors),
        onTyping: (person, isActive) => this.#typing.put(person, isActive),
        onGone: () => {
          this.#typing.clear();
          this.#sync.gone();
        },
        onListed: () => {
          if (this.#openers > 0 && (this.#sync.status === 'gone' || this.#sync.status === 'error')) this.#open();
        },
        onSummary: onChange,
        onOutbox: onChange,
        onSent: (message) => this.#onSent(message),
        onForget: () => this.#forget(),
      },
      {
        isOpen: () => this.#sync.isOpen,
        isIdle: () => this.#openers === 0,
        close: () => this.#close(),
      },
    );
  }

  get state(): RoomState {
    this.#state ??= this.#snapshot();
    return this.#state;
  }

  onChange(listener: () => void): () => void {
    return this.#notifier.add(listener);
  }

  /** Opens and keeps open until as many undos were called as opens. */
  open(): () => void {
    this.#openers += 1;
    if (this.#openers === 1) {
      this.#timers.clear('grace');
      this.#divider = undefined;
      if (this.#sync.isOpen) this.#placeDivider();
      else if (this.#host.isOnline) this.#open();
      this.#changed();
    }
    let isOver = false;
    return () => {
      if (isOver) return;
      isOver = true;
      this.#openers -= 1;
      if (this.#openers > 0) return;
      if (this.#sync.isOpen) this.#timers.set('grace', graceMs, () => this.#close());
      else this.#close();
    };
  }

  /** Shows the message at once, and sends it when it can. Returns its clientMsgId. Throws where `text` is blank or too long. */
  send(text: string): string {
    const { textLimit, environment, outbox } = this.#host;
    if (text.trim() === '') throw new InvalidInputError('There is nothing to send: the message is blank.');
    if (text.length > textLimit) {
      throw new InvalidInputError(`The message has ${text.length} characters; at most ${textLimit} can be sent.`);
    }
    const clientMsgId = environment.newId();
    this.#typing.sent();
    // Lone surrogates (half an emoji, from some input methods) cannot go over the wire.
    outbox.add(this.id, text.toWellFormed().replaceAll('\0', ''), clientMsgId);
    // One's own message belongs to the end: without this it would seem to follow the older ones that are looked at.
    if (this.#sync.window.hasAfter) this.loadNewest().catch(() => undefined);
    return clientMsgId;
  }

  /** Sends a refused message again. */
  retry(clientMsgId: string): void {
    this.#host.outbox.retry(this.id, clientMsgId);
  }

  /** Lets go of a message that was not sent. */
  discard(clientMsgId: string): void {
    this.#host.outbox.discard(this.id, clientMsgId);
  }

  /** Takes one's own message back, for everybody. */
  async delete(seq: number): Promise<void> {
    const { message } = await this.#host.request('message.delete', { room: this.id, seq });
    this.#sync.takeMessage(message);
  }

  /** Loads the page before the window. Does nothing where there is none, or no connection. */
  loadBefore(): Promise<void> {
    return this.#sync.loadBefore();
  }

  /** Loads the page after the window. Does nothing where there is none, or no connection. */
  loadAfter(): Promise<void> {
    return this.#sync.loadAfter();
  }

  /** Jumps to the newest page. */
  loadNewest(): Promise<void> {
    return this.#sync.jump({});
  }

  /** Jumps to the page around a message. */
  loadAround(seq: number): Promise<void> {
    return this.#sync.jump({ around: seq });
  }

  /** "Everything up to here was seen"; coalesced. */
  markRead(seq: number): void {
    const { summaries } = this.#host;
    const summary = summaries.get(this.id);
    if (summary && seq <= summary.readSeq) return;
    this.#readMarker.mark(seq);
    // Where all was read the count is known at once; else the server's answer tells it.
    const { messages, hasAfter } = this.#sync.window;
    const last = messages.at(-1)?.message;
    if (last && !hasAfter && seq >= last.seq && last.ordinal === summary?.messageCount) {
      summaries.putRead(this.id, { readSeq: seq, readCount: last.ordinal });
    }
  }

  /** Call on every keystroke; told to others at most every 3 s. */
  setTyping(isTyping: boolean): void {
    this.#typing.setMine(isTyping);
  }

  /** Who has read up to `seq`: how many, and the first fifty of them. */
  seenBy(seq: number): Promise<{ count: number; people: Person[] }> {
    return this.#host.request('room.seen', { room: this.id, seq });
  }

  async rename(name: string | undefined): Promise<void> {
    await this.#host.request('room.rename', { room: this.id, name: name ?? null });
  }

  async addMembers(userIds: string[]): Promise<void> {
    await this.#host.request('member.add', { room: this.id, users: userIds });
  }

  async removeMember(userId: string): Promise<void> {
    await this.#host.request('member.remove', { room: this.id, user: userId });
  }

  async leave(): Promise<void> {
    await this.#host.request('room.leave', { room: this.id });
  }

  /** What was typed and not sent; kept per room across reloads. Empty while it is not known yet who types. */
  get draft(): string {
    const { drafts, owner } = this.#host;
    return drafts.get(owner, this.id);
  }

  set draft(text: string) {
    const { drafts, owner } = this.#host;
    drafts.set(owner, this.id, text);
  }

  #open(): void {
    this.#host.makePlace();
    this.#sync.open();
  }

  #close(): void {
    this.#timers.clear('grace');
    this.#typing.clear();
    this.#sync.close();
  }

  #forget(): void {
    this.#typing.clear();
    this.#readMarker.reset();
    this.#members = [];
    this.#divider = undefined;
    this.#acknowledged = [];
    this.#sync.reset();
  }

  #onOpened(answer: RequestOutput<'room.open'>): void {
    const { people, summaries } = this.#host;
    people.put(answer.people);
    if (answer.room.lastSender) people.put([answer.room.lastSender]);
    if (answer.reset) this.#readMarker.reset();
    summaries.put(answer.room);
    this.#members = answer.members;
    this.#placeDivider();
  }

  #placeDivider(): void {
    const summary = this.#host.summaries.get(this.id);
    if (!summary || this.#divider) return;
    this.#divider = { afterSeq: summary.unread > 0 ? summary.readSeq : undefined };
  }

  #onFacts(facts: readonly Fact[], people: readonly Person[]): void {
    this.#host.people.put(people);
    for (const fact of facts) {
      if (fact.kind === 'message') this.#typing.stopped(fact.message.senderId);
      if (fact.kind === 'member') {
        this.#host.people.put([fact.person]);
        this.#putMember(fact.member);
      }
    }
    this.#acknowledge(facts.flatMap((fact) => (fact.kind === 'message' ? [fact.message] : [])));
    this.#host.summaries.putFacts(this.id, facts);
  }

  #putMember(member: Member): void {
    const known = this.#members.find(({ userId }) => userId === member.userId);
    if (known && known.changedSeq >= member.changedSeq) return;
    const others = this.#members.filter((one) => one !== known);
    this.#members = member.leftAt === undefined ? [...others, member] : others;
  }

  #onSeen(cursors: readonly (readonly [string, number])[]): void {
    const seen = new Map(cursors);
    this.#members = this.#members.map((member) => {
      const readSeq = seen.get(member.userId) ?? 0;
      return readSeq > member.readSeq ? { ...member, readSeq } : member;
    });
    this.#changed();
  }

  /** Whatever way a message of mine came back, it waits no longer. */
  #acknowledge(messages: readonly Message[]): void {
    const me = this.#host.user?.id;
    for (const { senderId, clientMsgId } of messages) {
      if (senderId === me) this.#host.outbox.acknowledge(this.id, clientMsgId);
    }
  }

  #onSent(message: Message): void {
    if (this.#sync.isOpen) this.#acknowledged.push(message);
    this.#sync.takeMessage(message);
    this.#changed();
  }

  #tellTyping(active: boolean): void {
    if (this.#sync.isOpen) this.#host.tell({ kind: 'typing', room: this.id, active });
  }

  async #tellRead(seq: number): Promise<void> {
    const mark = await this.#host.request('room.read', { room: this.id, seq });
    this.#host.summaries.putRead(this.id, mark);
  }

  #changed(): void {
    this.#state = undefined;
    this.#notifier.notify();
  }

  #snapshot(): RoomState {
    const { status, error, window, isLoadingBefore, isLoadingAfter } = this.#sync;
    const unsent = this.#unsent();
    return {
      status,
      error,
      summary: this.#host.summaries.get(this.id),
      messages: unsent.length > 0 ? [...window.messages, ...unsent] : window.messages,
      hasBefore: window.hasBefore,
      hasAfter: window.hasAfter,
      isLoadingBefore,
      isLoadingAfter,
      unreadAfterSeq: this.#divider?.afterSeq,
      members: this.#members,
      typing: this.#typing.others,
    };
  }

  #unsent(): UnsentMessage[] {
    const { outbox, user } = this.#host;
    const { window } = this.#sync;
    const lastSeq = window.messages.at(-1)?.message.seq ?? 0;
    this.#acknowledged = this.#acknowledged.filter(({ seq }) => !hasMessage(window, seq) && !(window.hasAfter && seq > lastSeq));
    return [
      ...this.#acknowledged.map(({ senderId, clientMsgId, text, at }): UnsentMessage => (
        { key: messageKey(senderId, clientMsgId), status: 'pending', clientMsgId, text, at }
      )),
      ...outbox.entries(this.id).map((entry) => asUnsent(entry, user?.id ?? '')),
    ];
  }
}

/** How the client sees to it that not too many rooms are open on the server. */
export interface RoomUse {
  isOpen(): boolean;
  isIdle(): boolean;
  close(): void;
}

function asUnsent({ clientMsgId, text, at, error }: OutboxEntry, me: string): UnsentMessage {
  const common = { key: messageKey(me, clientMsgId), clientMsgId, text, at };
  return error === undefined ? { ...common, status: 'pending' } : { ...common, status: 'failed', error };
}
