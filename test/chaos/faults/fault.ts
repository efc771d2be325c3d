import type { Cluster } from '../cluster.ts';
import type { History } from '../history.ts';
import type { Chance } from '../seeds.ts';
import type { Town } from '../town.ts';

/** What a fault may lay its hands on. */
export interface Reach {
  cluster: Cluster;
  town: Town;
  chance: Chance;
  history: History;
  /** How many milliseconds of trouble are left: what lasts longer would only hold up the end. */
  left(): number;
  /** Says what exactly is being done. */
  say(detail: string): void;
}

export interface Fault {
  /** What it does, in a few words: it stands in `--faults` and in the report. */
  readonly name: string;
  /** Faults that lay hands on the same thing are never at work at the same time. */
  readonly on: 'nodes' | 'network' | 'database' | 'redis' | 'people';
  /** Whether it can be done here; where this is missing it always can. */
  suits?(cluster: Cluster): boolean;
  /** Begins, lasts and ends: when this resolves everything is as before, and only has to heal. */
  run(reach: Reach): Promise<void>;
}
