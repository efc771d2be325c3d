import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openSequelizeStore } from '../../../server/store/sequelize-store.ts';
import { storeContract } from '../../contract/store.contract.ts';

storeContract('the SQLite store', async ({ clock }) => {
  const folder = await mkdtemp(join(tmpdir(), 'chatter-store-'));
  const store = await openSequelizeStore({ url: `sqlite:${join(folder, 'new', 'chat.sqlite')}`, clock });
  return {
    store,
    cleanup: async () => {
      await store.close();
      await rm(folder, { recursive: true });
    },
  };
});
