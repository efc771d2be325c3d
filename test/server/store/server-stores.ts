import type { Clock } from '../../../server/clock.ts';
import { systemClock } from '../../../server/clock.ts';
import type { Database } from '../../../server/store/database.ts';
import { openDatabase } from '../../../server/store/open-database.ts';
import { openSequelizeStore, type SequelizeStore, type SequelizeStoreOptions } from '../../../server/store/sequelize-store.ts';
import { words } from '../../../server/store/sql.ts';
import type { DatabaseService } from '../../support/services/database-server.ts';

/** Stores in one database of a server of the tests' own. */
export class ServerStores {
  readonly service: DatabaseService;
  readonly #database: Database;
  readonly #open = new Set<SequelizeStore>();

  private constructor(service: DatabaseService, database: Database) {
    this.service = service;
    this.#database = database;
  }

  static async start(startService: () => Promise<DatabaseService>): Promise<ServerStores> {
    const service = await startService();
    return new ServerStores(service, await openDatabase(service.url, { connections: 1, clock: systemClock }));
  }

  async open(options: Partial<SequelizeStoreOptions> = {}): Promise<SequelizeStore> {
    const store = await openSequelizeStore({ url: this.service.url, ...options });
    this.#open.add(store);
    return store;
  }

  /** As the tables are when they were just made. Making them anew for each test takes much longer. */
  async empty(): Promise<void> {
    const tables = ['deletions', 'messages', 'members', 'rooms', 'people', 'revocations'];
    await this.#database.transaction(async (connection) => {
      // Postgres would remember that the tables were empty when it last looked, and plan as if they were for ever.
      if (this.service.url.startsWith('postgres:')) await connection.run(words(`TRUNCATE ${tables.join(', ')}`));
      else for (const table of tables) await connection.run(words(`DELETE FROM ${table}`));
      await connection.run(words('UPDATE counters SET value = 0'));
    });
  }

  /** A store that finds nothing, and goes by the clock. */
  async underTest({ clock }: { clock: Clock }): Promise<{ store: SequelizeStore; cleanup(): Promise<void> }> {
    await this.empty();
    const store = await this.open({ clock });
    return { store, cleanup: () => this.#close(store) };
  }

  async closeStores(): Promise<void> {
    await Promise.all([...this.#open].map((store) => this.#close(store)));
  }

  async stop(): Promise<void> {
    await this.closeStores();
    await this.#database.close();
    await this.service.stop();
  }

  async #close(store: SequelizeStore): Promise<void> {
    this.#open.delete(store);
    await store.close();
  }
}
