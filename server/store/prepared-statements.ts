import type { SqliteDriver, SqliteStatement } from './sqlite-driver.ts';

/** More than the store has; statements that are run once and never again (migrations) must not gather for ever. */
const keptStatements = 100;

/**
 * The driver, preparing each statement once: reading and planning it again each time was a third of the work of a send.
 * For a connection that does one thing after the other: statements that are kept do not queue behind each other, and those
 * of many readers would hold the threads of the pool while they wait for one connection.
 */
export function withPreparedStatements(driver: SqliteDriver): SqliteDriver {
  class Database extends driver.Database {
    readonly #kept = new Map<string, SqliteStatement>();

    override all(sql: string, parameters?: unknown, done?: (error: Error | null, rows?: unknown[]) => void): void {
      this.#use(sql, (statement) => statement.all(parameters, done), done);
    }

    override run(sql: string, parameters?: unknown, done?: (error: Error | null) => void): void {
      this.#use(sql, (statement) => statement.run(parameters, done), done);
    }

    override close(done?: (error: Error | null) => void): void {
      this.#letGo();
      super.close(done);
    }

    #use(sql: string, use: (statement: SqliteStatement) => void, failed?: (error: Error) => void): void {
      const kept = this.#kept.get(sql);
      if (kept) return use(kept);
      const statement = this.prepare(sql, (error) => {
        if (error) return failed?.(error);
        if (this.#kept.size >= keptStatements) this.#letGo();
        // Two may have prepared the same at once.
        this.#kept.get(sql)?.finalize();
        this.#kept.set(sql, statement);
        use(statement);
      });
    }

    /** A file with open statements cannot be closed. One that is at work ends it first. */
    #letGo(): void {
      for (const statement of this.#kept.values()) statement.finalize();
      this.#kept.clear();
    }
  }
  return { ...driver, Database };
}
