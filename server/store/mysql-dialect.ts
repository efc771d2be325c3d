import { columnNames, type Columns, type Dialect, json, type Trouble, type Values } from './dialect.ts';
import { sql, words, type Sql } from './sql.ts';

/** The two that speak the protocol of MySQL. */
export type MysqlFlavour = 'MariaDB' | 'MySQL';

/**
 * MariaDB, from version 10.6, and MySQL, from version 8.0. Collations that end in `_bin` compare bytes, but most of them hold
 * "a" and "a " to be one; these do not, and each of the two calls it by a name of its own.
 */
export function mysqlDialect(flavour: MysqlFlavour): Dialect {
  const byBytes = `CHARACTER SET utf8mb4 COLLATE ${flavour === 'MariaDB' ? 'utf8mb4_nopad_bin' : 'utf8mb4_0900_bin'}`;

  /** As MEDIUMTEXT, so that nothing is cut off; what is no text or number at all is an error, and not NULL. */
  function jsonTable(columns: Columns, rows: Values): Sql {
    const each = Object.entries(columns).map(([name, type], index) =>
      `${name} ${type === 'integer' ? 'BIGINT' : `MEDIUMTEXT ${byBytes}`} PATH '$[${index}]' ERROR ON ERROR`);
    return sql`JSON_TABLE(${json(rows)}, '$[*]' COLUMNS (${words(each.join(', '))}))`;
  }

  return {
    types: { id: (length) => `VARCHAR(${length}) ${byBytes}`, text: `MEDIUMTEXT ${byBytes}`, integer: 'BIGINT' },
    // Each table is made with its indexes or not at all: what makes tables cannot be rolled back here.
    createTable: (name, columns, indexes = {}) => {
      const keys = Object.entries(indexes).map(([index, indexed]) => `, INDEX ${index} (${indexed})`).join('');
      return [words(`CREATE TABLE IF NOT EXISTS ${name} (${columns}${keys}) ENGINE=InnoDB ${byBytes}`)];
    },
    begin: words('START TRANSACTION'),
    lockRooms(keys, others) {
      // Rows are locked as they are looked at: in the order of the keys, and no others, as where a small table is looked through.
      return sql`
        SELECT STRAIGHT_JOIN r.tenant, r.id FROM ${jsonTable({ tenant: 'text', id: 'text' }, keys)} AS k
        JOIN rooms r FORCE INDEX (PRIMARY) ON r.tenant = k.tenant AND r.id = k.id FOR UPDATE ${words(others === 'skip' ? 'SKIP LOCKED' : '')}`;
    },
    values(name, columns, rows) {
      const names = columnNames(columns);
      return sql`${words(`${name}(${names})`)} AS (SELECT ${words(names)} FROM ${jsonTable(columns, rows)} AS json_rows)`;
    },
    insert(table, columns, rows) {
      const names = columnNames(columns);
      return sql`INSERT INTO ${words(`${table} (${names})`)} SELECT ${words(names)} FROM ${jsonTable(columns, rows)} AS json_rows`;
    },
    insertMissing(table, columns, rows) {
      const [first] = Object.keys(columns);
      // Not INSERT IGNORE, which leaves out rows for any reason at all.
      return sql`${this.insert(table, columns, rows)} ON DUPLICATE KEY UPDATE ${words(`${table}.${first} = ${table}.${first}`)}`;
    },
    updateMany(table, keys, set, rows) {
      const matches = Object.keys(keys).map((column) => `${table}.${column} = v.${column}`).join(' AND ');
      const assignments = Object.keys(set).map((column) => `${table}.${column} = v.${column}`).join(', ');
      return sql`
        UPDATE ${jsonTable({ ...keys, ...set }, rows)} AS v STRAIGHT_JOIN ${words(`${table} FORCE INDEX (PRIMARY) ON ${matches} SET ${assignments}`)}`;
    },
    namedIn: (tenant, ids) => `(
      SELECT JSON_ARRAYAGG(JSON_ARRAY(named.id, named.name, named.avatar)) FROM JSON_TABLE(${ids}, '$[*]' COLUMNS (id MEDIUMTEXT ${byBytes} PATH '$')) AS each_id
      JOIN people named ON named.tenant = ${tenant} AND named.id = each_id.id)`,
    troubleOf,
  };
}

const again = new Set([1213, 1020, 1615]);
const locked = new Set([1205, 3572]);
/** Numbers of errors that tell of the machine or of its operator, and not of the statement. */
const unavailable = new Set([
  3, 1021, 1026, 1030, 1037, 1038, 1040, 1041, 1053, 1077, 1078, 1079, 1114, 1152, 1158, 1159, 1160, 1161, 1180, 1184, 1203, 1206, 1226,
  1290, 1317, 1461, 1792, 1836, 1927, 1969, 3024, 3100, 4031,
]);

function troubleOf(error: unknown): Trouble | undefined {
  if (error instanceof TypeError) return undefined;
  const { errno } = (error ?? {}) as { errno?: unknown };
  // What has no number of the server's was said by the driver: the connection is gone, or was never made.
  if (typeof errno !== 'number' || errno <= 0) return 'unavailable';
  if (again.has(errno)) return 'again';
  if (locked.has(errno)) return 'locked';
  return unavailable.has(errno) ? 'unavailable' : undefined;
}
