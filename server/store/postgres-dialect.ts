import { columnNames, type Columns, type Dialect, json, type Trouble, type Values } from './dialect.ts';
import { sql, words, type Sql } from './sql.ts';

/** "C" compares bytes, whatever language the database was made for: the order of ids is the same everywhere. */
const byBytes = 'COLLATE "C"';

/** Postgres, from version 12. Everything is read committed: what a transaction reads after a lock is the newest. */
export const postgresDialect: Dialect = {
  types: { id: (length) => `VARCHAR(${length}) ${byBytes}`, text: `TEXT ${byBytes}`, integer: 'BIGINT' },
  createTable: (name, columns, indexes = {}) => [
    words(`CREATE TABLE IF NOT EXISTS ${name} (${columns})`),
    ...Object.entries(indexes).map(([index, indexed]) => words(`CREATE INDEX IF NOT EXISTS ${index} ON ${name} (${indexed})`)),
  ],
  begin: words('BEGIN ISOLATION LEVEL READ COMMITTED'),
  lockRooms(keys, others) {
    // Ordered here, because a plan may find them in any order.
    return sql`
      WITH ${this.values('k', { tenant: 'text', id: 'text' }, keys)}
      SELECT r.tenant, r.id FROM k CROSS JOIN rooms r WHERE r.tenant = k.tenant AND r.id = k.id
      ORDER BY r.tenant, r.id FOR UPDATE OF r ${words(others === 'skip' ? 'SKIP LOCKED' : '')}`;
  },
  values(name, columns, rows) {
    return sql`${words(`${name}(${columnNames(columns)})`)} AS (${selectValues(columns, rows)})`;
  },
  insert(table, columns, rows) {
    return sql`INSERT INTO ${words(`${table} (${columnNames(columns)})`)} ${selectValues(columns, rows)}`;
  },
  insertMissing(table, columns, rows) {
    return sql`${this.insert(table, columns, rows)} ON CONFLICT DO NOTHING`;
  },
  updateMany(table, keys, set, rows) {
    const assignments = Object.keys(set).map((column) => `${column} = v.${column}`).join(', ');
    const matches = Object.keys(keys).map((column) => `${table}.${column} = v.${column}`).join(' AND ');
    const update = words(`UPDATE ${table} SET ${assignments} FROM v WHERE ${matches}`);
    return sql`WITH ${this.values('v', { ...keys, ...set }, rows)} ${update}`;
  },
  namedIn: (tenant, ids) => `(
    SELECT json_agg(json_build_array(named.id, named.name, named.avatar))::text FROM jsonb_array_elements_text(${ids}::jsonb) AS each(id)
    CROSS JOIN people named WHERE named.tenant = ${tenant} AND named.id = each.id)`,
  // Until the first look, any index that begins with the tenant seems as good as the one that is meant for a statement; and of a
  // table that was empty at the last look, or half as long, everything is believed to be as quick. So not of one that is empty.
  lookAtTables: words(`
    DO $$ DECLARE grown text; BEGIN
      FOR grown IN SELECT name FROM unnest(ARRAY['people', 'rooms', 'members', 'messages', 'deletions']) AS name JOIN pg_class ON oid = name::regclass
        WHERE pg_relation_size(oid) > 0
          AND (reltuples <= 0 OR pg_relation_size(oid) > 2 * relpages * current_setting('block_size')::bigint)
      LOOP
        EXECUTE 'ANALYZE ' || grown;
      END LOOP;
    END $$`),
  troubleOf,
};

function selectValues(columns: Columns, rows: Values): Sql {
  const each = Object.values(columns).map((type, index) => (type === 'integer' ? `(value ->> ${index})::bigint` : `value ->> ${index}`));
  return sql`SELECT ${words(each.join(', '))} FROM jsonb_array_elements(${json(rows)}::jsonb)`;
}

function troubleOf(error: unknown): Trouble | undefined {
  if (error instanceof TypeError) return undefined;
  const state = sqlState(error);
  // What has no code was not said by the server: the connection is gone, or was never made.
  if (state === undefined) return 'unavailable';
  if (state === '40001' || state === '40P01') return 'again';
  if (state === '55P03') return 'locked';
  // By classes: connection, transaction (ended by the server, read-only after a failover), resources, the state of objects,
  // an operator (shutting down, cancelled), the system, configuration, internal.
  return /^(08|25|53|55|57|58|F0|XX)/.test(state) ? 'unavailable' : undefined;
}

function sqlState(error: unknown): string | undefined {
  const { code } = (error ?? {}) as { code?: unknown };
  // Those of Node (ECONNRESET, EPIPE) begin with an E, which none of the server's do.
  return typeof code === 'string' && /^[0-9A-DF-Z][0-9A-Z]{4}$/.test(code) ? code : undefined;
}
