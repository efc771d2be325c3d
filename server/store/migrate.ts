import { Umzug, type UmzugStorage } from 'umzug';
import type { Connection, Database } from './database.ts';
import * as roomsAndMessages from './migrations/0001-rooms-and-messages.ts';
import * as revocations from './migrations/0002-revocations.ts';
import * as changedRooms from './migrations/0003-changed-rooms.ts';
import * as shapesOfTables from './migrations/0004-shapes-of-tables.ts';
import { UnfitDatabase } from './opening-errors.ts';
import { text } from './rows.ts';
import { sql } from './sql.ts';

/** In order. A name is for ever: databases remember it. */
const migrations = [
  { name: '0001-rooms-and-messages', up: roomsAndMessages.up },
  { name: '0002-revocations', up: revocations.up },
  { name: '0003-changed-rooms', up: changedRooms.up },
  { name: '0004-shapes-of-tables', up: shapesOfTables.up },
];

/** Brings the database to this version's tables: all of it or nothing, and one process at a time. */
export async function migrate(database: Database): Promise<void> {
  await database.alone(async (connection) => {
    const { dialect } = connection;
    const tables = dialect.createTable('migrations', `name ${dialect.types.id(100)} NOT NULL, PRIMARY KEY (name)`);
    for (const statement of tables) await connection.run(statement);
    const storage = migrationsTable(connection);
    const done = await storage.executed({ context: connection });
    const unknown = done.filter((name) => !migrations.some((migration) => migration.name === name));
    if (unknown.length > 0) {
      throw new UnfitDatabase(
        `This database was written by a newer version of Chatter (it has "${unknown.at(-1)}", and this version ends at ` +
          `"${migrations.at(-1)!.name}"). Install that version or a later one; nothing was changed.`,
      );
    }
    await new Umzug({
      migrations: migrations.map(({ name, up }) => ({ name, up: ({ context }: { context: Connection }) => up(context) })),
      context: connection,
      storage,
      logger: undefined,
    }).up();
  });
}

function migrationsTable(connection: Connection): UmzugStorage<Connection> {
  return {
    logMigration: ({ name }) => connection.run(sql`INSERT INTO migrations (name) VALUES (${name})`),
    unlogMigration: ({ name }) => connection.run(sql`DELETE FROM migrations WHERE name = ${name}`),
    executed: async () => (await connection.all(sql`SELECT name FROM migrations ORDER BY name`)).map(({ name }) => text(name)),
  };
}
