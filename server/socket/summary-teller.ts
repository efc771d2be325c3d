import type { Rosters } from '../actions/rosters.ts';
import { tenantKey } from '../actions/tenant-key.ts';
import type { Clock } from '../clock.ts';
import type { OccasionalLog } from '../occasional-log.ts';
import type { Store } from '../store/store.ts';
import type { Session } from './session.ts';

/** Summaries read at the same time. */
const atOnce = 8;
/** An entry that could not be read is read again after this long. */
const againMs = 1_000;

/** An entry that somebody's list is to be told: waiting, or being read. */
interface Entry {
  readonly tenant: string;
  readonly room: string;
  readonly user: string;
  isBeingRead: boolean;
}

/** Tells people's lists of rooms that appeared in them, or look different now: each summary is that person's own. */
export class SummaryTeller {
  readonly #store: Pick<Store, 'summary'>;
  readonly #rosters: Rosters;
  readonly #clock: Clock;
  readonly #log: OccasionalLog;
  readonly #sessionsOf: (tenant: string, user: string) => readonly Session[];
  /** The newest wish for each entry: what was read for an older one is not told any more. */
  readonly #wanted = new Map<string, Entry>();
  #running = 0;

  constructor(options: {
    store: Pick<Store, 'summary'>; rosters: Rosters; clock: Clock; log: OccasionalLog;
    sessionsOf: (tenant: string, user: string) => readonly Session[];
  }) {
    this.#store = options.store;
    this.#rosters = options.rosters;
    this.#clock = options.clock;
    this.#log = options.log;
    this.#sessionsOf = options.sessionsOf;
  }

  tell(tenant: string, room: string, user: string): void {
    if (this.#sessionsOf(tenant, user).length === 0) return;
    const key = tenantKey(tenant, room, user);
    // To the end of the line, because those who go along it may be past its old place.
    this.#wanted.delete(key);
    this.#wanted.set(key, { tenant, room, user, isBeingRead: false });
    this.#hurry();
  }

  /** The person is no longer in the room (R10). */
  forget(tenant: string, room: string, user: string): void {
    this.#wanted.delete(tenantKey(tenant, room, user));
  }

  close(): void {
    this.#wanted.clear();
  }

  #hurry(): void {
    if (this.#running < atOnce) void this.#run();
  }

  async #run(): Promise<void> {
    this.#running += 1;
    // Not in the turn that asked: what it has to say of the room is said first.
    await Promise.resolve();
    for (const [key, entry] of this.#wanted) if (!entry.isBeingRead) await this.#tell(key, entry);
    this.#running -= 1;
  }

  async #tell(key: string, entry: Entry): Promise<void> {
    const { tenant, room, user } = entry;
    const isWanted = () => this.#wanted.get(key) === entry;
    entry.isBeingRead = true;
    try {
      const summary = await this.#store.summary(tenant, room, user);
      // They may have been taken out while it was read, and told so (R10).
      if (!isWanted()) return;
      const isIn = summary !== undefined && this.#rosters.known(tenant, room)?.members.has(user) !== false;
      if (isIn) for (const session of this.#sessionsOf(tenant, user)) session.send({ kind: 'room', room: summary });
    } catch (error) {
      if (!isWanted()) return;
      this.#log.warn('Entries of lists could not be told; they will be.', { cause: 'entries', error });
      this.#clock.after(againMs, () => {
        entry.isBeingRead = false;
        if (isWanted()) this.#hurry();
      });
      return;
    }
    this.#wanted.delete(key);
  }
}
