import type { ErrorCode } from '#protocol/codes';
import type { RequestKind } from '#protocol/frames';

/**
 * What the server counts of its own work. Called where the most is going on, so it only adds numbers; and nothing that
 * somebody outside says (a room, a person, a tenant, a text) ever becomes a label (G8, G9).
 */
export interface Metrics {
  /** A session said a frame of this kind, which may be anything. */
  frameReceived(kind: string): void;
  /** A frame went out to one session. */
  frameSent(bytes: number): void;
  /** One session got so many facts. */
  factsDelivered(count: number): void;
  /** A request was answered, over the socket or REST. */
  answered(code: 'ok' | ErrorCode): void;
  /** How long a request took, from when it was read. */
  requestTook(kind: RequestKind, ms: number): void;
  messageStored(): void;
  /** The server ended a session with this code; without one, the other end went away. */
  sessionClosed(code?: number): void;
  rateLimited(bucket: RateBucket): void;
  /** So many writes were committed, or rolled back, together. */
  transactionTook(writes: number, ms: number): void;
  /** So many writes wait for their transaction now. */
  writesWaiting(count: number): void;
  statement(): void;
  databaseFailed(): void;
  /** The bus says that deliveries may have been lost. */
  busGap(): void;
  /** What was lost on the way to this node was found in the log. */
  holeHealed(): void;
  /** The way from a place in a log to its head was too long, or led nowhere. */
  reset(): void;
}

/** Whose bucket was empty. */
export const rateBuckets = ['frames', 'sends', 'requests', 'connects', 'strangers'] as const;
export type RateBucket = (typeof rateBuckets)[number];

/** For whoever wants no figures. */
export const noMetrics: Metrics = {
  frameReceived() {}, frameSent() {}, factsDelivered() {}, answered() {}, requestTook() {}, messageStored() {}, sessionClosed() {}, rateLimited() {},
  transactionTook() {}, writesWaiting() {}, statement() {}, databaseFailed() {}, busGap() {}, holeHealed() {}, reset() {},
};
