import { parseArgs } from 'node:util';
import { randomInt } from 'node:crypto';
import { type Plant, plantNamed } from './plants.ts';
import type { Habits } from './workload.ts';

export const stores = ['sqlite', 'postgres', 'mariadb'] as const;
export type Store = (typeof stores)[number];

export interface ChaosOptions {
  store: Store;
  minutes: number;
  seed: number;
  nodes: number;
  untilFailure: boolean;
  /** Names of faults, or `none`; without it, all that can be made there. */
  faults: readonly string[] | undefined;
  /** A bug that is put in on purpose, and what it needs to show where nothing else is said. */
  plant: string | undefined;
  tenants: number | undefined;
  habits: Partial<Habits> | undefined;
  healMs: number | undefined;
}

/** Reads the command line. Throws a sentence about what is wrong with it. */
export function parseOptions(args: readonly string[]): ChaosOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      'store': { type: 'string' },
      'minutes': { type: 'string' },
      'seed': { type: 'string' },
      'nodes': { type: 'string' },
      'until-failure': { type: 'boolean', default: false },
      'faults': { type: 'string' },
      'plant': { type: 'string' },
    },
  });
  const scope: Plant['scope'] = values.plant === undefined ? {} : plantNamed(values.plant).scope;
  const storeName = values.store ?? scope.store ?? 'sqlite';
  const store = stores.find((name) => name === storeName);
  if (!store) throw new Error(`--store is ${stores.join(', ')}, not "${values.store}".`);
  const number = (name: string, value: string, from: number, to: number): number => {
    const parsed = Number(value);
    if (value.trim() === '' || !(parsed >= from && parsed <= to)) throw new Error(`--${name} is a number from ${from} to ${to}, not "${value}".`);
    return parsed;
  };
  const nodes = number('nodes', values.nodes ?? String(scope.nodes ?? (store === 'sqlite' ? 1 : 3)), 1, 9);
  if (store === 'sqlite' && nodes > 1) throw new Error('SQLite is for one node: leave --nodes away, or take another --store.');
  return {
    store, nodes,
    minutes: number('minutes', values.minutes ?? String(values.plant === undefined ? 3 : scope.minutes ?? 0.1), 0.05, 10_000),
    seed: values.seed === undefined ? randomInt(2 ** 31) : Math.floor(number('seed', values.seed, 0, 2 ** 31)),
    untilFailure: values['until-failure'],
    faults: values.faults === 'none' ? [] : values.faults?.split(',').map((name) => name.trim()) ?? scope.faults,
    plant: values.plant, tenants: scope.tenants, habits: scope.habits, healMs: scope.healMs,
  };
}
