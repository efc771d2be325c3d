import { ChatterError } from '../errors.ts';
import type { Dialect, Trouble } from './dialect.ts';
import type { Row } from './rows.ts';
import type { Sql } from './sql.ts';

/** Where statements go: into a transaction, or to a connection for reading. */
export interface Connection {
  readonly dialect: Dialect;
  all(statement: Sql): Promise<Row[]>;
  run(statement: Sql): Promise<void>;
}

export interface Database {
  readonly dialect: Dialect;
  /** Reads outside of any transaction. */
  readonly reader: Connection;
  /**
   * Everything `work` does is on disk when this resolves, and nothing of it when it rejects; where the connection was lost in
   * the middle of COMMIT, nobody knows. Never two at a time. `work` may be done again from its beginning.
   */
  transaction<T>(work: (connection: Connection) => Promise<T>): Promise<T>;
  /** For migrations: `work` takes as long as it takes, and is done by one process at a time. */
  alone(work: (connection: Connection) => Promise<void>): Promise<void>;
  close(): Promise<void>;
}

/** Told each statement before it runs. */
export type OnQuery = (statement: string) => void;

/** The database is in trouble, and not the statement. Whoever asked may come again. */
export class DatabaseTrouble extends ChatterError {
  readonly trouble: Trouble;

  constructor(trouble: Trouble, cause: unknown) {
    super('unavailable', 'The database does not answer now. Try again in a moment.', { afterMs: 1_000, cause });
    this.trouble = trouble;
  }
}

/** What a statement failed with, as the rest of the store sees it: trouble, or the error of the driver. */
export function failureOf(dialect: Dialect, error: unknown): unknown {
  const trouble = dialect.troubleOf(error);
  return trouble === undefined ? error : new DatabaseTrouble(trouble, error);
}
