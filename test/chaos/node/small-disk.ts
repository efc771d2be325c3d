import { loadSqliteDriver, type SqliteConnection, type SqliteDriver } from '../../../server/store/sqlite-driver.ts';

/** SQLite's own greatest number of pages. */
const mostPages = 4_294_967_294;

/** A disk for SQLite that can be full: SQLite itself then refuses the next page, with the same error, wherever it needs one. */
export class SmallDisk {
  readonly #connections: SqliteConnection[] = [];

  /** The driver that is used anyway, and remembers its connections. */
  async driver(): Promise<SqliteDriver> {
    const driver = await loadSqliteDriver();
    const connections = this.#connections;
    function Database(file: string, mode: number, opened: (error: Error | null) => void): SqliteConnection {
      const connection = new driver.Database(file, mode, opened);
      connections.push(connection);
      return connection;
    }
    return { ...driver, Database: Database as unknown as SqliteDriver['Database'] };
  }

  /** Below what it has, the limit is what it has. */
  fill(isFull: boolean): void {
    for (const connection of this.#connections) connection.run(`PRAGMA max_page_count = ${isFull ? 1 : mostPages}`);
  }
}
