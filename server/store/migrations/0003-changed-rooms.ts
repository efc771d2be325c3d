import type { Connection } from '../database.ts';
import { words } from '../sql.ts';

/** When each log grew last: nodes that may have missed something ask for the rooms that moved, of all tenants at once. */
export async function up(connection: Connection): Promise<void> {
  const { integer } = connection.dialect.types;
  await connection.run(words(`ALTER TABLE rooms ADD COLUMN changed_at ${integer} NOT NULL DEFAULT 0`));
  await connection.run(words('CREATE INDEX rooms_by_change ON rooms (changed_at)'));
}
