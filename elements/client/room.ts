import { isBlank } from '#protocol/codes';
import type { RequestOutput } from '#protocol/frames';
import type { Fact, Message, Person } from '#protocol/models';
import { ChangeNotifier } from './change-notifier.ts';
import { Timers } from './clock.ts';
import { InvalidInputError } from './errors.ts';
import { ReadMarker } from './read-marker.ts';
import type { RoomHost, RoomListener, RoomUse } from './room-host.ts';
import { RoomMembers } from './room-members.ts';
import type { RoomState } from './room-state.ts';
import { RoomSync } from './room-sync.ts';
import { RoomWindow } from './room-window.ts';
import { Typing } from './typing.ts';
import { UnsentMessages } from './unsent-messages.ts';

export type { RoomState, TimelineMessage } from './room-state.ts';

/** A room that nobody looks at stays open this long: switching back and forth is instant. */
const graceMs = 30_000;

/** One conversation. Had from `ChatClient.room(id)`, which gives the same object for the same id. */
export class Room {
  readonly id: string;
  readonly #host: RoomHost;
  readonly #notifier = new ChangeNotifier();
  readonly #timers: Timers;
  readonly #window: RoomWindow;
  readonly #sync: RoomSync;
  readonly #members = new RoomMembers();
  readonly #unsent = new UnsentMessages();
  readonly #typing: Typing;
  readonly #readMarker: ReadMarker;
  #state: RoomState | undefined;
  #online: number | undefined;
  #openers = 0;
  /** Undefined until it is known, in each visit, whether and where there is a divider. */
  #divider: { afterSeq: number | undefined } | undefined;

