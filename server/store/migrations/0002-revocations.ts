import type { Connection } from '../database.ts';

/**
 * What lets nobody in any more. Each row's last change has the next `revision`, taken from one counter whose row the
 * transaction holds: so the order of revisions is the order of commits, and who has read up to one has missed nothing.
 */
export async function up(connection: Connection): Promise<void> {
  const { dialect, dialect: { types: { id, integer } } } = connection;
  const statements = [
    dialect.createTable('counters', `name ${id(64)} NOT NULL, value ${integer} NOT NULL, PRIMARY KEY (name)`),
    dialect.createTable('revocations', `
      tenant ${id(128)} NOT NULL, kind ${id(16)} NOT NULL, subject ${id(128)} NOT NULL,
      revision ${integer} NOT NULL, revoked_at ${integer}, ends_at ${integer},
      PRIMARY KEY (tenant, kind, subject)`, {
      revocations_by_revision: 'revision',
    }),
  ];
  for (const statement of statements.flat()) await connection.run(statement);
  await connection.run(dialect.insertMissing('counters', { name: 'text', value: 'integer' }, [['revocations', 0]]));
}
