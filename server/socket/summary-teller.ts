import type { Rosters } from '../actions/rosters.ts';
import { tenantKey } from '../actions/tenant-key.ts';
import type { Log } from '../log.ts';
import type { Store } from '../store/store.ts';
import type { Session } from './session.ts';

/** Summaries read at the same time. */
const atOnce = 8;

/** Tells people's lists of rooms that appeared in them, or look different now: each summary is that person's own. */
export class SummaryTeller {
  readonly #store: Pick<Store, 'summary'>;
  readonly #rosters: Rosters;
  readonly #log: Log;
  readonly #sessionsOf: (tenant: string, user: string) => ReadonlySet<Session>;
  readonly #waiting = new Map<string, { tenant: string; room: string; user: string }>();
  #running = 0;

  constructor(options: {
    store: Pick<Store, 'summary'>; rosters: Rosters; log: Log;
    sessionsOf: (tenant: string, user: string) => ReadonlySet<Session>;
  }) {
    this.#store = options.store;
    this.#rosters = options.rosters;
    this.#log = options.log;
    this.#sessionsOf = options.sessionsOf;
  }

  tell(tenant: string, room: string, user: string): void {
    if (this.#sessionsOf(tenant, user).size === 0) return;
    this.#waiting.set(tenantKey(tenant, room, user), { tenant, room, user });
    if (this.#running < atOnce) void this.#run();
  }

  async #run(): Promise<void> {
    this.#running += 1;
    // Not in the turn that asked: what it has to say of the room is said first.
    await Promise.resolve();
    for (const [key, { tenant, room, user }] of this.#waiting) {
      this.#waiting.delete(key);
      await this.#tell(tenant, room, user);
    }
    this.#running -= 1;
  }

  async #tell(tenant: string, room: string, user: string): Promise<void> {
    try {
      const summary = await this.#store.summary(tenant, room, user);
      // They may have been taken out while it was read, and told so (R10).
      if (!summary || this.#rosters.known(tenant, room)?.members.has(user) === false) return;
      for (const session of this.#sessionsOf(tenant, user)) session.send({ kind: 'room', room: summary });
    } catch (error) {
      this.#log.error('An entry of a list could not be told.', { room, error });
    }
  }
}
