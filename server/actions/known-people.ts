import type { Person } from '#protocol/models';
import type { Identity } from '../auth/auth.ts';
import type { Store } from '../store/store.ts';
import { BoundedMap } from './bounded-map.ts';
import { tenantKey } from './tenant-key.ts';

/** People come from their tokens. Writes one only when this node has not seen the person so before. */
export class KnownPeople {
  readonly #store: Pick<Store, 'putPeople'>;
  readonly #known = new BoundedMap<string, Person>(50_000);

  constructor(store: Pick<Store, 'putPeople'>) {
    this.#store = store;
  }

  async meet({ tenant, user }: Identity): Promise<void> {
    const key = tenantKey(tenant, user.id);
    const known = this.#known.get(key);
    if (known && known.name === user.name && known.avatar === user.avatar) return;
    await this.#store.putPeople(tenant, [user]);
    this.#known.set(key, user);
  }
}
