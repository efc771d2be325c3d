import type { Cluster } from '../cluster.ts';
import type { Fault } from './fault.ts';
import { databaseFaults } from './database-faults.ts';
import { networkFaults } from './network-faults.ts';
import { nodeFaults } from './node-faults.ts';
import { peopleFaults } from './people-faults.ts';
import { redisFaults } from './redis-faults.ts';

const all: readonly Fault[] = [...nodeFaults, ...networkFaults, ...databaseFaults, ...redisFaults, ...peopleFaults];

/** The faults that can be made on this cluster; of those that are named, where some are. Throws for a name that there is not. */
export function faultsFor(cluster: Cluster, names: readonly string[] | undefined): readonly Fault[] {
  const unknown = names?.find((name) => all.every((fault) => fault.name !== name));
  if (unknown !== undefined) throw new Error(`There is no fault "${unknown}". There are: ${all.map(({ name }) => name).join(', ')}.`);
  return all.filter(({ name, suits }) => (names?.includes(name) ?? true) && (suits?.(cluster) ?? true));
}
