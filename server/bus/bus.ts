/**
 * How nodes hear of each other's commits. A doorbell, never the mail: delivery is at most once, in no promised order,
 * and whoever misses a ring reads the database (G6).
 *
 * Every implementation passes `test/contract/bus.contract.ts`.
 */
export interface Bus {
  /** Hands `payload` to the other nodes. Never throws, never waits for delivery; trouble goes to `onError`. */
  publish(topic: string, payload: string): void;
  /**
   * Resolves when the subscription is in force: what is published after that is heard. On a bus that is down it resolves at
   * once, and is in force before the bus is up again: whoever subscribes goes by `mode`.
   */
  subscribe(topic: string): Promise<void>;
  unsubscribe(topic: string): Promise<void>;
  /** Called for each payload another node published on a subscribed topic: never with one's own. Returns its undo. */
  onDelivery(listener: (topic: string, payload: string) => void): () => void;
  /** Called when deliveries may have been lost: everything that matters must be read again. Returns its undo. */
  onGap(listener: () => void): () => void;
  /**
   * Whether deliveries can be trusted now. While they cannot (`down`), whoever listens reads the database in short turns
   * instead; when they can again, `onGap` is called after `onModeChange`.
   */
  readonly mode: BusMode;
  /** Called with each new mode. Returns its undo. */
  onModeChange(listener: (mode: BusMode) => void): () => void;
  /** Called with what went wrong, but for the line to the broker being lost: that is told by the mode. Returns its undo. */
  onError(listener: (error: unknown, stage: 'publish' | 'subscribe' | 'delivery') => void): () => void;
  /** Who listens adds what it can make no sense of. */
  readonly counters: BusCounters;
  /** Says what is still to be said, and lets go of everything. */
  close(): Promise<void>;
}

/** `alone`: there are no other nodes, and never will be. */
export type BusMode = 'alone' | 'up' | 'down';

/** Since the bus was opened. */
export interface BusCounters {
  /** Payloads that the broker took. */
  published: number;
  /** Payloads of other nodes that were heard. */
  delivered: number;
  /** Payloads that never went out, because the broker did not take them in time. */
  unsent: number;
  /** What was heard and made no sense. */
  garbage: number;
}

export function newBusCounters(): BusCounters {
  return { published: 0, delivered: 0, unsent: 0, garbage: 0 };
}
