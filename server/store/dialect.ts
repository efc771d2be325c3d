import { join, row, sql, words, type Sql, type Value } from './sql.ts';

/** Columns of a table of values, with their types, which some databases must be told. */
export type Columns = Readonly<Record<string, 'text' | 'integer'>>;

/** All in which databases differ. Everything else is SQL that SQLite, Postgres and MariaDB read alike. */
export interface Dialect {
  /** Types of columns. `id` compares byte by byte and can be part of a key. */
  readonly types: { id(length: number): string; text: string; integer: string };
  /** What ends every CREATE TABLE. */
  readonly tableOptions: string;
  /**
   * Locks these rooms, in the order of tenant and id so that two nodes never wait for each other, until the transaction ends.
   * Undefined where a transaction is alone anyway.
   */
  lockRooms(keys: readonly { tenant: string; room: string }[]): Sql | undefined;
  /** `name(columns) AS (VALUES …)`, to stand behind WITH. */
  values(name: string, columns: Columns, rows: readonly (readonly Value[])[]): Sql;
  /** Sets columns of many rows, to values of each row's own. `keys` and `set` together name what `rows` hold. */
  updateMany(table: string, keys: Columns, set: Columns, rows: readonly (readonly Value[])[]): Sql;
  /** An INSERT that leaves out rows whose key is there already. */
  insertMissing(table: string, columns: readonly string[], rows: readonly (readonly Value[])[]): Sql;
  /** Whether this is trouble of the machine (disk full, locked, gone) rather than of the statement: it may work later. */
  isUnavailable(error: unknown): boolean;
}

/** SQLite has one writer: a transaction holds the whole file, so no row needs a lock of its own. */
export const sqliteDialect: Dialect = {
  types: { id: (length) => `VARCHAR(${length})`, text: 'TEXT', integer: 'BIGINT' },
  tableOptions: 'WITHOUT ROWID',
  lockRooms: () => undefined,
  values(name, columns, rows) {
    return sql`${words(`${name}(${Object.keys(columns).join(', ')})`)} AS (VALUES ${join(rows.map(row))})`;
  },
  updateMany(table, keys, set, rows) {
    const assignments = Object.keys(set).map((column) => `${column} = v.${column}`).join(', ');
    const matches = Object.keys(keys).map((column) => `${table}.${column} = v.${column}`).join(' AND ');
    return sql`WITH ${this.values('v', { ...keys, ...set }, rows)} ${words(`UPDATE ${table} SET ${assignments} FROM v WHERE ${matches}`)}`;
  },
  insertMissing(table, columns, rows) {
    return sql`INSERT INTO ${words(`${table} (${columns.join(', ')})`)} VALUES ${join(rows.map(row))} ON CONFLICT DO NOTHING`;
  },
  isUnavailable(error) {
    const code = sqliteCode(error);
    return code !== undefined && /^SQLITE_(BUSY|LOCKED|FULL|IOERR|NOMEM|READONLY|CANTOPEN|CORRUPT|PROTOCOL|NOTADB)/.test(code);
  },
};

/** Sequelize wraps what the driver threw, sometimes twice. */
function sqliteCode(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  const { code, parent } = error as Error & { code?: unknown; parent?: unknown };
  return typeof code === 'string' && code.startsWith('SQLITE_') ? code : sqliteCode(parent);
}
