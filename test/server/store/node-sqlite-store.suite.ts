import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { nodeSqliteDriver } from '../../../server/store/node-sqlite-driver.ts';
import { openSequelizeStore } from '../../../server/store/sequelize-store.ts';
import { storeContract } from '../../contract/store.contract.ts';

// Run by sqlite-driver.test.ts, under a Node that has SQLite of its own.
storeContract(`the store on the SQLite of Node ${process.versions.node}`, async ({ clock }) => {
  const sqliteDriver = nodeSqliteDriver();
  if (!sqliteDriver) throw new Error(`Node ${process.versions.node} has no node:sqlite`);
  const folder = await mkdtemp(join(tmpdir(), 'chatter-store-'));
  const store = await openSequelizeStore({ url: `sqlite:${join(folder, 'chat.sqlite')}`, clock, sqliteDriver });
  return {
    store,
    cleanup: async () => {
      await store.close();
      await rm(folder, { recursive: true });
    },
  };
});