  /** Made by the `ChatClient`, to whom `listen` gives what the server says of this room. */
  constructor(id: string, host: RoomHost, listen: (listener: RoomListener, room: RoomUse) => void) {
    this.id = id;
    this.#host = host;
    const { environment: { clock }, summaries } = host;
    const onChange = () => this.#changed();
    this.#timers = new Timers(clock);
    this.#typing = new Typing(clock, (active) => this.#tellTyping(active), onChange);
    this.#readMarker = new ReadMarker(clock, (seq) => this.#tellRead(seq));
    this.#window = new RoomWindow({
      room: id,
      host,
      canLoad: () => host.isOnline() && this.#sync.isOpen,
      onPage: ({ messages, people }) => {
        host.people.put(people);
        this.#acknowledge(messages);
      },
      onChange,
    });
    this.#sync = new RoomSync({
      room: id,
      host,
      window: this.#window,
      onOpened: (answer) => this.#onOpened(answer),
      onFacts: (facts, people) => this.#onFacts(facts, people),
      onGone: () => {
        this.#typing.clear();
        this.#unsent.clear();
        summaries.remove(id);
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
          this.#online = undefined;
          this.#sync.suspend();
          if (this.#openers === 0) this.#sync.close();
        },
        onFacts: (frame) => this.#sync.takeFacts(frame),
        onHead: (head) => this.#sync.takeHead(head),
        onSeen: (cursors) => {
          this.#members.putSeen(cursors);
          this.#changed();
        },
        onTyping: (person, isActive) => this.#typing.put(person, isActive),
        onOccupancy: (online) => {
          this.#online = online;
          this.#changed();
        },
        onGone: () => this.#sync.gone(),
        onListed: () => {
          if (this.#openers > 0 && (this.#sync.status === 'gone' || this.#sync.status === 'error')) this.#open();
        },
        onSummary: () => {
          // I am in it again, and the list knows it from elsewhere: I was put back while I was away.
          if (this.#openers > 0 && this.#sync.status === 'gone' && summaries.get(id) && host.isOnline()) this.#open();
          onChange();
        },
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
      else if (this.#host.isOnline()) this.#open();
      this.#changed();
    }
    let isOver = false;
    return () => {
      if (isOver) return;
      isOver = true;
      this.#openers -= 1;
      if (this.#openers > 0) return;
      this.#changed();
      if (this.#sync.isOpen) this.#timers.set('grace', graceMs, () => this.#close());
      else this.#close();
    };
  }

  /** Shows the message at once, and sends it when it can. Returns its clientMsgId. Throws where `text` is blank or too long. */
  send(text: string): string {
    const { environment, outbox } = this.#host;
    const textLimit = this.#host.textLimit();
    if (isBlank(text)) throw new InvalidInputError('There is nothing to send: the message is blank.');
    if (text.length > textLimit) {
      throw new InvalidInputError(`The message has ${text.length} characters; at most ${textLimit} can be sent.`);
    }
    const clientMsgId = environment.newId();
    this.#typing.sent();
    // Lone surrogates (half an emoji, from some input methods) cannot go over the wire.
    outbox.add(this.id, text.toWellFormed().replaceAll('\0', ''), clientMsgId);
    // One's own message belongs to the end: without this it would seem to follow the older ones that are looked at.
    if (this.#window.state.hasAfter) this.loadNewest().catch(() => undefined);
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
    return this.#window.loadBefore();
  }

  /** Loads the page after the window. Does nothing where there is none, or no connection. */
  loadAfter(): Promise<void> {
    return this.#window.loadAfter();
  }

  /** Jumps to the newest page. */
  loadNewest(): Promise<void> {
    return this.#window.jump({});
  }

  /** Jumps to the page around a message. */
  loadAround(seq: number): Promise<void> {
    return this.#window.jump({ around: seq });
  }

  /** "Everything up to here was seen"; coalesced. */
  markRead(seq: number): void {
    const { summaries } = this.#host;
    const summary = summaries.get(this.id);
    if (summary && seq <= summary.readSeq) return;
    this.#readMarker.mark(seq);
    // Where all was read the count is known at once; else the server's answer tells it.
    const { messages, hasAfter } = this.#window.state;
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
    return drafts.get(owner(), this.id);
  }

  set draft(text: string) {
    const { drafts, owner } = this.#host;
    drafts.set(owner(), this.id, text);
  }

  #open(): void {
    this.#host.makePlace();
    this.#sync.open();
  }

  #close(): void {
    this.#timers.clear('grace');
    this.#typing.clear();
    this.#online = undefined;
    this.#sync.close();
  }

  #forget(): void {
    this.#typing.clear();
    this.#online = undefined;
    this.#readMarker.reset();
    this.#members.clear();
    this.#divider = undefined;
    this.#unsent.clear();
    this.#sync.reset();
  }

  #onOpened(answer: RequestOutput<'room.open'>): void {
    const { people, summaries } = this.#host;
    people.put(answer.people);
    if (answer.room.lastSender) people.put([answer.room.lastSender]);
    // Markers are places in the log, and a log of another epoch has other places.
    if (summaries.get(this.id)?.epoch !== answer.room.epoch) {
      this.#readMarker.reset();
      this.#members.clear();
    }
    summaries.put(answer.room);
    this.#members.replace(answer.members, answer.room.seq);
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
      if (fact.kind === 'message') {
        const { senderId, seq } = fact.message;
        this.#typing.stopped(senderId);
        // Sending reads up to it (P1): the marker needs no word of its own, which may be lost.
        this.#members.putSeen([[senderId, seq]]);
      }
      if (fact.kind === 'member') {
        this.#host.people.put([fact.person]);
        this.#members.put(fact.member);
      }
    }
    this.#acknowledge(facts.flatMap((fact) => (fact.kind === 'message' ? [fact.message] : [])));
    this.#host.summaries.putFacts(this.id, facts);
  }

  /** Whatever way a message of mine came back, it waits no longer, and sending it has read up to it (P1). */
  #acknowledge(messages: readonly Message[]): void {
    const me = this.#host.user()?.id;
    for (const { senderId, clientMsgId, seq, ordinal } of messages) {
      if (senderId !== me) continue;
      this.#host.outbox.acknowledge(this.id, clientMsgId);
      this.#host.summaries.putRead(this.id, { readSeq: seq, readCount: ordinal });
    }
  }

  #onSent(message: Message): void {
    if (this.#sync.isOpen) this.#unsent.acknowledge(message);
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
    const { outbox, summaries, user } = this.#host;
    const window = this.#window.state;
    const unsent = this.#unsent.after(window, outbox.entries(this.id), user()?.id ?? '');
    return {
      // Whoever has opened the room waits for it, also while there is no connection to open it on.
      status: this.#sync.status === 'closed' && this.#openers > 0 ? 'opening' : this.#sync.status,
      error: this.#sync.error,
      summary: summaries.get(this.id),
      messages: unsent.length > 0 ? [...window.messages, ...unsent] : window.messages,
      hasBefore: window.hasBefore,
      hasAfter: window.hasAfter,
      isLoadingBefore: this.#window.isLoading('before'),
      isLoadingAfter: this.#window.isLoading('after'),
      unreadAfterSeq: this.#divider?.afterSeq,
      members: this.#members.present,
      online: this.#online,
      typing: this.#typing.others,
    };
  }
}
