import type { Connection } from './database.ts';
import { integer, optional, text } from './rows.ts';
import { sql } from './sql.ts';
import type { Revocation, RevocationKind } from './store.ts';

/** Writes a revocation over what was said of the same before, under the next revision. */
export async function writeRevocation(
  connection: Connection, { tenant, kind, subject, at, until }: Omit<Revocation, 'revision'>,
): Promise<number> {
  // The counter's row is held from here to the end, so that revisions are committed in their order.
  await connection.run(sql`UPDATE counters SET value = value + 1 WHERE name = ${'revocations'}`);
  const [counter] = await connection.all(sql`SELECT value FROM counters WHERE name = ${'revocations'}`);
  const revision = integer(counter?.value);
  const keys = { tenant: 'text', kind: 'text', subject: 'text' } as const;
  const set = { revision: 'integer', revoked_at: 'integer', ends_at: 'integer' } as const;
  const rows = [[tenant, kind, subject, revision, at ?? null, until ?? null]];
  await connection.run(connection.dialect.insertMissing('revocations', { ...keys, ...set }, rows));
  await connection.run(connection.dialect.updateMany('revocations', keys, set, rows));
  return revision;
}

export async function readRevocations(connection: Connection, after: number, limit: number): Promise<Revocation[]> {
  const rows = await connection.all(sql`
    SELECT tenant, kind, subject, revision, revoked_at, ends_at FROM revocations
    WHERE revision > ${after} ORDER BY revision LIMIT ${limit}`);
  return rows.map((row) => ({
    tenant: text(row.tenant), kind: text(row.kind) as RevocationKind, subject: text(row.subject), revision: integer(row.revision),
    ...optional('at', row.revoked_at, integer), ...optional('until', row.ends_at, integer),
  }));
}
