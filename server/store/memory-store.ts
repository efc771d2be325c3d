import type { Changes, Fact, Member, Message, MessagePage, Person, RoomSummary } from '#protocol/models';
import type { Head } from '#protocol/frames';
import { systemClock, type Clock } from '../clock.ts';
import { bodyHash } from './body-hash.ts';
import { compareText } from './compare-text.ts';
import { idsIn } from './facts.ts';
import { randomId } from './random-id.ts';
import { readRoomCursor, writeRoomCursor } from './room-cursor.ts';
import { personSearchText, searchText } from './search-text.ts';
import { noSuchMessage, noSuchRoom, storeClosed, usedClientMsgId } from './store-errors.ts';
import type { Change, MessageDraft, ReadState, RoomDraft, RoomRecord, Store } from './store.ts';

interface TenantData {
  people: Map<string, Person>;
  rooms: Map<string, RoomData>;
  roomIdByKey: Map<string, string>;
}

interface RoomData {
  record: RoomRecord;
  activeAt: number;
  /** The fact that last named the room; 0 where it still has the name it was made with. */
  namedSeq: number;
  /** By ordinal, which is the order of `seq` too. */
  messages: StoredMessage[];
  byClientMsgId: Map<string, StoredMessage>;
  /** Those who left stay, with `leftAt`. */
  members: Map<string, StoredMember>;
}

interface StoredMessage {
  message: Message;
  bodyHash: string;
}

interface StoredMember {
  member: Member;
  readCount: number;
}

/**
 * The store in memory: the reference that tells what a store does, and what tests of everything above it stand on.
 * Each call does its work at once and whole, so there is nothing to lock. Messages and members are replaced, never
 * changed, so that what a caller holds stays as it was.
 */
export class MemoryStore implements Store {
  readonly #tenants = new Map<string, TenantData>();
  readonly #clock: Clock;
  readonly #newId: () => string;
  #closed = false;

  constructor({ clock = systemClock, newId = randomId }: { clock?: Clock; newId?: () => string } = {}) {
    this.#clock = clock;
    this.#newId = newId;
  }

  async putPeople(tenant: string, people: readonly Person[]): Promise<Person[]> {
    const known = this.#tenant(tenant).people;
    const changed = new Map<string, Person>();
    for (const { id, name, avatar } of people) {
      const before = known.get(id);
      if (before && before.name === name && before.avatar === avatar) continue;
      const person = { id, name, ...(avatar === undefined ? {} : { avatar }) };
      known.set(id, person);
      changed.set(id, person);
    }
    return [...changed.values()];
  }

  async people(tenant: string, ids: readonly string[]): Promise<Person[]> {
    const known = this.#tenant(tenant).people;
    return [...new Set(ids)].map((id) => known.get(id)).filter((person) => person !== undefined);
  }

