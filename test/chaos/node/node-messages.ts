import type { Chatter } from '../../../server/index.ts';
import type { CrashPoint } from './crash-points.ts';
import type { Lie } from './lying-bus.ts';

/** What a node is started with. */
export interface NodeOptions {
  name: string;
  port: number;
  database: string;
  redis?: string;
  /** A bug to be planted into it (see `plants.ts`). */
  plant?: string;
}

/** What the harness tells a node, over the channel that `fork` made. */
export type ToNode =
  | { type: 'die-at'; point: CrashPoint; count: number }
  | { type: 'clock'; offsetMs: number }
  | { type: 'lie'; lie: Lie }
  /** SQLite: the file may take no more pages than it has, as on a disk that is full; or as many as it likes again. */
  | { type: 'disk'; isFull: boolean }
  | (Question & { id: number });

/** What is answered with `done`. */
export type Question =
  /** The death that was ordered is called off. */
  | { type: 'live-on' }
  | { type: 'revoke'; tenant: string; what: Revocable; isRevoked: boolean };

export type Revocable = Parameters<Chatter['revoke']>[1];

/** What a node tells the harness. */
export type FromNode =
  | { type: 'listening' }
  | { type: 'bus'; mode: string }
  /** The end of what was asked for with this id. */
  | { type: 'done'; id: number; isWell: boolean }
  | { type: 'sample'; rssBytes: number; sessions: number; lagMs: number };
