import { check } from './checker/check.ts';
import type { Breach, Evidence } from './checker/evidence.ts';
import { Cluster } from './cluster.ts';
import { faultsFor } from './faults/faults.ts';
import { History } from './history.ts';
import { Nemesis } from './nemesis.ts';
import { stallMs } from './node/node-process.ts';
import type { Store } from './options.ts';
import { plantNamed } from './plants.ts';
import { comeToRest } from './rest.ts';
import { Chance } from './seeds.ts';
import { Town } from './town.ts';
import { type Habits, Workload } from './workload.ts';

export interface RoundOptions {
  store: Store;
  nodes: number;
  seed: number;
  /** How long there is trouble; settling before and healing after it come on top. */
  troubleMs: number;
  /** Names of the faults to choose from; all that can be made there where none is named. */
  faults?: readonly string[] | undefined;
  plant?: string | undefined;
  /** How many tenants there are, and what their people do otherwise than usual. */
  tenants?: number | undefined;
  habits?: Partial<Habits> | undefined;
  /** What is not well, and has not moved for so long, will not be. */
  healMs?: number | undefined;
  print(line: string): void;
}

export interface RoundResult {
  breaches: Breach[];
  evidence: Evidence;
  faults: ReadonlyMap<string, number>;
  healedMs: number;
}

/** A client may wait 30 s before it comes back, and a node 30 s before it reads again whom it may let in. */
const patientMs = 60_000;

/** One world from its beginning to its end: it settles, lives through trouble, heals, and is judged. */
export async function runRound(
  { store, nodes, seed, troubleMs, faults, plant, tenants, habits, healMs = patientMs, print }: RoundOptions,
): Promise<RoundResult> {
  if (plant !== undefined) plantNamed(plant).inClients?.();
  const history = new History();
  const cluster = await Cluster.start({ store, nodes, plant }, history);
  const stopWatch = watchOurselves(history);
  const routes = new Chance(seed, 'routes');
  const town = new Town(history, () => cluster.route(routes));
  try {
    await town.settle(new Chance(seed, 'town'), tenants);
    print(`${town.devices.length} devices and ${town.followers.length} followers are in, on ${nodes} node${nodes === 1 ? '' : 's'} over ${store}`);
    const until = history.now() + troubleMs;
    const isGoingOn = (): boolean => history.now() < until && !history.isFull;
    const nemesis = new Nemesis(
      faultsFor(cluster, faults), { cluster, town, history, chance: new Chance(seed, 'nemesis'), left: () => Math.max(0, until - history.now()) }, print,
    );
    const workload = new Workload(town, new Chance(seed, 'workload'), habits);
    await Promise.all([workload.run(isGoingOn), nemesis.run(isGoingOn)]);

    const evidence = await comeToRest({ town, databaseUrl: cluster.databaseUrl, history, patienceMs: healMs });
    return { breaches: check(evidence), evidence, faults: nemesis.counts, healedMs: evidence.checkedAt - evidence.quietAt };
  } finally {
    town.leave();
    stopWatch();
    await cluster.stop();
  }
}

/** Notes when this process did not come to run: what it then saw late was not late. Returns its undo. */
function watchOurselves(history: History): () => void {
  const everyMs = 100;
  let dueAt = performance.now() + everyMs;
  const timer = setInterval(() => {
    const late = performance.now() - dueAt;
    if (late > stallMs) history.add('stall', { who: 'harness', ms: late });
    dueAt = performance.now() + everyMs;
  }, everyMs);
  return () => clearInterval(timer);
}
