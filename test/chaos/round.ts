import { Case } from './checker/case.ts';
import { check } from './checker/check.ts';
import type { Breach, Evidence, View } from './checker/evidence.ts';
import { differenceOf } from './checker/view.ts';
import { Cluster } from './cluster.ts';
import type { Device } from './clients/device.ts';
import { type Dump, readDump } from './dump.ts';
import { faultsFor } from './faults/faults.ts';
import { History } from './history.ts';
import { Nemesis } from './nemesis.ts';
import { stallMs } from './node/node-process.ts';
import type { Store } from './options.ts';
import { plantNamed } from './plants.ts';
import { Chance } from './seeds.ts';
import { holds } from './time.ts';
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
  /** Whatever is not well so long after the last fault will not be. */
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

    const quietAt = history.now();
    let dump = await readDump(cluster.databaseUrl);
    await holds(async () => {
      // Who was sent away for good signs in again, and everybody looks at what is new.
      for (const device of town.devices) device.switchOn();
      if (!town.devices.every(isAtRest)) return false;
      await Promise.all(town.devices.map((device) => device.scrollToEnd().catch(() => undefined)));
      dump = await readDump(cluster.databaseUrl);
      return viewsOf(town).every((view) => differenceOf(view, storedIn(dump)) === undefined) && town.followers.every(({ isConnected }) => isConnected);
    }, healMs, 500);
    const checkedAt = history.now();
    dump = await readDump(cluster.databaseUrl);
    const evidence: Evidence = { events: history.events, dump, views: viewsOf(town), quietAt, checkedAt };
    return { breaches: check(evidence), evidence, faults: nemesis.counts, healedMs: checkedAt - quietAt };
  } finally {
    town.leave();
    stopWatch();
    await cluster.stop();
  }
}

/** Connected, and nothing waits to be sent. */
function isAtRest(device: Device): boolean {
  return device.client.connection.status === 'online' && device.openRooms.every(({ state }) => state.messages.every(({ status }) => status !== 'pending'));
}

function viewsOf({ devices }: Town): View[] {
  return devices.flatMap(({ name, tenant, user, openRooms }) => openRooms.map(({ id, state }): View => ({
    client: name, tenant, user, room: id, status: state.status,
    messages: state.messages.flatMap((entry) => (entry.status === 'sent' ? [entry.message] : [])),
    hasAfter: state.hasAfter,
    pending: state.messages.flatMap((entry) => (entry.status === 'pending' ? [entry.clientMsgId] : [])),
    summary: state.summary,
    members: state.members.map(({ userId }) => userId),
  })));
}

function storedIn(dump: Dump): Pick<Case, 'rooms' | 'rowsOf' | 'membersOf'> {
  return new Case({ events: [], dump, views: [], quietAt: 0, checkedAt: 0 });
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
