/** Moving an element, or swapping a page on the client, takes one down before it puts the next one up. */
const graceMs = 5_000;

interface Shared<Client> {
  client: Client;
  holders: number;
  /** Undo of the pending close. */
  stay: (() => void) | undefined;
}

const sharedByKey = new Map<string, Shared<{ close(): void }>>();

/**
 * One client for all that name the same `key` (server and identity): `make` is called for the first of them. After the last
 * `release` it lives a little longer, and is then closed.
 */
export function shareClient<Client extends { close(): void }>(
  key: string, make: () => Client,
): { client: Client; release: () => void } {
  const shared = (sharedByKey.get(key) ?? { client: make(), holders: 0, stay: undefined }) as Shared<Client>;
  sharedByKey.set(key, shared);
  shared.holders += 1;
  shared.stay?.();
  shared.stay = undefined;
  let isReleased = false;
  return {
    client: shared.client,
    release() {
      if (isReleased) return;
      isReleased = true;
      shared.holders -= 1;
      if (shared.holders > 0) return;
      const timer = setTimeout(() => {
        sharedByKey.delete(key);
        shared.client.close();
      }, graceMs);
      shared.stay = () => clearTimeout(timer);
    },
  };
}
