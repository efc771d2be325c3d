import type { Person } from '#protocol/models';
import { tenantKey } from '../actions/tenant-key.ts';
import type { Clock } from '../clock.ts';
import type { Log } from '../log.ts';
import { Pace } from './pace.ts';

/** Each watcher is told this often at most, of all that changed. */
const tellEveryMs = 1_000;
/** Watchers told in one turn: ten thousand at once would keep everything else waiting. */
const watchersPerTurn = 500;
/** While the nodes cannot hear of each other, it is looked up this often whether two people still share a room (G7). */
const checkedForMs = 30_000;

/** A session that wants to know of some people. */
export interface Watcher {
  readonly tenant: string;
  readonly userId: Person['id'];
  /** Answers whether it was said: to a slow reader it is not (F7). */
  tellPresence(online: string[], offline: string[]): boolean;
}

interface Watch {
  readonly watcher: Watcher;
  /** Whom it watches, and what it was told of each of them last: whether they are there. */
  readonly told: Map<string, boolean>;
  /** When it was looked up whom it may watch. */
  checkedAt: number;
  /** Reasons since then to look it up again before anything is told. */
  doubts: number;
}

export interface PresenceWatchesOptions {
  clock: Clock;
  log: Log;
  isOnline(tenant: string, user: string): boolean;
  /** Those of `users` who share a room with `user` now (P3). */
  companions(tenant: string, user: string, users: readonly string[]): Promise<string[]>;
  watchersOf(tenant: string, user: string): readonly Watcher[];
  /** Whether who was taken out of a room on another node would not be heard of. */
  isDeaf(): boolean;
  /** Whether nothing is told for a while: `allMissed` is called when it is over. */
  isHeldBack(): boolean;
}

/** Who is told of whom (P3): only what differs from what they were told before, and only of people they share a room with. */
export class PresenceWatches {
  readonly #options: PresenceWatchesOptions;
  readonly #watches = new Map<Watcher, Watch>();
  readonly #byPerson = new Map<string, Set<Watch>>();
  /** Watches for which it is being read whom they may watch. */
  readonly #coming = new Map<Watcher, { users: ReadonlySet<string>; isStale: boolean }>();
  /** People of whom a watch may have to be told. */
  readonly #news = new Map<Watch, Set<string> | 'everyone'>();
  /** Watches of which somebody may have to go. */
  readonly #toCheck = new Set<Watch>();
  readonly #pace: Pace;
  #isChecking = false;
  #isClosed = false;

  constructor(options: PresenceWatchesOptions) {
    this.#options = options;
    this.#pace = new Pace(options.clock, tellEveryMs, () => this.#tell());
  }

