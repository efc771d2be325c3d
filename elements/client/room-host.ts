import type { Head, RequestInput, RequestKind, RequestOutput, ServerFrameOf } from '#protocol/frames';
import type { Message, Person } from '#protocol/models';
import type { Drafts } from './drafts.ts';
import type { Environment } from './environment.ts';
import type { Outbox } from './outbox.ts';
import type { People } from './people.ts';
import type { Summaries } from './summaries.ts';

/** What the server says of one room. */
export interface RoomListener {
  /** There is a connection, and the server knows nothing yet of what is wanted of it. */
  onReady(): void;
  onLost(): void;
  onFacts(frame: ServerFrameOf<'facts'>): void;
  onHead(head: Head): void;
  onSeen(cursors: ServerFrameOf<'seen'>['cursors']): void;
  onTyping(person: Person, isActive: boolean): void;
  /** It is a large room, and so many of its members are there. */
  onOccupancy(online: number): void;
  /** I am not in it any more. */
  onGone(): void;
  /** It is in my list (again). */
  onListed(): void;
  /** Its summary has changed. */
  onSummary(): void;
  /** Its outbox has changed. */
  onOutbox(): void;
  onSent(message: Message): void;
  /** Someone else is signed in now: nothing of what was known may be seen. */
  onForget(): void;
}

/** What a room needs of its client. */
export interface RoomHost {
  readonly environment: Environment;
  readonly people: People;
  readonly summaries: Summaries;
  readonly outbox: Outbox;
  readonly drafts: Drafts;
  user(): Person | undefined;
  /** Server, tenant and person; empty while the person is not known. */
  owner(): string;
  textLimit(): number;
  isOnline(): boolean;
  request<K extends RequestKind>(kind: K, input: RequestInput<K>): Promise<RequestOutput<K>>;
  /** Sends what may be lost. */
  tell(frame: object): void;
  /** Called before a room is opened on the server, which takes only so many: an idle one makes place. */
  makePlace(): void;
}

/** How the client sees to it that not too many rooms are open on the server. */
export interface RoomUse {
  isOpen(): boolean;
  isIdle(): boolean;
  close(): void;
}
