import { QueryTypes, type Sequelize } from 'sequelize';
import { ChatterError } from '../errors.ts';
import type { Dialect } from './dialect.ts';
import type { Row } from './rows.ts';
import { sql, type Sql } from './sql.ts';

/** Where statements go: into a transaction, or to the connection for reading. */
export interface Connection {
  readonly dialect: Dialect;
  all(statement: Sql): Promise<Row[]>;
  run(statement: Sql): Promise<void>;
}

/**
 * Two connections to one database. All writing is done by transactions on the one, one after the other: SQLite has no
 * parallel ones, and Sequelize's own would open a new connection each, without its PRAGMAs. Reading is done on the other.
 */
export class Database {
  readonly dialect: Dialect;
  readonly reader: Connection;
  readonly #writer: Connection;
  readonly #instances: readonly Sequelize[];

  constructor({ dialect, reader, writer, onQuery }: {
    dialect: Dialect; reader: Sequelize; writer: Sequelize; onQuery?: (statement: string) => void;
  }) {
    this.dialect = dialect;
    this.reader = connectionOf(reader, dialect, onQuery);
    this.#writer = connectionOf(writer, dialect, onQuery);
    // The reader goes first: the last one to leave tidies up the file, and a reader must not write.
    this.#instances = [reader, writer];
  }

  /** Everything `work` does is on disk when this resolves, and nothing of it when it rejects. Never two at a time. */
  async transaction<T>(work: (connection: Connection) => Promise<T>): Promise<T> {
    try {
      await this.#writer.run(this.dialect.begin);
      const result = await work(this.#writer);
      await this.#writer.run(sql`COMMIT`);
      return result;
    } catch (error) {
      // SQLite may have rolled back by itself (disk full); where even this fails, the next failing BEGIN comes by here again.
      await this.#writer.run(sql`ROLLBACK`).catch(() => undefined);
      throw error;
    }
  }

  async close(): Promise<void> {
    for (const instance of this.#instances) await instance.close();
  }
}

function connectionOf(sequelize: Sequelize, dialect: Dialect, onQuery: ((statement: string) => void) | undefined): Connection {
  async function query<T>(statement: Sql, ask: (text: string, bind: unknown[]) => Promise<T>): Promise<T> {
    const { text, values } = statement;
    onQuery?.(text);
    try {
      return await ask(text, [...values]);
    } catch (error) {
      throw dialect.isUnavailable(error) ? databaseUnavailable(error) : error;
    }
  }
  return {
    dialect,
    all: (statement) => query(statement, (text, bind) => sequelize.query(text, { bind, type: QueryTypes.SELECT, raw: true })),
    // RAW, for as a SELECT Sequelize would look for rows, which an INSERT has none of.
    run: async (statement) => {
      await query(statement, (text, bind) => sequelize.query(text, { bind, type: QueryTypes.RAW }));
    },
  };
}

export function databaseUnavailable(cause: unknown): ChatterError {
  return new ChatterError('unavailable', 'The database does not answer now. Try again in a moment.', { afterMs: 1_000, cause });
}