  /**
   * From now on `watcher` is told of those of `users` whom it may watch, and of no others. Answers who of them is there. Of
   * several that one watcher asks for at the same time, the last one holds.
   */
  async set(watcher: Watcher, users: readonly string[]): Promise<string[]> {
    const { clock } = this.#options;
    const coming = { users: new Set(users), isStale: false };
    this.#coming.set(watcher, coming);
    try {
      let allowed: string[];
      let checkedAt: number;
      do {
        coming.isStale = false;
        checkedAt = clock.now();
        allowed = await this.#allowed(watcher, coming.users);
        // Somebody was taken out of a room while it was read: it may have been read before that.
      } while (coming.isStale);
      const isOnline = (user: string) => this.#options.isOnline(watcher.tenant, user);
      if (this.#coming.get(watcher) === coming) this.#put(watcher, new Map(allowed.map((user) => [user, isOnline(user)])), checkedAt);
      return allowed.filter(isOnline);
    } finally {
      if (this.#coming.get(watcher) === coming) this.#coming.delete(watcher);
    }
  }

  end(watcher: Watcher): void {
    this.#coming.delete(watcher);
    const watch = this.#watches.get(watcher);
    if (!watch) return;
    this.#watches.delete(watcher);
    this.#news.delete(watch);
    this.#toCheck.delete(watch);
    for (const user of watch.told.keys()) this.#unlist(watch, user);
  }

  /** The person came or left. */
  turned(tenant: string, user: string): void {
    if (this.#options.isHeldBack()) return;
    for (const watch of this.#byPerson.get(tenantKey(tenant, user)) ?? []) {
      const news = this.#news.get(watch);
      if (news === 'everyone') continue;
      if (news) news.add(user);
      else this.#news.set(watch, new Set([user]));
      this.#pace.plan();
    }
  }

  /** What has changed since was not told to this watcher. */
  missed(watcher: Watcher): void {
    const watch = this.#watches.get(watcher);
    if (!watch) return;
    this.#news.set(watch, 'everyone');
    this.#pace.plan();
  }

  /** Nobody was told of what has changed for a while. */
  allMissed(): void {
    for (const watch of this.#watches.values()) this.#news.set(watch, 'everyone');
    this.#pace.plan();
  }

  /** The person is in one room less: whom they watch, and who watches them, may be none of their business now. */
  recheck(tenant: string, user: string): void {
    const affected = new Set(this.#byPerson.get(tenantKey(tenant, user)));
    for (const watcher of this.#options.watchersOf(tenant, user)) {
      const watch = this.#watches.get(watcher);
      if (watch) affected.add(watch);
    }
    for (const watch of affected) {
      watch.doubts += 1;
      this.#toCheck.add(watch);
    }
    for (const [watcher, coming] of this.#coming) {
      if (watcher.tenant === tenant && (watcher.userId === user || coming.users.has(user))) coming.isStale = true;
    }
    if (affected.size > 0) void this.#check();
  }

  /** Somebody may have been taken out of a room and it was not heard: each watch is checked before it is told anything. */
  doubt(): void {
    for (const watch of this.#watches.values()) watch.doubts += 1;
    for (const coming of this.#coming.values()) coming.isStale = true;
  }

  /** Goes on with what could not be checked before. */
  retry(): void {
    if (this.#toCheck.size > 0) void this.#check();
  }

  close(): void {
    this.#isClosed = true;
    this.#pace.stop();
    this.#watches.clear();
    this.#byPerson.clear();
    this.#coming.clear();
    this.#news.clear();
    this.#toCheck.clear();
  }

  async #allowed(watcher: Watcher, users: ReadonlySet<string>): Promise<string[]> {
    const others = [...users].filter((user) => user !== watcher.userId);
    const companions = new Set(others.length > 0 ? await this.#options.companions(watcher.tenant, watcher.userId, others) : []);
    return [...users].filter((user) => user === watcher.userId || companions.has(user));
  }

  #put(watcher: Watcher, told: Map<string, boolean>, checkedAt: number): void {
    this.end(watcher);
    if (told.size === 0) return;
    const watch: Watch = { watcher, told, checkedAt, doubts: 0 };
    this.#watches.set(watcher, watch);
    for (const user of told.keys()) {
      const key = tenantKey(watcher.tenant, user);
      const watches = this.#byPerson.get(key);
      if (watches) watches.add(watch);
      else this.#byPerson.set(key, new Set([watch]));
    }
  }

  #unlist(watch: Watch, user: string): void {
    const key = tenantKey(watch.watcher.tenant, user);
    const watches = this.#byPerson.get(key);
    watches?.delete(watch);
    if (watches?.size === 0) this.#byPerson.delete(key);
  }

  #tell(): void {
    // What was noted just before is told with the rest.
    if (this.#options.isHeldBack()) return this.#news.clear();
    let left = watchersPerTurn;
    for (const [watch, users] of this.#news) {
      if (left === 0) {
        setImmediate(() => this.#tell());
        break;
      }
      left -= 1;
      if (this.#mustBeChecked(watch)) {
        this.#toCheck.add(watch);
        continue;
      }
      this.#news.delete(watch);
      this.#tellOf(watch, users === 'everyone' ? watch.told.keys() : users);
    }
    if (this.#toCheck.size > 0) void this.#check();
  }

  #mustBeChecked(watch: Watch): boolean {
    if (watch.doubts > 0) return true;
    const ageMs = this.#options.clock.now() - watch.checkedAt;
    return this.#options.isDeaf() && (ageMs < 0 || ageMs >= checkedForMs);
  }

  #tellOf({ watcher, told }: Watch, users: Iterable<string>): void {
    const online: string[] = [];
    const offline: string[] = [];
    for (const user of users) {
      const wasOnline = told.get(user);
      const isOnline = this.#options.isOnline(watcher.tenant, user);
      if (wasOnline === undefined || wasOnline === isOnline) continue;
      if (isOnline) online.push(user);
      else offline.push(user);
    }
    if (online.length + offline.length === 0 || !watcher.tellPresence(online, offline)) return;
    for (const user of online) told.set(user, true);
    for (const user of offline) told.set(user, false);
  }

  /** One after the other: a whole room may have to be looked at because one person left it. */
  async #check(): Promise<void> {
    if (this.#isChecking) return;
    this.#isChecking = true;
    try {
      // Goes on to those that are added meanwhile.
      for (const watch of this.#toCheck) {
        this.#toCheck.delete(watch);
        await this.#checkOne(watch);
      }
    } catch (error) {
      if (!this.#isClosed) this.#options.log.error('Presence could not be checked again; it will be tried.', { error });
    } finally {
      this.#isChecking = false;
    }
  }

  async #checkOne(watch: Watch): Promise<void> {
    const { watcher, told, doubts } = watch;
    const checkedAt = this.#options.clock.now();
    const isWanted = () => this.#watches.get(watcher) === watch;
    if (!isWanted()) return;
    try {
      const allowed = new Set(await this.#allowed(watcher, new Set(told.keys())));
      if (!isWanted()) return;
      for (const user of told.keys()) {
        if (allowed.has(user)) continue;
        told.delete(user);
        this.#unlist(watch, user);
      }
      watch.checkedAt = checkedAt;
      // Not those that came while it was read.
      watch.doubts -= doubts;
      if (this.#news.has(watch)) this.#pace.plan();
    } catch (error) {
      if (isWanted()) this.#toCheck.add(watch);
      throw error;
    }
  }
}
