import { rhythms } from '#protocol/codes';
import type { Person } from '#protocol/models';
import { tenantKey } from '../actions/tenant-key.ts';
import type { Clock } from '../clock.ts';
import type { BusFrameOf } from './bus-frames.ts';

/** A node says again who is there this often, and is not believed after `leaseMs` without a word. */
const renewMs = 30_000;
const leaseMs = 75_000;
const idsPerFrame = 500;

/** A session that wants to know of some people. */
export interface Watcher {
  readonly tenant: string;
  readonly userId: Person['id'];
  tellPresence(online: string[], offline: string[]): void;
}

/** How presence leaves the node, and what it has to ask. */
interface Outside {
  publish(frame: BusFrameOf<'presence'> | BusFrameOf<'presence.ask'>): void;
  /** Those of `users` who share a room with `user` now (P3). */
  companions(tenant: string, user: string, users: readonly string[]): Promise<string[]>;
}

/**
 * Who is there (P3). Each node knows its own sessions, and hears of the others' over the bus: as leases, because a node may
 * die without a word. Nothing here is stored, and a lost ring heals with the next renewal.
 */
export class Presence {
  readonly #node: string;
  readonly #clock: Clock;
  readonly #outside: Outside;
  /** People with sessions here, or within the grace after their last one. */
  readonly #here = new Map<string, { tenant: string; user: string; sessions: number; stopGrace?: () => void }>();
  /** By person: nodes that say so, and until when they are believed. */
  readonly #elsewhere = new Map<string, { tenant: string; user: string; leases: Map<string, number> }>();
  readonly #watchers = new Map<string, Set<Watcher>>();
  readonly #watched = new Map<Watcher, Set<string>>();
  /** What each watcher will be told at the end of this turn. */
  readonly #news = new Map<Watcher, Map<string, boolean>>();
  readonly #stopRenewing: () => void;

