import { nodeSqliteDriver } from './node-sqlite-driver.ts';

/** What Sequelize takes as the `dialectModule` of SQLite: the part of the sqlite3 package that it uses. */
export interface SqliteDriver {
  Database: new (file: string, mode: number, opened: (error: Error | null) => void) => SqliteConnection;
  OPEN_READWRITE: number;
  OPEN_CREATE: number;
}

export interface SqliteConnection {
  run(sql: string, parameters?: unknown, done?: (error: Error | null) => void): unknown;
  all(sql: string, parameters?: unknown, done?: (error: Error | null, rows?: unknown[]) => void): unknown;
  prepare(sql: string, prepared: (error: Error | null) => void): SqliteStatement;
  close(done?: (error: Error | null) => void): void;
  serialize(work?: () => void): void;
}

export interface SqliteStatement {
  run(parameters?: unknown, done?: (error: Error | null) => void): unknown;
  all(parameters?: unknown, done?: (error: Error | null, rows?: unknown[]) => void): unknown;
  finalize(): unknown;
}

/** Where drivers come from; each throws, or gives undefined, where it is not there. */
export interface DriverLoaders {
  sqlite3(): Promise<SqliteDriver>;
  nodeSqlite(): SqliteDriver | undefined;
}

const installed: DriverLoaders = {
  // Only when a database is opened: the package loads its binary as it is imported, and must not stop whoever uses none.
  sqlite3: async () => ((await import('sqlite3')) as unknown as { default: SqliteDriver }).default,
  nodeSqlite: nodeSqliteDriver,
};

/**
 * The sqlite3 package, whose work is done on other threads. Where npm did not bring its binary (install scripts may be
 * blocked) Node's own SQLite, which works on this one.
 */
export async function loadSqliteDriver(loaders: DriverLoaders = installed): Promise<SqliteDriver> {
  let reason: unknown;
  try {
    return await loaders.sqlite3();
  } catch (error) {
    reason = error;
  }
  const driver = loaders.nodeSqlite();
  if (driver) return driver;
  const [why] = (reason instanceof Error ? reason.message : String(reason)).split('\n');
  throw new Error(
    `SQLite cannot be used: the binary of the sqlite3 package does not load (${why}), and Node ${process.versions.node} has none of ` +
      'its own. Run "npm rebuild sqlite3 --ignore-scripts=false", or use Node 22.13 or newer.',
    { cause: reason },
  );
}
