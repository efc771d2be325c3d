import { resolve } from 'node:path';
import { ConnectionError, Sequelize } from 'sequelize';
import { Database } from './database.ts';
import { sqliteDialect } from './dialect.ts';
import { withPreparedStatements } from './prepared-statements.ts';
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
  const writer = await connect(file, withPreparedStatements(dialectModule), ['synchronous = FULL', 'foreign_keys = ON']);
  try {
    await switchToWal(writer).catch((error: unknown) => Promise.reject(cannotOpen(file, error)));
    const reader = await connect(file, dialectModule, ['query_only = ON']);
    return new Database({ dialect: sqliteDialect, reader, writer, onQuery });
  } catch (error) {
    await writer.close();
    throw error;
  }
}

/**
 * A new file is switched once, and two processes may come to it at once. The switch does not wait for the other's, as all
 * else does; beginning a transaction waits.
 */
async function switchToWal(writer: Sequelize): Promise<void> {
  for (let triesLeft = 10; ; triesLeft -= 1) {
    try {
      await writer.query('PRAGMA journal_mode = WAL');
      return;
    } catch (error) {
      if (triesLeft === 0 || !sqliteDialect.isUnavailable(error)) throw error;
    }
    await writer.query('BEGIN IMMEDIATE');
    await writer.query('ROLLBACK');
  }
}

/** One instance is one connection: Sequelize opens another for its own transactions only. */
async function connect(file: string, dialectModule: SqliteDriver, pragmas: readonly string[]): Promise<Sequelize> {
  const sequelize = new Sequelize({
    dialect: 'sqlite',
    storage: file,
    dialectModule,
    logging: false,
    // The driver waits by itself (busy_timeout). Sequelize's own five tries would make that half a minute.
    retry: { max: 1 },
  });
  try {
    for (const pragma of [`busy_timeout = ${busyTimeoutMs}`, ...pragmas]) await sequelize.query(`PRAGMA ${pragma}`);
    return sequelize;
  } catch (error) {
    // What was never opened would never answer that it is closed.
    if (!(error instanceof ConnectionError)) await sequelize.close();
    throw cannotOpen(file, error);
  }
}

function cannotOpen(file: string, error: unknown): Error {
  const reason = error instanceof Error ? error.message : String(error);
  if (reason.includes('SQLITE_NOTADB')) return new Error(`The file ${file} is not a SQLite database: name another one.`, { cause: error });
  return new Error(`The database file ${file} cannot be opened (${reason}). Check its path and who may write there.`, { cause: error });
}
