import { parseArgs } from 'node:util';
import { randomInt } from 'node:crypto';

export const stores = ['sqlite', 'postgres', 'mariadb'] as const;
export type Store = (typeof stores)[number];

export interface ChaosOptions {
  store: Store;
  minutes: number;
  seed: number;
  nodes: number;
  untilFailure: boolean;
  /** Names of faults; all that the store allows where none is named. */
  faults: readonly string[] | undefined;
  plant: string | undefined;
}

/** Reads the command line. Throws a sentence about what is wrong with it. */
export function parseOptions(args: readonly string[]): ChaosOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      'store': { type: 'string', default: 'sqlite' },
      'minutes': { type: 'string', default: '3' },
      'seed': { type: 'string' },
      'nodes': { type: 'string' },
      'until-failure': { type: 'boolean', default: false },
      'faults': { type: 'string' },
      'plant': { type: 'string' },
    },
  });
  const store = stores.find((name) => name === values.store);
  if (!store) throw new Error(`--store is ${stores.join(', ')}, not "${values.store}".`);
  const number = (name: string, value: string, from: number, to: number): number => {
    const parsed = Number(value);
    if (value.trim() === '' || !(parsed >= from && parsed <= to)) throw new Error(`--${name} is a number from ${from} to ${to}, not "${value}".`);
    return parsed;
  };
  const nodes = number('nodes', values.nodes ?? (store === 'sqlite' ? '1' : '3'), 1, 9);
  if (store === 'sqlite' && nodes > 1) throw new Error('SQLite is for one node: leave --nodes away, or take another --store.');
  return {
    store, nodes,
    minutes: number('minutes', values.minutes, 0.1, 10_000),
    seed: values.seed === undefined ? randomInt(2 ** 31) : Math.floor(number('seed', values.seed, 0, 2 ** 31)),
    untilFailure: values['until-failure'],
    faults: values.faults?.split(',').map((name) => name.trim()).filter((name) => name !== ''),
    plant: values.plant,
  };
}
