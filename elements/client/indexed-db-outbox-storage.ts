import { type DBSchema, type IDBPDatabase, openDB } from 'idb';
import type { OutboxEntry, OutboxStorage } from './outbox-storage.ts';

type KeptEntry = OutboxEntry & { page: string };

interface OutboxSchema extends DBSchema {
  entries: { key: [owner: string, clientMsgId: string]; value: KeptEntry };
}

/**
 * The outbox of a browser, shared by its tabs. Each page holds a lock under its own name for as long as it lives; entries
 * of a page whose lock is gone are left over, and the next page that adopts takes them. Without Web Locks (pages that are
 * not https) every page takes all of them: the server makes one message of them anyway (G2).
 */
export class IndexedDbOutboxStorage implements OutboxStorage {
  readonly #databaseName: string;
  readonly #page = `chatter-page-${Math.random().toString(36).slice(2)}${Date.now().toString(36)}`;
  #database: Promise<IDBPDatabase<OutboxSchema> | undefined> | undefined;
  #isAlive: { end: () => void } | undefined;

  constructor(databaseName = 'chatter') {
    this.#databaseName = databaseName;
  }

  async adopt(owner: string): Promise<OutboxEntry[]> {
    const adoptNow = async (): Promise<OutboxEntry[]> => {
      const alive = await this.#alivePages();
      const database = await this.#open();
      if (!database) return [];
      const transaction = database.transaction('entries', 'readwrite');
      const kept = await transaction.store.getAll(IDBKeyRange.bound([owner], [owner, []]));
      const mine = kept.filter((entry) => entry.page === this.#page || !alive.has(entry.page));
      await Promise.all(mine.map((entry) => transaction.store.put({ ...entry, page: this.#page })));
      await transaction.done;
      return mine.sort((a, b) => a.at - b.at).map(withoutPage);
    };
    try {
      return await (locks()?.request('chatter-outbox', adoptNow) ?? adoptNow());
    } catch {
      return [];
    }
  }

  async put(entry: OutboxEntry): Promise<void> {
    try {
      this.#stayAlive();
      await (await this.#open())?.put('entries', { ...entry, page: this.#page });
    } catch {
      // The disk is full, or the browser has thrown the database away: the message still waits in memory.
    }
  }

  async remove(owner: string, clientMsgId: string): Promise<void> {
    try {
      await (await this.#open())?.delete('entries', [owner, clientMsgId]);
    } catch {
      // It will be adopted and sent once more; the server knows it by its id (G2).
    }
  }

  release(): void {
    this.#isAlive?.end();
    this.#isAlive = undefined;
    void this.#database?.then((database) => database?.close());
    this.#database = undefined;
  }

  /** Opened at the first use, and again where the browser has closed it. Resolves to nothing where it is not allowed. */
  #open(): Promise<IDBPDatabase<OutboxSchema> | undefined> {
    this.#database ??= openDB<OutboxSchema>(this.#databaseName, 1, {
      upgrade(database) {
        database.createObjectStore('entries', { keyPath: ['owner', 'clientMsgId'] });
      },
      terminated: () => {
        this.#database = undefined;
      },
    }).catch(() => undefined);
    return this.#database;
  }

  #stayAlive(): void {
    if (this.#isAlive) return;
    const life = new Promise<void>((end) => {
      this.#isAlive = { end };
    });
    locks()?.request(this.#page, () => life).catch(() => undefined);
  }

  async #alivePages(): Promise<Set<string | undefined>> {
    this.#stayAlive();
    const state = await locks()?.query();
    return new Set(state?.held?.map((lock) => lock.name));
  }
}

function withoutPage(kept: KeptEntry): OutboxEntry {
  const { owner, clientMsgId, room, text, at, error } = kept;
  return { owner, clientMsgId, room, text, at, ...(error === undefined ? {} : { error }) };
}

/** Only https pages have it, whatever the types say. */
function locks(): LockManager | undefined {
  return globalThis.navigator?.locks;
}
