import type { RoomSummary } from '#protocol/models';

export declare class RoomList {
  /** Most recently active first, live. */
  readonly rooms: readonly RoomSummary[];
  readonly status: 'loading' | 'ready' | 'error';
  readonly error: string | undefined;
  readonly hasMore: boolean;
  /** Sum of `unread` over the rooms that are known. */
  readonly unread: number;
  onChange(listener: () => void): () => void;
  loadMore(): Promise<void>;
  reload(): Promise<void>;
  search(query: string): Promise<RoomSummary[]>;
}
