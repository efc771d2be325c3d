import { MemoryStore } from '../../../server/store/memory-store.ts';
import { storeContract } from '../../contract/store.contract.ts';

storeContract('the memory store', async ({ clock }) => {
  const store = new MemoryStore({ clock });
  return { store, cleanup: () => store.close() };
});
