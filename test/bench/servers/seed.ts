import { openStore, type Store } from '../../../server/index.ts';

/** The tenant of tokens that name none. */
export const tenant = 'default';

/** Puts something in a database before its servers start, by the store's own means, and lets go of it. */
export async function seed<T>(database: string, work: (store: Store) => Promise<T>): Promise<T> {
  const store = await openStore(database);
  try {
    return await work(store);
  } finally {
    await store.close();
  }
}

/** People as their tokens would make them, and a group of each `roomSize` of them. Resolves to the ids of the groups, in order. */
export async function seedGroups(store: Store, users: readonly string[], roomSize: number): Promise<string[]> {
  const parts = Array.from({ length: Math.ceil(users.length / roomSize) }, (_, index) => users.slice(index * roomSize, (index + 1) * roomSize));
  for (const part of parts) await store.putPeople(tenant, part.map((id) => ({ id, name: id })));
  const made = await Promise.all(parts.map((members, index) => store.createRoom(tenant, { kind: 'group', name: `Room ${index}`, members })));
  return made.map(({ room }) => room.id);
}
