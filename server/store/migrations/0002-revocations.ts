import type { Connection } from '../database.ts';
import { sql, words } from '../sql.ts';

/**
 * What lets nobody in any more. Each row's last change has the next `revision`, taken from one counter whose row the
 * transaction holds: so the order of revisions is the order of commits, and who has read up to one has missed nothing.
 */
export async function up(connection: Connection): Promise<void> {
  const { types: { id, integer }, tableOptions } = connection.dialect;
  const statements = [
    `CREATE TABLE counters (name ${id(64)} NOT NULL, value ${integer} NOT NULL, PRIMARY KEY (name)) ${tableOptions}`,
    `CREATE TABLE revocations (
      tenant ${id(128)} NOT NULL, kind ${id(16)} NOT NULL, subject ${id(128)} NOT NULL,
      revision ${integer} NOT NULL, revoked_at ${integer}, ends_at ${integer},
      PRIMARY KEY (tenant, kind, subject)
    ) ${tableOptions}`,
    'CREATE INDEX revocations_by_revision ON revocations (revision)',
  ];
  for (const statement of statements) await connection.run(words(statement));
  await connection.run(sql`INSERT INTO counters (name, value) VALUES (${'revocations'}, ${0})`);
}
