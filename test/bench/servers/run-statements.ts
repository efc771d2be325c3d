import { Pool } from 'pg';
import { loadSqliteDriver } from '../../../server/store/sqlite-driver.ts';
import type { StoreKind } from './stores.ts';

/** Runs SQL on a database that no server has open, past the store. Plans are made anew for what is there then. */
export async function runStatements(kind: StoreKind, url: string, statements: readonly string[]): Promise<void> {
  if (kind === 'sqlite') return runOnSqlite(url.slice('sqlite:'.length), statements);
  if (kind !== 'postgres') throw new Error(`Nothing of the benchmarks is written to ${kind} past the store.`);
  const pool = new Pool({ connectionString: url, max: 1 });
  // The last is what Postgres does by itself after a while.
  for (const statement of [...statements, 'VACUUM ANALYZE']) await pool.query(statement);
  await pool.end();
}

async function runOnSqlite(file: string, statements: readonly string[]): Promise<void> {
  const driver = await loadSqliteDriver();
  const database = await new Promise<InstanceType<typeof driver.Database>>((resolve, reject) => {
    const opened = new driver.Database(file, driver.OPEN_READWRITE, (error) => (error ? reject(error) : resolve(opened)));
  });
  for (const statement of statements) {
    await new Promise<void>((resolve, reject) => {
      database.run(statement, [], (error) => (error ? reject(error) : resolve()));
    });
  }
  await new Promise<void>((resolve) => { database.close(() => resolve()); });
}
