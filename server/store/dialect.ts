import { sql, words, type Sql, type Value } from './sql.ts';

/** Names of columns, with their types, which some databases must be told of values. */
export type Columns = Readonly<Record<string, 'text' | 'integer'>>;

/** Values in the order of their columns. */
export type Values = readonly (readonly Value[])[];

/** All in which databases differ. Everything else is SQL that SQLite, Postgres and MariaDB read alike. */
export interface Dialect {
  /** Types of columns. `id` compares byte by byte and can be part of a key. */
  readonly types: { id(length: number): string; text: string; integer: string };
  /** What ends every CREATE TABLE. */
  readonly tableOptions: string;
  /** What begins a transaction that will write. */
  readonly begin: Sql;
  /**
   * Locks these rooms, in the order of tenant and id so that two nodes never wait for each other, until the transaction ends.
   * Undefined where a transaction is alone anyway.
   */
  lockRooms(keys: readonly { tenant: string; room: string }[]): Sql | undefined;
  /** `name(columns) AS (…)`, to stand behind WITH: a table of values. Many rows are one bound value, however many they are. */
  values(name: string, columns: Columns, rows: Values): Sql;
  insert(table: string, columns: Columns, rows: Values): Sql;
  /** An INSERT that leaves out rows whose key is there already. */
  insertMissing(table: string, columns: Columns, rows: Values): Sql;
  /** Sets columns of many rows, to values of each row's own. `rows` hold the keys and then what is set. */
  updateMany(table: string, keys: Columns, set: Columns, rows: Values): Sql;
  /** Whether this is trouble of the machine (disk full, locked, gone) rather than of the statement: it may work later. */
  isUnavailable(error: unknown): boolean;
}

/** SQLite has one writer: a transaction holds the whole file, so no row needs a lock of its own. */
export const sqliteDialect: Dialect = {
  types: { id: (length) => `VARCHAR(${length})`, text: 'TEXT', integer: 'BIGINT' },
  tableOptions: 'WITHOUT ROWID',
  // IMMEDIATE takes the lock at once, where waiting is possible; a transaction that first reads would be refused it later.
  begin: words('BEGIN IMMEDIATE'),
  lockRooms: () => undefined,
  values(name, columns, rows) {
    return sql`${words(`${name}(${Object.keys(columns).join(', ')})`)} AS (${selectValues(columns, rows)})`;
  },
  insert(table, columns, rows) {
    return sql`INSERT INTO ${words(`${table} (${Object.keys(columns).join(', ')})`)} ${selectValues(columns, rows)}`;
  },
  insertMissing(table, columns, rows) {
    return sql`${this.insert(table, columns, rows)} WHERE true ON CONFLICT DO NOTHING`;
  },
  updateMany(table, keys, set, rows) {
    const assignments = Object.keys(set).map((column) => `${column} = v.${column}`).join(', ');
    const matches = Object.keys(keys).map((column) => `${table}.${column} = v.${column}`).join(' AND ');
    const update = words(`UPDATE ${table} SET ${assignments} FROM v WHERE ${matches}`);
    return sql`WITH ${this.values('v', { ...keys, ...set }, rows)} ${update}`;
  },
  isUnavailable(error) {
    const code = sqliteCode(error);
    return code !== undefined && /^SQLITE_(BUSY|LOCKED|FULL|IOERR|NOMEM|READONLY|CANTOPEN|CORRUPT|PROTOCOL|NOTADB)/.test(code);
  },
};

/**
 * As JSON, because SQLite looks up each bound name among all the others: a multi-row VALUES of 2,560 values took 29 ms to bind
 * where this takes 3, and its text, unlike theirs, is the same for any number of rows.
 */
function selectValues(columns: Columns, rows: Values): Sql {
  const each = Object.keys(columns).map((_, index) => `value ->> ${index}`).join(', ');
  return sql`SELECT ${words(each)} FROM json_each(${JSON.stringify(rows)})`;
}

/** Sequelize wraps what the driver threw, sometimes twice. */
function sqliteCode(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  const { code, parent } = error as Error & { code?: unknown; parent?: unknown };
  return typeof code === 'string' && code.startsWith('SQLITE_') ? code : sqliteCode(parent);
}
