import type { OutboxEntry, OutboxStorage } from '../../elements/client/outbox-storage.ts';
import { Lane } from '../support/traffic.ts';
import type { RandomTraffic } from './random-traffic.ts';

/** The disk of one person's browser: what its tabs keep there outlives them. As `IndexedDbOutboxStorage`, without a browser. */
export class BrowserDisk {
  /** Ids of all that was ever kept. */
  readonly everKept = new Set<string>();
  readonly #traffic: RandomTraffic;
  /** As its transactions, whichever tab begins them. */
  readonly #lane = new Lane();
  /** Whether a tab can tell which of the others live; where not (no Web Locks), it takes what is theirs, too. */
  readonly #hasLocks: boolean;
  readonly #entries = new Map<string, OutboxEntry & { page: object }>();
  readonly #alive = new Set<object>();

  constructor(traffic: RandomTraffic, hasLocks: boolean) {
    this.#traffic = traffic;
    this.#hasLocks = hasLocks;
  }

  openPage(): PageOutbox {
    const page = {};
    let isLost = false;
    const inTurn = async <T>(run: () => T): Promise<T> => {
      this.#alive.add(page);
      await this.#traffic.pass(this.#lane);
      return isLost ? new Promise<T>(() => {}) : run();
    };
    this.#alive.add(page);
    return {
      adopt: (owner) => inTurn(() => {
        const mine = [...this.#entries.values()].filter((entry) => (
          entry.owner === owner && (entry.page === page || !this.#hasLocks || !this.#alive.has(entry.page))
        ));
        for (const entry of mine) entry.page = page;
        return mine.sort((a, b) => a.at - b.at).map(({ page: _, ...entry }) => entry);
      }),
      put: (entry) => inTurn(() => {
        this.everKept.add(entry.clientMsgId);
        this.#entries.set(`${entry.owner} ${entry.clientMsgId}`, { ...entry, page });
      }),
      remove: (owner, clientMsgId) => inTurn(() => void this.#entries.delete(`${owner} ${clientMsgId}`)),
      release: () => void this.#alive.delete(page),
      crash: (areLost) => {
        isLost = areLost;
        this.#alive.delete(page);
      },
    };
  }
}

export interface PageOutbox extends OutboxStorage {
  /** The page is gone. `areLost`: what it was just about to keep is not kept. */
  crash(areLost: boolean): void;
}