  constructor(node: string, clock: Clock, outside: Outside) {
    this.#node = node;
    this.#clock = clock;
    this.#outside = outside;
    this.#stopRenewing = clock.every(renewMs, () => {
      this.#publishAll();
      this.#endLeases();
    });
  }

  /** Asks the other nodes who is with them: once, when the bus is listened to. */
  ask(): void {
    this.#outside.publish({ kind: 'presence.ask', node: this.#node });
  }

  /** A session of the person began. Returns its undo. */
  arrive(tenant: string, user: string): () => void {
    const key = tenantKey(tenant, user);
    const wasOnline = this.isOnline(tenant, user);
    const entry = this.#here.get(key) ?? { tenant, user, sessions: 0 };
    entry.stopGrace?.();
    entry.stopGrace = undefined;
    entry.sessions += 1;
    if (!this.#here.has(key)) {
      this.#here.set(key, entry);
      this.#publish(tenant, [user], []);
    }
    if (!wasOnline) this.#turned(key, user, true);
    let isOver = false;
    return () => {
      if (isOver) return;
      isOver = true;
      entry.sessions -= 1;
      if (entry.sessions > 0) return;
      entry.stopGrace = this.#clock.after(rhythms.presenceGraceMs, () => {
        this.#here.delete(key);
        this.#publish(tenant, [], [user]);
        if (!this.isOnline(tenant, user)) this.#turned(key, user, false);
      });
    };
  }

  isOnline(tenant: string, user: string): boolean {
    const key = tenantKey(tenant, user);
    return this.#here.has(key) || this.#elsewhere.has(key);
  }

  /** From now on `watcher` is told of these people and no others. Answers who of them is there. */
  watch(watcher: Watcher, users: readonly string[]): string[] {
    this.unwatch(watcher);
    if (users.length === 0) return [];
    this.#watched.set(watcher, new Set(users));
    for (const user of users) {
      const key = tenantKey(watcher.tenant, user);
      let watchers = this.#watchers.get(key);
      if (!watchers) this.#watchers.set(key, (watchers = new Set()));
      watchers.add(watcher);
    }
    return users.filter((user) => this.isOnline(watcher.tenant, user));
  }

  unwatch(watcher: Watcher): void {
    for (const user of this.#watched.get(watcher) ?? []) this.#forget(watcher, user);
    this.#watched.delete(watcher);
    this.#news.delete(watcher);
  }

  /** Whom the watcher watches, as they are now: for one that has missed some of it. */
  tellAll(watcher: Watcher): void {
    const users = [...(this.#watched.get(watcher) ?? [])];
    const isOnline = (user: string) => this.isOnline(watcher.tenant, user);
    if (users.length > 0) watcher.tellPresence(users.filter(isOnline), users.filter((user) => !isOnline(user)));
  }

  /** The person is in one room less: whom they watched, and who watched them, may be none of their business now. */
  async recheck(tenant: string, user: string): Promise<void> {
    const affected = new Set(this.#watchers.get(tenantKey(tenant, user)));
    for (const watcher of this.#watched.keys()) {
      if (watcher.tenant === tenant && watcher.userId === user) affected.add(watcher);
    }
    for (const watcher of affected) {
      const users = [...(this.#watched.get(watcher) ?? [])].filter((other) => other !== watcher.userId);
      const allowed = new Set(await this.#outside.companions(tenant, watcher.userId, users));
      for (const other of users) {
        if (allowed.has(other) || !this.#watched.get(watcher)?.delete(other)) continue;
        this.#forget(watcher, other);
        this.#news.get(watcher)?.delete(other);
      }
    }
  }

  heard(frame: BusFrameOf<'presence'> | BusFrameOf<'presence.ask'>): void {
    if (frame.kind === 'presence.ask') return this.#publishAll();
    const { tenant, node } = frame;
    for (const user of frame.online) this.#lease(tenant, user, node);
    for (const user of frame.offline) this.#endLease(tenant, user, node);
  }

  /** Says goodbye for everyone who is here, so that nobody has to wait for the leases to end. */
  close(): void {
    this.#stopRenewing();
    for (const [tenant, users] of this.#byTenant()) this.#publish(tenant, [], users);
    for (const entry of this.#here.values()) entry.stopGrace?.();
    this.#here.clear();
    this.#elsewhere.clear();
    this.#watchers.clear();
    this.#watched.clear();
  }

  #lease(tenant: string, user: string, node: string): void {
    const key = tenantKey(tenant, user);
    const wasOnline = this.isOnline(tenant, user);
    let entry = this.#elsewhere.get(key);
    if (!entry) this.#elsewhere.set(key, (entry = { tenant, user, leases: new Map() }));
    entry.leases.set(node, this.#clock.now() + leaseMs);
    if (!wasOnline) this.#turned(key, user, true);
  }

  #endLease(tenant: string, user: string, node: string): void {
    const key = tenantKey(tenant, user);
    const entry = this.#elsewhere.get(key);
    if (!entry?.leases.delete(node) || entry.leases.size > 0) return;
    this.#elsewhere.delete(key);
    if (!this.isOnline(tenant, user)) this.#turned(key, user, false);
  }

  #endLeases(): void {
    const now = this.#clock.now();
    for (const { tenant, user, leases } of [...this.#elsewhere.values()]) {
      for (const [node, until] of [...leases]) if (until <= now) this.#endLease(tenant, user, node);
    }
  }

  #turned(key: string, user: string, isOnline: boolean): void {
    for (const watcher of this.#watchers.get(key) ?? []) {
      if (this.#news.size === 0) setImmediate(() => this.#tell());
      let news = this.#news.get(watcher);
      if (!news) this.#news.set(watcher, (news = new Map()));
      news.set(user, isOnline);
    }
  }

  #tell(): void {
    for (const [watcher, news] of this.#news) {
      const of = (isOnline: boolean) => [...news].filter(([, online]) => online === isOnline).map(([user]) => user);
      if (news.size > 0) watcher.tellPresence(of(true), of(false));
    }
    this.#news.clear();
  }

  #forget(watcher: Watcher, user: string): void {
    const key = tenantKey(watcher.tenant, user);
    const watchers = this.#watchers.get(key);
    watchers?.delete(watcher);
    if (watchers?.size === 0) this.#watchers.delete(key);
  }

  #byTenant(): Map<string, string[]> {
    const users = new Map<string, string[]>();
    for (const { tenant, user } of this.#here.values()) {
      const list = users.get(tenant);
      if (list) list.push(user);
      else users.set(tenant, [user]);
    }
    return users;
  }

  #publishAll(): void {
    for (const [tenant, users] of this.#byTenant()) {
      for (let from = 0; from < users.length; from += idsPerFrame) this.#publish(tenant, users.slice(from, from + idsPerFrame), []);
    }
  }

  #publish(tenant: string, online: string[], offline: string[]): void {
    this.#outside.publish({ kind: 'presence', tenant, node: this.#node, online, offline });
  }
}
