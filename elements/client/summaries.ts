import type { Head } from '#protocol/frames';
import type { Fact, Person, RoomSummary } from '#protocol/models';
import { backoffMs } from './backoff.ts';
import { type Clock, Timers } from './clock.ts';
import { ChatterClientError } from './errors.ts';
import { merged, type SummaryChange, withFact, withHead, withRead } from './summary.ts';

export interface SummariesOptions {
  clock: Clock;
  random: () => number;
  me: () => string | undefined;
  person: (id: string) => Person | undefined;
  /** Asks the server for one room. Rejects where there is no such room for me, or no connection. */
  ask: (room: string) => Promise<RoomSummary>;
}

/** What is known of each room's summary: one truth for the list and for the rooms. */
export class Summaries {
  readonly #options: SummariesOptions;
  readonly #byRoom = new Map<string, RoomSummary>();
  /** The place in the log at which each room was described: a head moves the summary on, and says nothing of name and people. */
  readonly #describedAt = new Map<string, number>();
  readonly #listeners = new Set<(room: string) => void>();
  readonly #asked = new Map<string, { again: boolean }>();
  /** Questions that were refused for now, by room. */
  readonly #timers: Timers;

  constructor(options: SummariesOptions) {
    this.#options = options;
    this.#timers = new Timers(options.clock);
  }

  /** The connection is gone, and with it what was to be asked. */
  pause(): void {
    this.#timers.clearAll();
  }

  get(room: string): RoomSummary | undefined {
    return this.#byRoom.get(room);
  }

  all(): RoomSummary[] {
    return [...this.#byRoom.values()];
  }

  /** Called at once for each room that changed: listeners only take note of it. */
  onChange(listener: (room: string) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  put(told: RoomSummary): void {
    const known = this.#byRoom.get(told.id);
    const { summary, isExact } = merged(known, told, this.#options.me());
    // Answers and pushes overtake each other: what was read earlier does not describe the room any more.
    const isOlder = known?.epoch === told.epoch && told.seq < (this.#describedAt.get(told.id) ?? 0);
    if (!isOlder) this.#describedAt.set(told.id, told.seq);
    this.#set(told.id, { isExact, summary: isOlder ? { ...summary, ...descriptionOf(known) } : summary });
  }

  /** A head of a room that is not known yet is a room that appeared: what is missing is asked for. */
  putHead(head: Head): void {
    const known = this.#byRoom.get(head.room);
    if (known) this.#set(head.room, withHead(known, head, this.#options.me()));
    else this.#ask(head.room);
  }

  putRead(room: string, mark: { readSeq: number; readCount: number; unread?: number }): void {
    const known = this.#byRoom.get(room);
    if (known) this.#set(room, withRead(known, mark));
  }

  putFacts(room: string, facts: readonly Fact[]): void {
    const known = this.#byRoom.get(room);
    if (!known) return;
    const { me, person } = this.#options;
    let summary = known;
    let isExact = true;
    for (const fact of facts) {
      const change = withFact(summary, fact, me(), person);
      if (fact.kind === 'room') this.#describedAt.set(room, Math.max(fact.seq, this.#describedAt.get(room) ?? 0));
      summary = change.summary;
      isExact = summary.unread === 0 || (isExact && change.isExact);
    }
    this.#set(room, { summary, isExact });
  }

  remove(room: string): void {
    this.#asked.delete(room);
    this.#timers.clear(room);
    this.#describedAt.delete(room);
    this.#byRoom.delete(room);
    // Also where it was not known: whoever reads the list just now has to know that it is gone.
    this.#told(room);
  }

  clear(): void {
    for (const room of [...this.#byRoom.keys()]) this.remove(room);
  }

  #set(room: string, { summary, isExact }: SummaryChange): void {
    if (!isExact) this.#ask(room);
    if (this.#byRoom.get(room) === summary) return;
    this.#byRoom.set(room, summary);
    this.#told(room);
  }

  #told(room: string): void {
    for (const listener of this.#listeners) listener(room);
  }

  /** One question at a time for a room. What was asked while it was on its way is asked once more. */
  #ask(room: string, attempt = 1): void {
    const asked = this.#asked.get(room);
    if (asked) {
      asked.again = true;
      return;
    }
    const question = { again: false };
    const isOpen = () => this.#asked.get(room) === question;
    this.#asked.set(room, question);
    this.#timers.clear(room);
    this.#options.ask(room).then(
      (summary) => {
        // What was read before the room was gone would bring it back.
        if (!isOpen()) return;
        this.#asked.delete(room);
        if (question.again) this.#ask(room);
        this.put(summary);
      },
      (error: unknown) => {
        if (!isOpen()) return;
        this.#asked.delete(room);
        // Gone rooms are told by `room.gone`; lost questions are made up for by the list after the reconnect.
        if (!(error instanceof ChatterClientError) || !error.retryable || error.code === 'offline') return;
        this.#timers.set(room, error.afterMs ?? backoffMs(attempt, this.#options.random), () => this.#ask(room, attempt + 1));
      },
    );
  }
}

function descriptionOf({ name, people, memberCount }: RoomSummary): Pick<RoomSummary, 'name' | 'people' | 'memberCount'> {
  return { name, people, memberCount };
}
