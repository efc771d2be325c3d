import type { Member, Message, Person, RoomSummary } from '#protocol/models';

/** A message as one sees it in a room. */
export type TimelineMessage =
  | { key: string; status: 'sent'; message: Message }
  /** Mine, not acknowledged yet: `at` is when I sent it. Always after every sent one. */
  | { key: string; status: 'pending'; clientMsgId: string; text: string; at: number }
  /** Refused for good; `error` says why. It can be retried or discarded. */
  | { key: string; status: 'failed'; clientMsgId: string; text: string; at: number; error: string };

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

export declare class Room {
  readonly id: string;
  readonly state: RoomState;
  onChange(listener: () => void): () => void;
  /** Opens and keeps open until as many undos were called as opens. */
  open(): () => void;
  /** Shows the message at once, and sends it when it can. Returns its clientMsgId. Throws where `text` is blank or too long. */
  send(text: string): string;
  retry(clientMsgId: string): void;
  discard(clientMsgId: string): void;
  delete(seq: number): Promise<void>;
  loadBefore(): Promise<void>;
  loadAfter(): Promise<void>;
  /** Jumps to the newest page. */
  loadNewest(): Promise<void>;
  loadAround(seq: number): Promise<void>;
  /** "Everything up to here was seen"; coalesced. */
  markRead(seq: number): void;
  /** Call on every keystroke; told to others at most every 3 s. */
  setTyping(isTyping: boolean): void;
  seenBy(seq: number): Promise<{ count: number; people: Person[] }>;
  rename(name: string | undefined): Promise<void>;
  addMembers(userIds: string[]): Promise<void>;
  removeMember(userId: string): Promise<void>;
  leave(): Promise<void>;
  /** What was typed and not sent; kept per room across reloads. */
  draft: string;
}
