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
  | { type: 'lie'; lie: Lie };

/** What a node tells the harness. */
export type FromNode =
  | { type: 'listening' }
  | { type: 'bus'; mode: string }
  | { type: 'sample'; rssBytes: number; sessions: number; lagMs: number };
