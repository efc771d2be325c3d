import type { Changes, Fact, Member, Message, MessagePage, Person, RoomSummary } from '#protocol/models';
import type { Head } from '#protocol/frames';
import { systemClock, type Clock } from '../clock.ts';
import { bodyHash } from './body-hash.ts';
import { compareText } from './compare-text.ts';
import { idsIn } from './facts.ts';
import { MemoryRoom } from './memory-room.ts';
import { randomId } from './random-id.ts';
import { readRoomCursor, writeRoomCursor } from './room-cursor.ts';
import { personSearchText, searchText } from './search-text.ts';
import { noSuchMessage, noSuchRoom, storeClosed, usedClientMsgId } from './store-errors.ts';
import type { Change, MessageDraft, ReadState, Revocation, RoomDraft, RoomPlace, RoomRecord, Store } from './store.ts';

interface TenantData {
  people: Map<string, Person>;
  rooms: Map<string, MemoryRoom>;
  roomIdByKey: Map<string, string>;
}

/**
 * The store in memory: the reference that tells what a store does, and what tests of everything above it stand on.
 * Each call does its work at once and whole, so there is nothing to lock. Messages and members are replaced, never
 * changed, so that what a caller holds stays as it was.
 */
export class MemoryStore implements Store {
  readonly #tenants = new Map<string, TenantData>();
  /** By what is revoked, in the order of revisions. */
  readonly #revocations = new Map<string, Revocation>();
  #revision = 0;
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
    const now = this.#clock.now();
    const room = new MemoryRoom({ id, epoch: this.#newId(), draft, now });
    rooms.set(id, room);
    if (draft.key !== undefined) roomIdByKey.set(draft.key, id);
    const facts = room.addMembers(draft.members, now).map((member) => this.#memberFact(tenant, member));
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

  async changedRooms({ since, after, limit }: { since: number; after?: RoomPlace; limit: number }): Promise<RoomPlace[]> {
    const inOrder = (a: RoomPlace, b: RoomPlace) =>
      a.changedAt - b.changedAt || compareText(a.tenant, b.tenant) || compareText(a.room, b.room);
    return [...this.#tenants].flatMap(([tenant, { rooms }]) => [...rooms.values()].map(({ record: { id, epoch, seq }, peopleSeq, changedAt }) =>
      ({ tenant, room: id, epoch, seq, peopleSeq, changedAt })))
      .filter((place) => place.changedAt >= since && (!after || inOrder(place, after) > 0))
      .sort(inOrder).slice(0, limit);
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
      .filter((room) => room.reader(user) && (wanted === undefined || this.#isFoundBy(tenant, room, user, wanted)))
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

  async renameRoom(tenant: string, room: string, name: string | undefined, by?: string): Promise<Change> {
    const found = this.#room(tenant, room, by);
    return this.#change(tenant, found, found.rename(name) ? [found.nameFact()] : []);
  }

  async member(tenant: string, room: string, user: string): Promise<Member | undefined> {
    const found = this.#tenant(tenant).rooms.get(room);
    return found?.reader(user)?.member;
  }

  async members(
    tenant: string, room: string, { cursor, limit }: { cursor?: string; limit: number },
  ): Promise<{ members: Member[]; people: Person[]; next?: string }> {
    const after = this.#room(tenant, room).presentMembers()
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
    return this.#room(tenant, room).presentMembers().map(({ userId }) => userId).sort(compareText);
  }

  async changeMembers(
    tenant: string, room: string, { add = [], remove = [] }: { add?: readonly string[]; remove?: readonly string[] }, by?: string,
  ): Promise<Change> {
    const found = this.#room(tenant, room, by);
    const now = this.#clock.now();
    const changed = [...found.addMembers(add, now), ...found.removeMembers(remove, now)];
    return this.#change(tenant, found, changed.map((member) => this.#memberFact(tenant, member)));
  }

  async appendMessage(
    tenant: string, draft: MessageDraft,
  ): Promise<{ message: Message; head: Head; epoch: string; duplicate: boolean }> {
    const room = this.#room(tenant, draft.room);
    const known = room.known(draft);
    if (known && known.bodyHash !== bodyHash(draft.text)) throw usedClientMsgId();
    if (!known && !room.reader(draft.senderId)) throw noSuchRoom();
    const message = known?.message ?? room.append(draft, this.#clock.now());
    if (!known) {
      room.moveMarker(draft.senderId, message.seq);
      room.changedAt = this.#clock.now();
    }
    return { message, head: this.#head(tenant, room), epoch: room.record.epoch, duplicate: known !== undefined };
  }

  async importMessages(
    tenant: string, room: string, drafts: readonly (Omit<MessageDraft, 'room'> & { at: number })[],
  ): Promise<{ added: number }> {
    const found = this.#room(tenant, room);
    let added = 0;
    for (const draft of drafts) {
      if (found.known(draft)) continue;
      found.append(draft, draft.at);
      added += 1;
    }
    if (added > 0) found.changedAt = this.#clock.now();
    return { added };
  }

  async deleteMessage(tenant: string, room: string, seq: number, by?: string): Promise<Change & { message: Message }> {
    const found = this.#room(tenant, room, by);
    if (!found.message(seq)) throw noSuchMessage();
    const tombstone = found.deleteMessage(seq, this.#clock.now());
    const facts: Fact[] = tombstone ? [{ seq: tombstone.changedSeq, kind: 'message', message: tombstone }] : [];
    return { ...this.#change(tenant, found, facts), message: found.message(seq)! };
  }

  async message(tenant: string, room: string, seq: number): Promise<Message | undefined> {
    const found = this.#tenant(tenant).rooms.get(room);
    return found?.message(seq);
  }

  async history(
    tenant: string, room: string,
    { before, after, around, limit }: { before?: number; after?: number; around?: number; limit: number },
  ): Promise<MessagePage> {
    const found = this.#room(tenant, room);
    const { messageCount } = found.record;
    let from: number;
    if (after !== undefined) from = found.messagesUpTo(after);
    else if (before !== undefined) from = found.messagesUpTo(before - 1) - limit;
    // The one in the middle counts to the newer half; where a half is short the other fills the page.
    else if (around !== undefined) from = Math.min(found.messagesUpTo(around - 1) - Math.floor(limit / 2), messageCount - limit);
    else from = messageCount - limit;
    const end = before === undefined ? Math.max(from, 0) + limit : found.messagesUpTo(before - 1);
    const messages = found.messages.slice(Math.max(from, 0), end);
    return {
      messages,
      hasBefore: from > 0,
      hasAfter: end < messageCount,
      people: this.#people(tenant, messages.map(({ senderId }) => senderId)),
    };
  }

  async changes(tenant: string, room: string, after: number, limit: number): Promise<Changes> {
    const found = this.#room(tenant, room);
    const all: Fact[] = found.messages.map((message) => ({ seq: message.changedSeq, kind: 'message', message }));
    all.push(...found.everMembers().map((member) => this.#memberFact(tenant, member)));
    if (found.namedSeq > 0) all.push(found.nameFact());
    const later = all.filter(({ seq }) => seq > after).sort((a, b) => a.seq - b.seq);
    const facts = later.slice(0, limit);
    const more = later.length > limit;
    return { facts, upTo: more ? facts.at(-1)!.seq : found.record.seq, more, people: this.#people(tenant, idsIn(facts)) };
  }

  async markRead(tenant: string, room: string, user: string, seq: number): Promise<ReadState & { moved: boolean }> {
    const found = this.#room(tenant, room);
    if (!found.reader(user)) throw noSuchRoom();
    const moved = found.moveMarker(user, Math.min(seq, found.record.seq));
    const { member: { readSeq }, readCount } = found.reader(user)!;
    return { readSeq, readCount, unread: found.unread(readCount), moved };
  }

  async seenBy(
    tenant: string, room: string, seq: number, exceptUser: string, limit: number,
  ): Promise<{ count: number; people: Person[] }> {
    const readers = this.#room(tenant, room).presentMembers()
      .filter(({ userId, readSeq }) => readSeq >= seq && userId !== exceptUser)
      .sort((a, b) => compareText(a.userId, b.userId));
    return { count: readers.length, people: readers.slice(0, limit).map(({ userId }) => this.#person(tenant, userId)) };
  }

  async writeRevocation(revocation: Omit<Revocation, 'revision'>): Promise<number> {
    this.#assertOpen();
    const key = JSON.stringify([revocation.tenant, revocation.kind, revocation.subject]);
    this.#revocations.delete(key);
    this.#revision += 1;
    this.#revocations.set(key, { ...revocation, revision: this.#revision });
    return this.#revision;
  }

  async revocations(after: number, limit: number): Promise<Revocation[]> {
    this.#assertOpen();
    return [...this.#revocations.values()].filter(({ revision }) => revision > after).slice(0, limit);
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

  /** What somebody is not in does not exist for them (R1). */
  #room(tenant: string, room: string, member?: string): MemoryRoom {
    const found = this.#tenant(tenant).rooms.get(room);
    if (!found || (member !== undefined && !found.reader(member))) throw noSuchRoom();
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
    const shared = [...this.#tenant(tenant).rooms.values()].filter((room) => room.reader(user));
    return new Set(shared.flatMap((room) => room.presentMembers().map(({ userId }) => userId)));
  }

  #memberFact(tenant: string, member: Member): Fact {
    return { seq: member.changedSeq, kind: 'member', member, person: this.#person(tenant, member.userId) };
  }

  #change(tenant: string, room: MemoryRoom, facts: Fact[]): Change {
    if (facts.length > 0) room.changedAt = this.#clock.now();
    return { facts, people: this.#people(tenant, idsIn(facts)), head: this.#head(tenant, room) };
  }

  #head(tenant: string, room: MemoryRoom): Head {
    const { id, epoch, seq, messageCount, deletedCount } = room.record;
    const last = room.messages.at(-1);
    return {
      room: id, epoch, seq, messageCount, deletedCount, activeAt: room.activeAt,
      ...(last ? { lastMessage: last, lastSender: this.#person(tenant, last.senderId) } : {}),
    };
  }

  #summary(tenant: string, room: MemoryRoom, user: string): RoomSummary | undefined {
    const own = room.reader(user);
    if (!own) return undefined;
    const others = room.presentMembers()
      .filter(({ userId }) => userId !== user)
      .sort((a, b) => a.joinedAt - b.joinedAt || compareText(a.userId, b.userId));
    const { room: id, ...head } = this.#head(tenant, room);
    const { kind, name, memberCount } = room.record;
    return {
      id, kind, ...(name === undefined ? {} : { name }), ...head, memberCount,
      people: others.slice(0, 5).map(({ userId }) => this.#person(tenant, userId)),
      readSeq: own.member.readSeq,
      readCount: own.readCount,
      unread: room.unread(own.readCount),
    };
  }

  #isFoundBy(tenant: string, room: MemoryRoom, user: string, wanted: string): boolean {
    if (room.record.name !== undefined && searchText(room.record.name).includes(wanted)) return true;
    const { people } = this.#tenant(tenant);
    return room.presentMembers().some(({ userId }) => {
      // One is in all of one's rooms: one's own name finds only the room with oneself.
      if (userId === user && room.record.memberCount > 1) return false;
      const person = people.get(userId);
      return person !== undefined && personSearchText(person).includes(wanted);
    });
  }
}
