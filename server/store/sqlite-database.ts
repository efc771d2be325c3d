import { resolve } from 'node:path';
import { Sequelize } from 'sequelize';
import { Database } from './database.ts';
import { sqliteDialect } from './dialect.ts';
import { loadSqliteDriver, type SqliteDriver } from './sqlite-driver.ts';

/** How long a statement waits for another process (an import, a backup) to let go of the file. */
const busyTimeoutMs = 5_000;

/** The file that a `sqlite:` URL names. */
export function sqliteFile(url: string): string {
  const file = /^sqlite:(?:\/\/)?(?<path>.+)$/.exec(url)?.groups?.path;
  if (file === undefined || file === ':memory:') {
    throw new Error(`The database URL "${url}" is not one that can be opened. Write it as sqlite:path/to/file.`);
  }
  return resolve(file);
}

/**
 * WAL lets reading go on while a transaction is written; FULL syncs at each commit, so that what was acknowledged survives
 * a power cut (G1).
 */
export async function openSqlite(
  file: string, { driver, onQuery }: { driver?: SqliteDriver; onQuery?: (statement: string) => void } = {},
): Promise<Database> {
  const dialectModule = driver ?? (await loadSqliteDriver());
  const open = () => new Sequelize({
    dialect: 'sqlite',
    storage: file,
    dialectModule,
    logging: false,
    // The driver waits by itself (busy_timeout). Sequelize's own five tries would make that half a minute.
    retry: { max: 1 },
  });
  const writer = open();
  const reader = open();
  try {
    for (const pragma of [`busy_timeout = ${busyTimeoutMs}`, 'journal_mode = WAL', 'synchronous = FULL', 'foreign_keys = ON']) {
      await writer.query(`PRAGMA ${pragma}`);
    }
    for (const pragma of [`busy_timeout = ${busyTimeoutMs}`, 'query_only = ON']) await reader.query(`PRAGMA ${pragma}`);
  } catch (error) {
    await Promise.allSettled([reader.close(), writer.close()]);
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`The database file ${file} cannot be opened (${reason}). Check its path and who may write there.`, { cause: error });
  }
  return new Database({ dialect: sqliteDialect, reader, writer, onQuery });
}
