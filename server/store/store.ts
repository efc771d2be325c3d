import type { Changes, Fact, Member, Message, MessagePage, Person, RoomKind, RoomSummary } from '#protocol/models';
import type { Head } from '#protocol/frames';

/**
 * Where rooms live. The log is the database: every durable change of a room takes the room's next `seq` inside the
 * transaction that makes it (G3), and a promise resolves only after that transaction is on disk (G1).
 *
 * Tenant first in every call. A store knows nothing of who may do what (see `actions/`): it answers `undefined` or throws
 * `ChatterError('not_found')` for what does not exist. Text is data: it may hold anything.
 * `by` is who asks for a change, absent where nobody does (an import, the command line): where they are not in the room by then
 * it is `not_found` to them, for they were when they asked, and somebody quicker may have taken them out.
 * Every implementation passes `test/contract/store.contract.ts`.
 */
export interface Store {
  /** Makes or updates people. Resolves to those whose name or avatar is new. */
  putPeople(tenant: string, people: readonly Person[]): Promise<Person[]>;
  people(tenant: string, ids: readonly string[]): Promise<Person[]>;
  /**
   * Whose name or id has a word that starts with `query` (case and accents as the database folds them), by name.
   * With `sharingRoomWith` only those who are in a room with that person now.
   */
  searchPeople(tenant: string, query: string, limit: number, sharingRoomWith?: string): Promise<Person[]>;
  /** Those of `among` who are in a room with `user` now, who is one of them. */
  companions(tenant: string, user: string, among: readonly string[]): Promise<string[]>;

  /** Makes a room, or finds the one that has its `key` already (`created: false`, nothing changed). */
  createRoom(tenant: string, draft: RoomDraft): Promise<{ room: RoomRecord; facts: Fact[]; created: boolean }>;
  room(tenant: string, room: string): Promise<RoomRecord | undefined>;
  /** Every room of the tenant by id, after `cursor` (exclusive): for exports and other rounds of the whole house. */
  rooms(tenant: string, page: { cursor?: string; limit: number }): Promise<{ rooms: RoomRecord[]; next?: string }>;
  heads(tenant: string, rooms: readonly string[]): Promise<Head[]>;
  /**
   * Rooms of all tenants whose log grew at `since` or later, by the clock of whoever wrote: how far each has come, the one that
   * changed first at the front. `after` is the last one of the page before; a page that is not full is the last.
   */
  changedRooms(page: { since: number; after?: RoomPlace; limit: number }): Promise<RoomPlace[]>;
  /** One room as `user` sees it; undefined where `user` is not a member now. */
  summary(tenant: string, room: string, user: string): Promise<RoomSummary | undefined>;
  /**
   * Rooms of `user`, most recently active first. `query` matches the room's name and the names of the others in it. Page by
   * page no room comes twice; one that became active meanwhile went to the front, where its push or a new first page shows it.
   */
  summaries(tenant: string, user: string, page: { cursor?: string; limit: number; query?: string }): Promise<{ rooms: RoomSummary[]; next?: string }>;
  renameRoom(tenant: string, room: string, name: string | undefined, by?: string): Promise<Change>;

  /** Undefined for who was never in, and for who left. */
  member(tenant: string, room: string, user: string): Promise<Member | undefined>;
  /** Present members by user id, after `cursor` (exclusive). */
  members(tenant: string, room: string, page: { cursor?: string; limit: number }): Promise<{ members: Member[]; people: Person[]; next?: string }>;
  /** Ids of all present members. */
  memberIds(tenant: string, room: string): Promise<string[]>;
  /**
   * Adds those who are not in, removes those who are: a fact each. A newcomer starts with nothing unread, with a marker at
   * the fact of joining.
   */
  changeMembers(tenant: string, room: string, change: { add?: readonly string[]; remove?: readonly string[] }, by?: string): Promise<Change>;

