import type { Connection } from '../database.ts';

/** Tells the planner what a chat's tables look like, where it would guess for ever. */
export async function up(connection: Connection): Promise<void> {
  for (const statement of connection.dialect.shapesOfTables ?? []) await connection.run(statement);
}