  async searchPeople(tenant: string, query: string, limit: number, sharingRoomWith?: string): Promise<Person[]> {
    const wanted = searchText(query);
    const among = sharingRoomWith === undefined ? undefined : this.#companions(tenant, sharingRoomWith);
    return [...this.#tenant(tenant).people.values()]
      .filter((person) => (!among || among.has(person.id)) && personSearchText(person).includes(wanted))
      .sort((a, b) => compareText(searchText(a.name), searchText(b.name)) || compareText(a.id, b.id))
      .slice(0, limit);
  }

  async companions(tenant: string, user: string, among: readonly string[]): Promise<string[]> {
    const companions = this.#companions(tenant, user);
    return [...new Set(among)].filter((id) => companions.has(id));
  }

  async createRoom(tenant: string, draft: RoomDraft): Promise<{ room: RoomRecord; facts: Fact[]; created: boolean }> {
    const { rooms, roomIdByKey } = this.#tenant(tenant);
    const existing = draft.key === undefined ? undefined : roomIdByKey.get(draft.key);
    if (existing !== undefined) return { room: { ...rooms.get(existing)!.record }, facts: [], created: false };

    const id = this.#newId();
    const room: RoomData = {
      record: {
        id, kind: draft.kind, ...(draft.name === undefined ? {} : { name: draft.name }), epoch: this.#newId(),
        seq: 0, messageCount: 0, deletedCount: 0, memberCount: 0,
      },
      activeAt: this.#clock.now(),
      namedSeq: 0,
      messages: [],
      byClientMsgId: new Map(),
      members: new Map(),
    };
    rooms.set(id, room);
    if (draft.key !== undefined) roomIdByKey.set(draft.key, id);
    const facts = this.#addMembers(tenant, room, draft.members);
    return { room: { ...room.record }, facts, created: true };
  }

  async room(tenant: string, room: string): Promise<RoomRecord | undefined> {
    const found = this.#tenant(tenant).rooms.get(room);
    return found && { ...found.record };
  }

  async rooms(
    tenant: string, { cursor, limit }: { cursor?: string; limit: number },
  ): Promise<{ rooms: RoomRecord[]; next?: string }> {
    const after = [...this.#tenant(tenant).rooms.values()]
      .map(({ record }) => ({ ...record }))
      .filter(({ id }) => cursor === undefined || compareText(id, cursor) > 0)
      .sort((a, b) => compareText(a.id, b.id));
    const rooms = after.slice(0, limit);
    return { rooms, ...(after.length > limit ? { next: rooms.at(-1)!.id } : {}) };
  }

  async heads(tenant: string, rooms: readonly string[]): Promise<Head[]> {
    const known = this.#tenant(tenant).rooms;
    return [...new Set(rooms)]
      .map((id) => known.get(id))
      .filter((room) => room !== undefined)
      .map((room) => this.#head(tenant, room));
  }

  async summary(tenant: string, room: string, user: string): Promise<RoomSummary | undefined> {
    const found = this.#tenant(tenant).rooms.get(room);
    return found && this.#summary(tenant, found, user);
  }

  async summaries(
    tenant: string, user: string, { cursor, limit, query }: { cursor?: string; limit: number; query?: string },
  ): Promise<{ rooms: RoomSummary[]; next?: string }> {
    const after = cursor === undefined ? undefined : readRoomCursor(cursor);
    const wanted = query === undefined ? undefined : searchText(query);
    const rooms = [...this.#tenant(tenant).rooms.values()]
      .filter((room) => presentMember(room, user) && (wanted === undefined || this.#isFoundBy(tenant, room, user, wanted)))
      .filter(({ activeAt, record: { id } }) =>
        !after || activeAt < after.activeAt || (activeAt === after.activeAt && compareText(id, after.id) < 0))
      .sort((a, b) => b.activeAt - a.activeAt || compareText(b.record.id, a.record.id));
    const page = rooms.slice(0, limit);
    const last = page.at(-1);
    return {
      rooms: page.map((room) => this.#summary(tenant, room, user)!),
      ...(rooms.length > limit && last ? { next: writeRoomCursor({ activeAt: last.activeAt, id: last.record.id }) } : {}),
    };
  }

  async renameRoom(tenant: string, room: string, name: string | undefined): Promise<Change> {
    const found = this.#room(tenant, room);
    if (found.record.name === name) return this.#change(tenant, found, []);
    const { name: _former, ...record } = found.record;
    found.record = { ...record, ...(name === undefined ? {} : { name }), seq: record.seq + 1 };
    found.namedSeq = found.record.seq;
    return this.#change(tenant, found, [nameFact(found)]);
  }

  async member(tenant: string, room: string, user: string): Promise<Member | undefined> {
    const found = this.#tenant(tenant).rooms.get(room);
    return found && presentMember(found, user)?.member;
  }

  async members(
    tenant: string, room: string, { cursor, limit }: { cursor?: string; limit: number },
  ): Promise<{ members: Member[]; people: Person[]; next?: string }> {
    const after = presentMembers(this.#room(tenant, room))
      .filter(({ userId }) => cursor === undefined || compareText(userId, cursor) > 0)
      .sort((a, b) => compareText(a.userId, b.userId));
    const page = after.slice(0, limit);
    return {
      members: page,
      people: page.map(({ userId }) => this.#person(tenant, userId)),
      ...(after.length > limit ? { next: page.at(-1)!.userId } : {}),
    };
  }

  async memberIds(tenant: string, room: string): Promise<string[]> {
    return presentMembers(this.#room(tenant, room)).map(({ userId }) => userId).sort(compareText);
  }

  async changeMembers(
    tenant: string, room: string, { add = [], remove = [] }: { add?: readonly string[]; remove?: readonly string[] },
  ): Promise<Change> {
    const found = this.#room(tenant, room);
    const facts = this.#addMembers(tenant, found, add);
    for (const userId of remove) {
      const leaving = presentMember(found, userId);
      if (!leaving) continue;
      const changedSeq = ++found.record.seq;
      found.record.memberCount -= 1;
      const member = { ...leaving.member, changedSeq, leftAt: this.#clock.now() };
      found.members.set(userId, { ...leaving, member });
      facts.push({ seq: changedSeq, kind: 'member', member, person: this.#person(tenant, userId) });
    }
    return this.#change(tenant, found, facts);
  }

  async appendMessage(
    tenant: string, draft: MessageDraft,
  ): Promise<{ message: Message; head: Head; epoch: string; duplicate: boolean }> {
    const room = this.#room(tenant, draft.room);
    const known = room.byClientMsgId.get(clientKey(draft));
    if (known && known.bodyHash !== bodyHash(draft.text)) throw usedClientMsgId();
    const message = known?.message ?? this.#append(room, draft, this.#clock.now());
    const sender = presentMember(room, draft.senderId);
    if (sender && !known) {
      const { seq, ordinal } = message;
      room.members.set(draft.senderId, { member: { ...sender.member, readSeq: seq }, readCount: ordinal });
    }
    return { message, head: this.#head(tenant, room), epoch: room.record.epoch, duplicate: known !== undefined };
  }

  async importMessages(
    tenant: string, room: string, drafts: readonly (Omit<MessageDraft, 'room'> & { at: number })[],
  ): Promise<{ added: number }> {
    const found = this.#room(tenant, room);
    let added = 0;
    for (const draft of drafts) {
      if (found.byClientMsgId.has(clientKey(draft))) continue;
      this.#append(found, draft, draft.at);
      added += 1;
    }
    return { added };
  }

  async deleteMessage(tenant: string, room: string, seq: number): Promise<Change & { message: Message }> {
    const found = this.#room(tenant, room);
    const stored = storedMessage(found, seq);
    if (!stored) throw noSuchMessage();
    if (stored.message.deletedAt !== undefined) {
      return { ...this.#change(tenant, found, []), message: stored.message };
    }
    const changedSeq = ++found.record.seq;
    found.record.deletedCount += 1;
    stored.message = { ...stored.message, changedSeq, text: '', deletedAt: this.#clock.now() };
    return {
      ...this.#change(tenant, found, [{ seq: changedSeq, kind: 'message', message: stored.message }]),
      message: stored.message,
    };
  }

  async message(tenant: string, room: string, seq: number): Promise<Message | undefined> {
    const found = this.#tenant(tenant).rooms.get(room);
    return found && storedMessage(found, seq)?.message;
  }

  async history(
    tenant: string, room: string,
    { before, after, around, limit }: { before?: number; after?: number; around?: number; limit: number },
  ): Promise<MessagePage> {
    const all = this.#room(tenant, room).messages;
    const countUpTo = (seq: number) => messagesUpTo(all, seq);
    let from: number;
    if (after !== undefined) from = countUpTo(after);
    else if (before !== undefined) from = countUpTo(before - 1) - limit;
    // The one in the middle counts to the newer half; where a half is short the other fills the page.
    else if (around !== undefined) from = Math.min(countUpTo(around - 1) - Math.floor(limit / 2), all.length - limit);
    else from = all.length - limit;
    const end = before === undefined ? Math.max(from, 0) + limit : countUpTo(before - 1);
    const messages = all.slice(Math.max(from, 0), end).map(({ message }) => message);
    return {
      messages,
      hasBefore: from > 0,
      hasAfter: end < all.length,
      people: this.#people(tenant, messages.map(({ senderId }) => senderId)),
    };
  }

  async changes(tenant: string, room: string, after: number, limit: number): Promise<Changes> {
    const found = this.#room(tenant, room);
    const all: Fact[] = found.messages.map(({ message }) => ({ seq: message.changedSeq, kind: 'message', message }));
    for (const { member } of found.members.values()) {
      all.push({ seq: member.changedSeq, kind: 'member', member, person: this.#person(tenant, member.userId) });
    }
    if (found.namedSeq > 0) all.push(nameFact(found));
    const later = all.filter(({ seq }) => seq > after).sort((a, b) => a.seq - b.seq);
    const facts = later.slice(0, limit);
    const more = later.length > limit;
    return { facts, upTo: more ? facts.at(-1)!.seq : found.record.seq, more, people: this.#people(tenant, idsIn(facts)) };
  }

  async markRead(tenant: string, room: string, user: string, seq: number): Promise<ReadState & { moved: boolean }> {
    const found = this.#room(tenant, room);
    const reader = presentMember(found, user);
    if (!reader) throw noSuchRoom();
    const readSeq = Math.min(seq, found.record.seq);
    const moved = readSeq > reader.member.readSeq;
    const now = moved ? { member: { ...reader.member, readSeq }, readCount: messagesUpTo(found.messages, readSeq) } : reader;
    found.members.set(user, now);
    return { readSeq: now.member.readSeq, readCount: now.readCount, unread: unreadOf(found, now.readCount), moved };
  }

  async seenBy(
    tenant: string, room: string, seq: number, exceptUser: string, limit: number,
  ): Promise<{ count: number; people: Person[] }> {
    const readers = presentMembers(this.#room(tenant, room))
      .filter(({ userId, readSeq }) => readSeq >= seq && userId !== exceptUser)
      .sort((a, b) => compareText(a.userId, b.userId));
    return { count: readers.length, people: readers.slice(0, limit).map(({ userId }) => this.#person(tenant, userId)) };
  }

  async check(): Promise<void> {
    this.#assertOpen();
  }

  async close(): Promise<void> {
    this.#closed = true;
  }

  #assertOpen(): void {
    if (this.#closed) throw storeClosed();
  }

  #tenant(tenant: string): TenantData {
    this.#assertOpen();
    let data = this.#tenants.get(tenant);
    if (!data) this.#tenants.set(tenant, (data = { people: new Map(), rooms: new Map(), roomIdByKey: new Map() }));
    return data;
  }

  #room(tenant: string, room: string): RoomData {
    const found = this.#tenant(tenant).rooms.get(room);
    if (!found) throw noSuchRoom();
    return found;
  }

  #person(tenant: string, id: string): Person {
    return this.#tenant(tenant).people.get(id) ?? { id, name: id };
  }

  #people(tenant: string, ids: Iterable<string>): Person[] {
    return [...new Set(ids)].map((id) => this.#person(tenant, id));
  }

  /** Everyone in a room with `user`, who is one of them. */
  #companions(tenant: string, user: string): Set<string> {
    const shared = [...this.#tenant(tenant).rooms.values()].filter((room) => presentMember(room, user));
    return new Set(shared.flatMap((room) => presentMembers(room).map(({ userId }) => userId)));
  }

  #append(room: RoomData, draft: Omit<MessageDraft, 'room'>, at: number): Message {
    const { senderId, clientMsgId, text } = draft;
    const seq = ++room.record.seq;
    const ordinal = ++room.record.messageCount;
    const message = { seq, changedSeq: seq, ordinal, senderId, clientMsgId, text, at };
    const stored = { message, bodyHash: bodyHash(text) };
    room.messages.push(stored);
    room.byClientMsgId.set(clientKey(draft), stored);
    // Only the first message may be older than the room: an imported room lies where its messages do.
    room.activeAt = ordinal === 1 ? at : Math.max(room.activeAt, at);
    return message;
  }

  #addMembers(tenant: string, room: RoomData, ids: readonly string[]): Fact[] {
    const facts: Fact[] = [];
    const joinedAt = this.#clock.now();
    for (const userId of ids) {
      if (presentMember(room, userId)) continue;
      const seq = ++room.record.seq;
      room.record.memberCount += 1;
      const member = { userId, changedSeq: seq, joinedAt, readSeq: seq };
      room.members.set(userId, { member, readCount: room.record.messageCount });
      facts.push({ seq, kind: 'member', member, person: this.#person(tenant, userId) });
    }
    return facts;
  }

  #change(tenant: string, room: RoomData, facts: Fact[]): Change {
    return { facts, people: this.#people(tenant, idsIn(facts)), head: this.#head(tenant, room) };
  }

  #head(tenant: string, room: RoomData): Head {
    const { id, epoch, seq, messageCount, deletedCount } = room.record;
    const last = room.messages.at(-1)?.message;
    return {
      room: id, epoch, seq, messageCount, deletedCount, activeAt: room.activeAt,
      ...(last ? { lastMessage: last, lastSender: this.#person(tenant, last.senderId) } : {}),
    };
  }

  #summary(tenant: string, room: RoomData, user: string): RoomSummary | undefined {
    const own = presentMember(room, user);
    if (!own) return undefined;
    const others = presentMembers(room)
      .filter(({ userId }) => userId !== user)
      .sort((a, b) => a.joinedAt - b.joinedAt || compareText(a.userId, b.userId));
    const { room: id, ...head } = this.#head(tenant, room);
    const { kind, name, memberCount } = room.record;
    return {
      id, kind, ...(name === undefined ? {} : { name }), ...head, memberCount,
      people: others.slice(0, 5).map(({ userId }) => this.#person(tenant, userId)),
      readSeq: own.member.readSeq,
      readCount: own.readCount,
      unread: unreadOf(room, own.readCount),
    };
  }

  #isFoundBy(tenant: string, room: RoomData, user: string, wanted: string): boolean {
    if (room.record.name !== undefined && searchText(room.record.name).includes(wanted)) return true;
    const { people } = this.#tenant(tenant);
    return presentMembers(room).some(({ userId }) => {
      // One is in all of one's rooms: one's own name finds only the room with oneself.
      if (userId === user && room.record.memberCount > 1) return false;
      const person = people.get(userId);
      return person !== undefined && personSearchText(person).includes(wanted);
    });
  }
}

function clientKey({ senderId, clientMsgId }: { senderId: string; clientMsgId: string }): string {
  return JSON.stringify([senderId, clientMsgId]);
}

function presentMember(room: RoomData, user: string): StoredMember | undefined {
  const found = room.members.get(user);
  return found?.member.leftAt === undefined ? found : undefined;
}

function presentMembers(room: RoomData): Member[] {
  return [...room.members.values()].map(({ member }) => member).filter(({ leftAt }) => leftAt === undefined);
}

/** How many messages have a place up to `seq`: also the ordinal of the last of them. */
function messagesUpTo(messages: readonly StoredMessage[], seq: number): number {
  let low = 0;
  let high = messages.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (messages[middle]!.message.seq <= seq) low = middle + 1;
    else high = middle;
  }
  return low;
}

function storedMessage({ messages }: RoomData, seq: number): StoredMessage | undefined {
  const candidate = messages[messagesUpTo(messages, seq) - 1];
  return candidate?.message.seq === seq ? candidate : undefined;
}

/** The recount that other stores' subtraction must equal (G10). */
function unreadOf({ messages }: RoomData, readCount: number): number {
  return messages.slice(readCount).filter(({ message }) => message.deletedAt === undefined).length;
}

function nameFact({ namedSeq, record: { name } }: RoomData): Fact {
  return { seq: namedSeq, kind: 'room', ...(name === undefined ? {} : { name }) };
}
