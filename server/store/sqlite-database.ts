import { ConnectionError, QueryTypes, Sequelize } from 'sequelize';
import { type Connection, type Database, failureOf, type OnQuery } from './database.ts';
import { withPreparedStatements } from './prepared-statements.ts';
import { sql, type Sql } from './sql.ts';
import { sqliteDialect } from './sqlite-dialect.ts';
import { loadSqliteDriver, type SqliteDriver } from './sqlite-driver.ts';

/** How long a statement waits for another process (an import, a backup) to let go of the file. */
const busyTimeoutMs = 5_000;

/**
 * Two connections to one file. All writing is done by transactions on the one, one after the other: SQLite has no parallel
 * ones, and Sequelize's own would open a new connection each, without its PRAGMAs. Reading is done on the other.
 */
class SqliteDatabase implements Database {
  readonly dialect = sqliteDialect;
  readonly reader: Connection;
  readonly #writer: Connection;
  readonly #instances: readonly Sequelize[];

  constructor({ reader, writer, onQuery }: { reader: Sequelize; writer: Sequelize; onQuery?: OnQuery }) {
    this.reader = connectionOf(reader, onQuery);
    this.#writer = connectionOf(writer, onQuery);
    // The reader goes first: the last one to leave tidies up the file, and a reader must not write.
    this.#instances = [reader, writer];
  }

  async transaction<T>(work: (connection: Connection) => Promise<T>): Promise<T> {
    try {
      await this.#writer.run(sqliteDialect.begin);
      const result = await work(this.#writer);
      await this.#writer.run(sql`COMMIT`);
      return result;
    } catch (error) {
      // SQLite may have rolled back by itself (disk full); where even this fails, the next failing BEGIN comes by here again.
      await this.#writer.run(sql`ROLLBACK`).catch(() => undefined);
      throw error;
    }
  }

  /** A transaction has the file to itself. */
  alone(work: (connection: Connection) => Promise<void>): Promise<void> {
    return this.transaction(work);
  }

  async close(): Promise<void> {
    for (const instance of this.#instances) await instance.close();
  }
}

function connectionOf(sequelize: Sequelize, onQuery: OnQuery | undefined): Connection {
  async function query<T>({ text, values }: Sql, ask: (text: string, bind: unknown[]) => Promise<T>): Promise<T> {
    onQuery?.(text);
    try {
      return await ask(text, [...values]);
    } catch (error) {
      throw failureOf(sqliteDialect, error);
    }
  }
  return {
    dialect: sqliteDialect,
    all: (statement) => query(statement, (text, bind) => sequelize.query(text, { bind, type: QueryTypes.SELECT, raw: true })),
    // RAW, for as a SELECT Sequelize would look for rows, which an INSERT has none of.
    run: async (statement) => {
      await query(statement, (text, bind) => sequelize.query(text, { bind, type: QueryTypes.RAW }));
    },
  };
}

/**
 * WAL lets reading go on while a transaction is written; FULL syncs at each commit, so that what was acknowledged survives
 * a power cut (G1).
 */
export async function openSqlite(
  file: string, { driver, onQuery }: { driver?: SqliteDriver; onQuery?: OnQuery } = {},
): Promise<Database> {
  const dialectModule = driver ?? (await loadSqliteDriver());
  const writer = await connect(file, withPreparedStatements(dialectModule), ['synchronous = FULL', 'foreign_keys = ON']);
  try {
    await switchToWal(writer).then(() => tryWriting(writer)).catch((error: unknown) => Promise.reject(cannotOpen(file, error)));
    const reader = await connect(file, dialectModule, ['query_only = ON']);
    return new SqliteDatabase({ reader, writer, onQuery });
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
      if (triesLeft === 0 || sqliteDialect.troubleOf(error) === undefined) throw error;
    }
    await writer.query('BEGIN IMMEDIATE');
    await writer.query('ROLLBACK');
  }
}

/**
 * A file that may only be read opens like any other, and a transaction on it begins as one that reads: only writing tells.
 * What is written is what stands there.
 */
async function tryWriting(writer: Sequelize): Promise<void> {
  const [[row]] = await writer.query('PRAGMA user_version') as [{ user_version: number }[], unknown];
  await writer.query('BEGIN IMMEDIATE');
  try {
    await writer.query(`PRAGMA user_version = ${row!.user_version}`);
  } finally {
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
