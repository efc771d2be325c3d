import { columnNames, type Columns, type Dialect, json, type Values } from './dialect.ts';
import { sql, words, type Sql } from './sql.ts';

/**
 * Rows of each index, and how many of them share its first column, its first two, and so on. Without these SQLite takes any index
 * that begins with the tenant for as good as another, and finds a person's rooms by looking through everybody's.
 */
const shapes: Values = [
  ['people', 'people', '1000000 100000 1'],
  ['rooms', 'rooms', '1000000 100000 1'],
  ['rooms', 'sqlite_autoindex_rooms_2', '1000000 100000 1'],
  ['rooms', 'rooms_by_change', '1000000 10'],
  ['members', 'members', '5000000 500000 10 1'],
  ['members', 'members_of_user', '5000000 500000 20 2'],
  ['members', 'members_by_change', '5000000 500000 10 1'],
  ['members', 'members_by_marker', '5000000 500000 10 3'],
  ['messages', 'messages', '50000000 5000000 500 1'],
  ['messages', 'sqlite_autoindex_messages_2', '50000000 5000000 500 100 1'],
  ['messages', 'messages_by_change', '50000000 5000000 500 1'],
  ['deletions', 'deletions', '100000 10000 10 1'],
];

/** SQLite has one writer: a transaction holds the whole file, so no row needs a lock of its own. */
export const sqliteDialect: Dialect = {
  types: { id: (length) => `VARCHAR(${length})`, text: 'TEXT', integer: 'BIGINT' },
  createTable: (name, columns, indexes = {}) => [
    words(`CREATE TABLE IF NOT EXISTS ${name} (${columns}) WITHOUT ROWID`),
    ...Object.entries(indexes).map(([index, indexed]) => words(`CREATE INDEX IF NOT EXISTS ${index} ON ${name} (${indexed})`)),
  ],
  // IMMEDIATE takes the lock at once, where waiting is possible; a transaction that first reads would be refused it later.
  begin: words('BEGIN IMMEDIATE'),
  values(name, columns, rows) {
    return sql`${words(`${name}(${columnNames(columns)})`)} AS (${selectValues(columns, rows)})`;
  },
  insert(table, columns, rows) {
    return sql`INSERT INTO ${words(`${table} (${columnNames(columns)})`)} ${selectValues(columns, rows)}`;
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
  namedIn: (tenant, ids) => `(
    SELECT json_group_array(json_array(named.id, named.name, named.avatar)) FROM json_each(${ids}) each
    CROSS JOIN people named WHERE named.tenant = ${tenant} AND named.id = each.value)`,
  shapesOfTables: [
    // Makes the table of statistics.
    words('ANALYZE'),
    words('DELETE FROM sqlite_stat1'),
    sql`INSERT INTO sqlite_stat1 (tbl, idx, stat) ${selectValues({ tbl: 'text', idx: 'text', stat: 'text' }, shapes)}`,
    // Has them read.
    words('ANALYZE sqlite_schema'),
  ],
  troubleOf(error) {
    const code = sqliteCode(error);
    const isTrouble = code !== undefined && /^SQLITE_(BUSY|LOCKED|FULL|IOERR|NOMEM|READONLY|CANTOPEN|CORRUPT|PROTOCOL|NOTADB)/.test(code);
    return isTrouble ? 'unavailable' : undefined;
  },
};

/**
 * As JSON, because SQLite looks up each bound name among all the others: a multi-row VALUES of 2,560 values took 29 ms to bind
 * where this takes 3, and its text, unlike theirs, is the same for any number of rows.
 */
function selectValues(columns: Columns, rows: Values): Sql {
  const each = Object.keys(columns).map((_, index) => `value ->> ${index}`).join(', ');
  return sql`SELECT ${words(each)} FROM json_each(${json(rows)})`;
}

/** Sequelize wraps what the driver threw, sometimes twice. */
function sqliteCode(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  const { code, parent } = error as Error & { code?: unknown; parent?: unknown };
  return typeof code === 'string' && code.startsWith('SQLITE_') ? code : sqliteCode(parent);
}
