/**
 * How nodes hear of each other's commits. A doorbell, never the mail: delivery is at most once, in no promised order,
 * and whoever misses a ring reads the database (G6).
 *
 * Every implementation passes `test/contract/bus.contract.ts`.
 */
export interface Bus {
  /** Hands `payload` to the other nodes. Never throws, never waits for delivery; trouble goes to `onError`. */
  publish(topic: string, payload: string): void;
  /** Resolves when the subscription is in force: what is published after that is heard. */
  subscribe(topic: string): Promise<void>;
  unsubscribe(topic: string): Promise<void>;
  /** Called for each payload another node published on a subscribed topic: never with one's own. Returns its undo. */
  onDelivery(listener: (topic: string, payload: string) => void): () => void;
  /** Called when deliveries may have been lost: everything that matters must be read again. Returns its undo. */
  onGap(listener: () => void): () => void;
  onError(listener: (error: unknown, stage: 'publish' | 'subscribe' | 'delivery') => void): () => void;
  close(): Promise<void>;
}
