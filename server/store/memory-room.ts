import type { Fact, Member, Message } from '#protocol/models';
import { bodyHash } from './body-hash.ts';
import type { MessageDraft, RoomDraft, RoomRecord } from './store.ts';

/** A member and how far they have read. */
export interface Reader {
  member: Member;
  readCount: number;
}

/** What a first try left, for its retries (G2). */
interface KnownMessage {
  message: Message;
  bodyHash: string;
}

/** One room in memory. Messages and members are replaced, never changed, so that what a caller holds stays as it was. */
export class MemoryRoom {
  record: RoomRecord;
  activeAt: number;
  /** When the log grew last; kept by the store. */
  changedAt: number;
  /** The fact that last named the room; 0 where it still has the name it was made with. */
  namedSeq = 0;
  /** By ordinal, which is the order of `seq` too. */
  readonly messages: Message[] = [];
  readonly #known = new Map<string, { ordinal: number; bodyHash: string }>();
  /** Those who left stay, with `leftAt`. */
  readonly #readers = new Map<string, Reader>();

  constructor({ id, epoch, draft, now }: { id: string; epoch: string; draft: RoomDraft; now: number }) {
    const { kind, name } = draft;
    this.record = {
      id, kind, ...(name === undefined ? {} : { name }), epoch, seq: 0, messageCount: 0, deletedCount: 0, memberCount: 0,
    };
    this.activeAt = this.changedAt = now;
  }

  /** Whether the name is another one. */
  rename(name: string | undefined): boolean {
    const { name: former, ...record } = this.record;
    if (name === former) return false;
    this.namedSeq = record.seq + 1;
    this.record = { ...record, ...(name === undefined ? {} : { name }), seq: this.namedSeq };
    return true;
  }

  nameFact(): Fact {
    const { name } = this.record;
    return { seq: this.namedSeq, kind: 'room', ...(name === undefined ? {} : { name }) };
  }

  reader(user: string): Reader | undefined {
    const found = this.#readers.get(user);
    return found?.member.leftAt === undefined ? found : undefined;
  }

  /** Everyone who is or was a member. */
  everMembers(): Member[] {
    return [...this.#readers.values()].map(({ member }) => member);
  }

  presentMembers(): Member[] {
    return this.everMembers().filter(({ leftAt }) => leftAt === undefined);
  }

  /** Adds those who are not in. */
  addMembers(ids: readonly string[], joinedAt: number): Member[] {
    const added: Member[] = [];
    for (const userId of ids) {
      if (this.reader(userId)) continue;
      const seq = ++this.record.seq;
      this.record.memberCount += 1;
      const member = { userId, changedSeq: seq, joinedAt, readSeq: seq };
      this.#readers.set(userId, { member, readCount: this.record.messageCount });
      added.push(member);
    }
    return added;
  }

  /** Removes those who are in. */
  removeMembers(ids: readonly string[], leftAt: number): Member[] {
    const removed: Member[] = [];
    for (const userId of ids) {
      const leaving = this.reader(userId);
      if (!leaving) continue;
      const member = { ...leaving.member, changedSeq: ++this.record.seq, leftAt };
      this.record.memberCount -= 1;
      this.#readers.set(userId, { ...leaving, member });
      removed.push(member);
    }
    return removed;
  }

  /** Forward, never back (G10). Whether it moved. */
  moveMarker(user: string, readSeq: number): boolean {
    const reader = this.reader(user);
    if (!reader || readSeq <= reader.member.readSeq) return false;
    this.#readers.set(user, { member: { ...reader.member, readSeq }, readCount: this.messagesUpTo(readSeq) });
    return true;
  }

  /** The last fact that was not a message's. */
  get peopleSeq(): number {
    return Math.max(this.namedSeq, ...this.everMembers().map(({ changedSeq }) => changedSeq));
  }

  /** The recount that other stores' subtraction must equal (G10). */
  unread(readCount: number): number {
    return this.messages.slice(readCount).filter(({ deletedAt }) => deletedAt === undefined).length;
  }

  known(draft: Pick<MessageDraft, 'senderId' | 'clientMsgId'>): KnownMessage | undefined {
    const found = this.#known.get(clientKey(draft));
    return found && { message: this.messages[found.ordinal - 1]!, bodyHash: found.bodyHash };
  }

  append(draft: Omit<MessageDraft, 'room'>, at: number): Message {
    const { senderId, clientMsgId, text } = draft;
    const seq = ++this.record.seq;
    const ordinal = ++this.record.messageCount;
    const message = { seq, changedSeq: seq, ordinal, senderId, clientMsgId, text, at };
    this.messages.push(message);
    this.#known.set(clientKey(draft), { ordinal, bodyHash: bodyHash(text) });
    // Only the first message may be older than the room: an imported room lies where its messages do.
    this.activeAt = ordinal === 1 ? at : Math.max(this.activeAt, at);
    return message;
  }

  message(seq: number): Message | undefined {
    const candidate = this.messages[this.messagesUpTo(seq) - 1];
    return candidate?.seq === seq ? candidate : undefined;
  }

  /** The tombstone, where there was something to delete. */
  deleteMessage(seq: number, deletedAt: number): Message | undefined {
    const message = this.message(seq);
    if (!message || message.deletedAt !== undefined) return undefined;
    const tombstone = { ...message, changedSeq: ++this.record.seq, text: '', deletedAt };
    this.record.deletedCount += 1;
    this.messages[message.ordinal - 1] = tombstone;
    return tombstone;
  }

  /** How many messages have a place up to `seq`: also the ordinal of the last of them. */
  messagesUpTo(seq: number): number {
    let low = 0;
    let high = this.messages.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.messages[middle]!.seq <= seq) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

function clientKey({ senderId, clientMsgId }: Pick<MessageDraft, 'senderId' | 'clientMsgId'>): string {
  return JSON.stringify([senderId, clientMsgId]);
}
