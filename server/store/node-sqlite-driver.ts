import type { SqliteConnection, SqliteDriver, SqliteStatement } from './sqlite-driver.ts';

/** The part of `node:sqlite` that is used here; Node 20 has no types for it because it has no such module. */
interface NodeSqlite {
  DatabaseSync: new (file: string) => {
    prepare(sql: string): NodeStatement;
    close(): void;
  };
}

interface NodeStatement {
  all(parameters: Record<string, unknown>): unknown[];
  run(parameters: Record<string, unknown>): { changes: number | bigint; lastInsertRowid: number | bigint };
}

/** Names of SQLite's primary result codes, as the sqlite3 package spells them and Sequelize expects them. */
const codeNames: Readonly<Record<number, string>> = {
  1: 'SQLITE_ERROR', 5: 'SQLITE_BUSY', 6: 'SQLITE_LOCKED', 7: 'SQLITE_NOMEM', 8: 'SQLITE_READONLY', 10: 'SQLITE_IOERR',
  11: 'SQLITE_CORRUPT', 13: 'SQLITE_FULL', 14: 'SQLITE_CANTOPEN', 19: 'SQLITE_CONSTRAINT', 26: 'SQLITE_NOTADB',
};

/** Node's own SQLite in the shape of the sqlite3 package; undefined where this Node has none. */
export function nodeSqliteDriver(): SqliteDriver | undefined {
  const sqlite = process.getBuiltinModule?.('node:sqlite') as NodeSqlite | undefined;
  if (!sqlite) return undefined;
  const { DatabaseSync } = sqlite;

  class Database implements SqliteConnection {
    #database: InstanceType<typeof DatabaseSync> | undefined;

    constructor(file: string, _mode: number, opened: (error: Error | null) => void) {
      answer(opened, () => void (this.#database = new DatabaseSync(file)));
    }

    run(sql: string, parameters: unknown, done?: (error: Error | null) => void): void {
      answer(done, () => ({ self: runOnce(this.#open().prepare(sql), parameters) }));
    }

    all(sql: string, parameters: unknown, done?: (error: Error | null, rows?: unknown[]) => void): void {
      answer(done, () => ({ result: this.#open().prepare(sql).all(named(parameters)) }));
    }

    prepare(sql: string, prepared: (error: Error | null) => void): SqliteStatement {
      let statement: NodeStatement;
      answer(prepared, () => void (statement = this.#open().prepare(sql)));
      return {
        run: (parameters, done) => answer(done, () => ({ self: runOnce(statement, parameters) })),
        all: (parameters, done) => answer(done, () => ({ result: statement.all(named(parameters)) })),
        // Node finalizes its statements when the database is closed.
        finalize() {},
      };
    }

    close(done?: (error: Error | null) => void): void {
      answer(done, () => this.#open().close());
    }

    /** Statements are run as they come, so they are in series already. */
    serialize(work?: () => void): void {
      work?.();
    }

    #open(): InstanceType<typeof DatabaseSync> {
      if (!this.#database) throw new Error('SQLITE_CANTOPEN: the database was not opened');
      return this.#database;
    }
  }

  return { Database, OPEN_READWRITE: 2, OPEN_CREATE: 4 };
}

/** What the sqlite3 package gives as `this` to who asked. */
function runOnce(statement: NodeStatement, parameters: unknown): { changes: number; lastID: number } {
  const { changes, lastInsertRowid } = statement.run(named(parameters));
  return { changes: Number(changes), lastID: Number(lastInsertRowid) };
}

/** Works at once and answers later, as a driver with threads would, so that the event loop gets its turn between statements. */
function answer<Rows>(
  done: ((this: unknown, error: Error | null, rows?: Rows) => void) | undefined,
  work: () => { self?: unknown; result?: Rows } | void,
): void {
  let outcome: { self?: unknown; result?: Rows } | void;
  let failure: Error | null = null;
  try {
    outcome = work();
  } catch (error) {
    failure = asSqlite3Error(error);
  }
  if (done) setImmediate(() => done.call(outcome?.self ?? {}, failure, outcome?.result));
}

function asSqlite3Error(error: unknown): Error {
  if (!(error instanceof Error)) return new Error(String(error));
  const { errcode } = error as Error & { errcode?: number };
  if (errcode === undefined) return error;
  // The low byte is the primary code; the rest says more, and is not needed.
  const code = codeNames[errcode & 0xff] ?? 'SQLITE_ERROR';
  return Object.assign(new Error(`${code}: ${error.message}`, { cause: error }), { code, errno: errcode });
}

/** Sequelize binds by name (`$1`), and gives an empty array where there is nothing to bind. */
function named(parameters: unknown): Record<string, unknown> {
  return typeof parameters === 'object' && parameters !== null && !Array.isArray(parameters) ? { ...parameters } : {};
}
