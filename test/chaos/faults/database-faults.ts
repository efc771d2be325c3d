import { QueryTypes, Transaction } from 'sequelize';
import { openDatabase } from '../database.ts';
import { pause } from '../time.ts';
import type { Fault } from './fault.ts';

/** What happens to the database. */
export const databaseFaults: readonly Fault[] = [
  {
    name: 'db-restart', on: 'database',
    suits: ({ databaseServer }) => databaseServer !== undefined,
    async run({ cluster, chance, say }) {
      say('kill -9 of the database');
      await cluster.databaseServer!.kill();
      await pause(chance.whole(0, 3_000));
      await cluster.databaseServer!.restart();
    },
  },
  {
    name: 'db-pause', on: 'database',
    suits: ({ databaseServer }) => databaseServer !== undefined,
    async run({ cluster, chance, say, left }) {
      const forMs = Math.min(chance.whole(500, 10_000), left());
      say(`the database stands still for ${(forMs / 1_000).toFixed(1)} s`);
      cluster.databaseServer!.pause();
      await pause(forMs);
      cluster.databaseServer!.resume();
    },
  },
  {
    name: 'db-terminate', on: 'database',
    suits: ({ databaseServer }) => databaseServer !== undefined,
    async run({ cluster, chance, say }) {
      const database = await openDatabase(cluster.databaseUrl);
      try {
        const others = cluster.store === 'postgres'
          ? 'SELECT pid AS id FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()'
          : 'SELECT id FROM information_schema.processlist WHERE db = DATABASE() AND id <> CONNECTION_ID()';
        const ids = (await database.query<{ id: number }>(others, { type: QueryTypes.SELECT })).map(({ id }) => id).filter(() => chance.happens(0.5));
        for (const id of ids) {
          // Some may have gone by themselves.
          await database.query(cluster.store === 'postgres' ? `SELECT pg_terminate_backend(${id})` : `KILL ${id}`).catch(() => undefined);
        }
        say(`${ids.length} sessions of the nodes are ended by the database`);
      } finally {
        await database.close();
      }
    },
  },
  {
    name: 'db-lock', on: 'database',
    async run({ cluster, town, chance, say, left }) {
      const room = chance.pick(town.rooms.filter(({ label }) => label === 'hot'))!;
      const forMs = Math.min(chance.whole(500, 8_000), left());
      const isSqlite = cluster.store === 'sqlite';
      say(`somebody holds ${isSqlite ? 'the file' : `the row of room hot of ${room.tenant}`} for ${(forMs / 1_000).toFixed(1)} s`);
      const database = await openDatabase(cluster.databaseUrl);
      try {
        const transaction = await database.transaction(isSqlite ? { type: Transaction.TYPES.IMMEDIATE } : {});
        if (!isSqlite) await database.query('SELECT seq FROM rooms WHERE id = ? FOR UPDATE', { transaction, replacements: [room.id] });
        await pause(forMs);
        await transaction.rollback();
      } finally {
        await database.close();
      }
    },
  },
  {
    name: 'disk-full', on: 'database',
    suits: ({ store }) => store === 'sqlite',
    async run({ cluster, chance, say, left }) {
      const forMs = Math.min(chance.whole(500, 6_000), left());
      say(`the disk is full for ${(forMs / 1_000).toFixed(1)} s`);
      for (const node of cluster.nodes) node.tell({ type: 'disk', isFull: true });
      await pause(forMs);
      for (const node of cluster.nodes) node.tell({ type: 'disk', isFull: false });
    },
  },
];
