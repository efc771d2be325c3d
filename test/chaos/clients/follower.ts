import type { ServerFrame } from '#protocol/frames';
import type { Person } from '#protocol/models';
import { systemClock } from '../../../elements/client/clock.ts';
import { pause } from '../time.ts';
import { Line, type LineOptions } from './line.ts';
import { RawSession } from './raw-session.ts';

/** How long a follower that was sent away waits before it comes back. */
const returnMs = 300;
const askAgainMs = 1_000;

interface Place {
  epoch: string;
  upTo: number;
  /** How far it was told of while the pages of a long answer are still being read; undefined when there are none. */
  aheadTo?: number;
}

/**
 * Keeps rooms open and believes the server: it never asks for what is missing. Whatever a node fails to bring to a session
 * stays missing here, where a client would have healed it by itself. It comes back with its cursor when it is sent away.
 */
export class Follower {
  readonly line: Line;
  readonly #user: Person;
  readonly #wanted = new Set<string>();
  /** How far it has followed the rooms that it is in. */
  readonly #places = new Map<string, Place | undefined>();
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

  /** How far it has followed each room that it is in. */
  get reached(): [room: string, seq: number][] {
    return [...this.#places].map(([room, place]) => [room, place?.upTo ?? 0]);
  }

  start(): void {
    void this.#live();
  }

  follow(room: string): void {
    this.#wanted.add(room);
    this.#places.set(room, undefined);
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
        session.onPush = (frame) => this.#hear(session, frame);
        for (const room of this.#places.keys()) void this.#open(session, room);
        await session.closed;
        this.#session = undefined;
      }
      await pause(returnMs);
    }
  }

  #hear(session: RawSession, frame: ServerFrame): void {
    if (frame.kind === 'facts') this.#advance(frame.room, frame.epoch, frame.facts.at(-1)!.seq);
    else if (frame.kind === 'room.gone') this.#places.delete(frame.room);
    else if (frame.kind === 'room' && this.#wanted.has(frame.room.id) && !this.#places.has(frame.room.id)) {
      this.#places.set(frame.room.id, undefined);
      void this.#open(session, frame.room.id);
    }
  }

  async #open(session: RawSession, room: string): Promise<void> {
    const before = this.#places.get(room);
    const answer = await session.request('room.open', { room, limit: 100, epoch: before?.epoch, after: before?.upTo });
    if (answer.outcome === 'error') {
      if (answer.retry) systemClock.after(askAgainMs, () => void (session.isOpen && this.#open(session, room)));
      else this.#places.delete(room);
    }
    if (answer.outcome !== 'ok') return;
    const { room: { epoch }, reset, changes } = answer.data;
    let { upTo } = answer.data;
    // Until all pages are here, what is pushed is beyond a hole that is known (R4), and the cursor stays before it.
    const place: Place = { epoch, upTo: before && !reset ? before.upTo : upTo, aheadTo: upTo };
    this.#places.set(room, place);
    for (let page = changes; page?.more === true;) {
      const next = await session.request('room.changes', { room, epoch, after: upTo });
      // What is missing of the pages is had by coming back.
      if (next.outcome !== 'ok' || !next.data.changes) return session.close();
      page = next.data.changes;
      ({ upTo } = page);
    }
    place.upTo = Math.max(upTo, place.aheadTo ?? 0);
    place.aheadTo = undefined;
  }

  #advance(room: string, epoch: string, upTo: number): void {
    const place = this.#places.get(room);
    if (place?.epoch !== epoch) return;
    if (place.aheadTo === undefined) place.upTo = upTo;
    else place.aheadTo = upTo;
  }
}
