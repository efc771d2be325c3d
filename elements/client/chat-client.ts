import type { RequestInput, RequestKind, RequestOutput } from '#protocol/frames';
import type { Person, RoomSummary } from '#protocol/models';
import type { Room } from './room.ts';
import type { RoomList } from './room-list.ts';

/** Asked for a token at each connect, and again when one ends. `refresh` is true when the last token was refused or has ended. */
export type TokenProvider = (context: { refresh: boolean }) => Promise<string>;

export type ConnectionState =
  /** `connect()` was not called yet, or `close()` was. */
  | { status: 'idle' }
  | { status: 'connecting'; attempt: number }
  | { status: 'online' }
  /** Lost; the next try is at `retryAt` (milliseconds since 1970). `offline`: the browser says there is no network. */
  | { status: 'waiting'; attempt: number; retryAt: number; offline: boolean }
  /** Given up, because coming back unchanged cannot work: `message` says why. */
  | { status: 'stopped'; closeCode: number; message: string };

export declare class ChatClient {
  constructor(options: { server: string; tokenProvider: TokenProvider });
  /** Base URL of the server, without a trailing slash. */
  readonly server: string;
  readonly connection: ConnectionState;
  /** Who I am; known after the first `ready`. */
  readonly user: Person | undefined;
  readonly rooms: RoomList;
  /** The most characters a message may have on this server. */
  readonly textLimit: number;
  /** Called when `connection` or `user` changed. Returns its undo. */
  onChange(listener: () => void): () => void;
  connect(): void;
  /** Drops the wait of a backoff: "try now". */
  reconnectNow(): void;
  close(): void;
  /** The one object for a room; nothing is asked of the server before `open()`. */
  room(id: string): Room;
  /** The person as last told, if ever. */
  person(id: string): Person | undefined;
  createDirect(userId: string): Promise<RoomSummary>;
  createGroup(draft: { name?: string; users: string[] }): Promise<RoomSummary>;
  searchPeople(query: string, limit?: number): Promise<Person[]>;
  /** Asks for the presence of these people as long as the undo is not called; `listener` is called on each change. */
  watchPresence(userIds: readonly string[], listener: () => void): () => void;
  isOnline(userId: string): boolean;
  request<K extends RequestKind>(kind: K, input: RequestInput<K>): Promise<RequestOutput<K>>;
}