  /**
   * Appends a message, and moves its sender's read marker onto it. The same `(room, senderId, clientMsgId)` again resolves
   * to the first message, as it is now, with `duplicate: true` (G2), or throws `conflict` where the text is another one.
   * Of somebody who is not in the room by then it is `not_found`: nothing of theirs follows their going in the log.
   * Calls of one room resolve in `seq` order, and calls made in one turn keep their order (G5).
   */
  appendMessage(tenant: string, draft: MessageDraft): Promise<{ message: Message; head: Head; epoch: string; duplicate: boolean }>;
  /** Appends many of one room in order, in as few transactions as may be: for imports. Known ones are skipped. No read marker moves. */
  importMessages(tenant: string, room: string, drafts: readonly (Omit<MessageDraft, 'room'> & { at: number })[]): Promise<{ added: number }>;
  /** Makes a message a tombstone. Done already: resolves with no facts. */
  deleteMessage(tenant: string, room: string, seq: number, by?: string): Promise<Change & { message: Message }>;
  message(tenant: string, room: string, seq: number): Promise<Message | undefined>;
  /** `around` stands in the middle of its page; where one side is short the other fills it. */
  history(tenant: string, room: string, page: { before?: number; after?: number; around?: number; limit: number }): Promise<MessagePage>;
  /** Latest state of everything that changed after `after`, by `seq`, up to `limit` facts. */
  changes(tenant: string, room: string, after: number, limit: number): Promise<Changes>;

  /** Moves a marker forward, never back (G10), and not beyond the head. */
  markRead(tenant: string, room: string, user: string, seq: number): Promise<ReadState & { moved: boolean }>;
  /** How many other members have read up to `seq`, and the first `limit` of them by id. */
  seenBy(tenant: string, room: string, seq: number, exceptUser: string, limit: number): Promise<{ count: number; people: Person[] }>;

  /**
   * Writes what lets nobody in any more or, without `at`, that it does again: over what was said of the same before. Resolves
   * to its revision: each takes the next, in the order of commits, so who has read up to one has missed nothing (G7).
   */
  writeRevocation(revocation: Omit<Revocation, 'revision'>): Promise<number>;
  /** What was written after a revision, of all tenants, by revision. */
  revocations(after: number, limit: number): Promise<Revocation[]>;

  /** Resolves when the store can answer; throws what is wrong. */
  check(): Promise<void>;
  /** Finishes what was accepted, then lets go of everything. */
  close(): Promise<void>;
}

export interface RoomDraft {
  kind: RoomKind;
  name?: string;
  /** A natural key within the tenant: making a room with a known key finds it instead. */
  key?: string;
  members: readonly string[];
}

export interface RoomRecord {
  id: string;
  kind: RoomKind;
  name?: string;
  epoch: string;
  seq: number;
  messageCount: number;
  deletedCount: number;
  memberCount: number;
}

/** How far a room has come. */
export interface RoomPlace {
  tenant: string;
  room: string;
  epoch: string;
  seq: number;
  /** The last fact that was not a message's: a member came or went, or the room was renamed. */
  peopleSeq: number;
  changedAt: number;
}

export interface MessageDraft {
  room: string;
  senderId: string;
  clientMsgId: string;
  text: string;
}

/** What a change of a room did: its facts (in order, possibly none), the people they name, and the head after them. */
export interface Change {
  facts: Fact[];
  people: Person[];
  head: Head;
}

export interface ReadState {
  readSeq: number;
  readCount: number;
  unread: number;
}

/**
 * `tenant`: everybody of it. `person`: somebody, with whatever token. `tokens`: the tokens that somebody got up to `at`.
 * `token`: one token.
 */
export type RevocationKind = 'tenant' | 'person' | 'tokens' | 'token';

export interface Revocation {
  tenant: string;
  kind: RevocationKind;
  /** The person's or the token's id; empty for a tenant. */
  subject: string;
  /** Since when, in milliseconds since 1970; absent where it was taken back. */
  at?: number;
  /** From then on nothing depends on it: the token has ended by itself. */
  until?: number;
  revision: number;
}
