import { toStoredText } from './stored-text.ts';
import { Sql, type Value } from './sql.ts';

/** Names of columns, with their types, which some databases must be told of values. */
export type Columns = Readonly<Record<string, 'text' | 'integer'>>;

/** Values in the order of their columns. */
export type Values = readonly (readonly Value[])[];

/**
 * What failed, where it was not the statement: `unavailable` is trouble of the machine or of the way to it, `locked` that
 * another transaction held on to a row for too long, `again` that the transaction was chosen to give way to another and can be
 * done once more from its beginning.
 */
export type Trouble = 'unavailable' | 'locked' | 'again';

/** All in which databases differ. Everything else is SQL that SQLite, Postgres and MariaDB read alike. */
export interface Dialect {
  /** Types of columns. `id` compares byte by byte and can be part of a key. */
  readonly types: { id(length: number): string; text: string; integer: string };
  /** Makes a table and its indexes, or leaves those that are there: a migration that was cut off is done again. */
  createTable(name: string, columns: string, indexes?: Readonly<Record<string, string>>): readonly Sql[];
  /** What begins a transaction that will write. */
  readonly begin: Sql;
  /**
   * Locks rooms until the transaction ends, in the order they are given, and tells those that it has. `skip` leaves out rooms
   * that others hold. Not there where a transaction is alone anyway.
   */
  lockRooms?(keys: Values, others: 'wait' | 'skip'): Sql;
  /** `name(columns) AS (…)`, to stand behind WITH: a table of values. Many rows are one bound value, however many they are. */
  values(name: string, columns: Columns, rows: Values): Sql;
  insert(table: string, columns: Columns, rows: Values): Sql;
  /** An INSERT that leaves out rows whose key is there already. */
  insertMissing(table: string, columns: Columns, rows: Values): Sql;
  /** Sets columns of many rows, to values of each row's own. `rows` hold the primary key and then what is set. */
  updateMany(table: string, keys: Columns, set: Columns, rows: Values): Sql;
  /**
   * A value for each row: the people of `tenant` whose ids `ids`, a column that holds JSON, names, as JSON of
   * `[[id, name, avatar], …]` in any order, or NULL.
   */
  namedIn(tenant: string, ids: string): string;
  /** Tells the planner what the tables look like, where it does not find out by itself. */
  readonly shapesOfTables?: readonly Sql[];
  /** Lets the database look at tables that have grown, where it plans by what they hold and would not look soon enough by itself. */
  readonly lookAtTables?: Sql;
  /** What kind of trouble an error of the driver is; undefined where the statement is to blame. */
  troubleOf(error: unknown): Trouble | undefined;
}

/** Rows as one bound value. */
export function json(rows: Values): Sql {
  const text = JSON.stringify(rows);
  // Stringified, whatever needs care shows, and is looked for at once; only then each value is looked at.
  if (!text.includes('\\u') && !text.includes('\uFDD0')) return new Sql(['', ''], [text]);
  const stored = rows.map((row) => row.map((value) => (typeof value === 'string' ? toStoredText(value) : value)));
  return new Sql(['', ''], [JSON.stringify(stored)]);
}

export function columnNames(columns: Columns): string {
  return Object.keys(columns).join(', ');
}
