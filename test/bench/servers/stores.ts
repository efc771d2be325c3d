import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findMariaDb, startMariaDb } from '../../support/services/mariadb.ts';
import { findPostgres, startPostgres } from '../../support/services/postgres.ts';
import { findRedis, startRedis } from '../../support/services/redis.ts';

export const storeKinds = ['sqlite', 'postgres', 'mariadb'] as const;
export type StoreKind = (typeof storeKinds)[number];

/** Where a benchmark's servers find their database: new, empty, its own, and syncing to disk at each commit, as all do by default. */
export interface Place {
  /** An address of an empty database: another one at each call. */
  database(): Promise<string>;
  /** A Redis, where the kind of store is one that several nodes can share; SQLite serves one process. */
  readonly redis: string | undefined;
  /** Takes everything away. */
  stop(): Promise<void>;
}

/** Why there can be no such place on this machine: the sentence that says what to install. */
export function whyNot(kind: StoreKind): string | undefined {
  try {
    if (kind === 'postgres') findPostgres();
    if (kind === 'mariadb') findMariaDb();
    if (kind !== 'sqlite') findRedis();
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

export async function openPlace(kind: StoreKind): Promise<Place> {
  if (kind === 'sqlite') return openFolder();
  const [service, redis] = await Promise.all([kind === 'postgres' ? startPostgres() : startMariaDb(), startRedis()]);
  return {
    database: () => service.createDatabase(),
    redis: redis.url,
    async stop() {
      await Promise.all([service.stop(), redis.stop()]);
    },
  };
}

function openFolder(): Place {
  const folder = mkdtempSync(join(tmpdir(), 'chatter-bench-'));
  const remove = (): void => rmSync(folder, { recursive: true, force: true });
  process.once('exit', remove);
  let databases = 0;
  return {
    database: async () => `sqlite:${join(folder, `${++databases}.sqlite3`)}`,
    redis: undefined,
    async stop() {
      process.off('exit', remove);
      remove();
    },
  };
}
