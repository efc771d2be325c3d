import type { Clock } from '../clock.ts';
import type { Database, OnQuery } from './database.ts';
import { parseDatabaseUrl, type ServerAddress } from './database-url.ts';
import { migrate } from './migrate.ts';
import { openingError } from './opening-errors.ts';
import { openSqlite } from './sqlite-database.ts';
import type { SqliteDriver } from './sqlite-driver.ts';

export interface DatabaseOptions {
  connections: number;
  clock: Clock;
  onQuery?: OnQuery;
  sqliteDriver?: SqliteDriver;
}

/**
 * Opens the database that a URL names, and brings its tables to this version. Throws a sentence where either cannot be, never with
 * the password.
 */
export async function openDatabase(url: string, { sqliteDriver, ...options }: DatabaseOptions): Promise<Database> {
  const address = parseDatabaseUrl(url);
  if (address.kind === 'sqlite') return migrated(await openSqlite(address.file, { driver: sqliteDriver, onQuery: options.onQuery }));
  try {
    return await migrated(await openServer(address, options));
  } catch (error) {
    throw openingError(error, address);
  }
}

async function migrated(database: Database): Promise<Database> {
  try {
    await migrate(database);
    return database;
  } catch (error) {
    await database.close();
    throw error;
  }
}

/** Nothing of a driver is loaded before it is known to be needed. */
async function openServer(address: ServerAddress, options: DatabaseOptions): Promise<Database> {
  const { ServerDatabase } = await import('./server-database.ts');
  const driver = address.kind === 'postgres'
    ? await (await import('./postgres-driver.ts')).loadPostgresDriver()
    : await (await import('./mysql-driver.ts')).loadMysqlDriver();
  return ServerDatabase.open(driver, address, options);
}
