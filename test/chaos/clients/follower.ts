import type { Person } from '#protocol/models';
import { systemClock } from '../../../elements/client/clock.ts';
import { Line, type LineOptions } from './line.ts';
import { RawSession } from './raw-session.ts';

/** How long a follower that was sent away waits before it comes back. */
const returnMs = 300;
const askAgainMs = 1_000;

/**
 * Keeps rooms open and believes the server: it never asks for what is missing. Whatever a node fails to bring to a session
 * stays missing here, where a client would have healed it by itself. It comes back with its cursor when it is sent away.
 */
export class Follower {
  readonly line: Line;
  readonly #user: Person;
  /** Rooms that it wants to follow, and how far it has followed them. */
  readonly #cursors = new Map<string, { epoch: string; upTo: number } | undefined>();
  /** Rooms whose pages are still being read, and how far they were told of meanwhile. */
  readonly #paging = new Map<string, number>();
  #session: RawSession | undefined;
  #isOver = false;

  constructor({ user, ...options }: Omit<LineOptions, 'user'> & { user: Person }) {
    this.#user = user;
    this.line = new Line({ ...options, user: user.id });
  }

  get tenant(): string {
    return this.line.options.tenant;
  }

  get user(): string {
    return this.#user.id;
  }

  get isConnected(): boolean {
    return this.#session?.isOpen === true;
  }

  start(): void {
    void this.#live();
  }

  follow(room: string): void {
    if (this.#cursors.has(room)) return;
    this.#cursors.set(room, undefined);
    if (this.#session) void this.#open(this.#session, room);
  }

  stop(): void {
    this.#isOver = true;
    this.#session?.close();
  }

  async #live(): Promise<void> {
    while (!this.#isOver) {
      const session = await RawSession.open(this.line, this.#user);
      if (session) {
        this.#session = session;
        session.onPush = (frame) => {
          if (frame.kind === 'facts') this.#advance(frame.room, frame.epoch, frame.facts.at(-1)!.seq);
        };
        for (const room of this.#cursors.keys()) void this.#open(session, room);
        await session.closed;
        this.#session = undefined;
      }
      await new Promise<void>((resolve) => systemClock.after(returnMs, resolve));
    }
  }

  async #open(session: RawSession, room: string): Promise<void> {
    const cursor = this.#cursors.get(room);
    // Until all pages are here, what is pushed is beyond a hole that is known (R4).
    this.#paging.set(room, 0);
    const answer = await session.request('room.open', { room, limit: 100, epoch: cursor?.epoch, after: cursor?.upTo });
    if (answer.outcome === 'error' && answer.retry) {
      systemClock.after(askAgainMs, () => void (session.isOpen && this.#open(session, room)));
    }
    if (answer.outcome !== 'ok') return;
    const { room: { epoch }, reset, changes } = answer.data;
    let { upTo } = answer.data;
    if (reset || !cursor) this.#cursors.set(room, { epoch, upTo });
    for (let page = changes; page?.more === true;) {
      const next = await session.request('room.changes', { room, epoch, after: upTo });
      // What is missing of the pages is had by coming back.
      if (next.outcome !== 'ok' || !next.data.changes) return session.close();
      page = next.data.changes;
      ({ upTo } = page);
    }
    this.#cursors.set(room, { epoch, upTo: Math.max(upTo, this.#paging.get(room) ?? 0) });
    this.#paging.delete(room);
  }

  #advance(room: string, epoch: string, upTo: number): void {
    const cursor = this.#cursors.get(room);
    if (this.#paging.has(room)) this.#paging.set(room, upTo);
    else if (cursor?.epoch === epoch) cursor.upTo = Math.max(cursor.upTo, upTo);
  }
}
