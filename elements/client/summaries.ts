import type { Head } from '#protocol/frames';
import type { Fact, Person, RoomSummary } from '#protocol/models';
import { merged, type SummaryChange, withFact, withHead, withRead } from './summary.ts';

export interface SummariesOptions {
  me: () => string | undefined;
  person: (id: string) => Person | undefined;
  /** Asks the server for one room. Rejects where there is no such room for me, or no connection. */
  ask: (room: string) => Promise<RoomSummary>;
}

/** What is known of each room's summary: one truth for the list and for the rooms. */
export class Summaries {
  readonly #options: SummariesOptions;
  readonly #byRoom = new Map<string, RoomSummary>();
  readonly #listeners = new Set<(room: string) => void>();
  readonly #asked = new Map<string, 'once' | 'again'>();

  constructor(options: SummariesOptions) {
    this.#options = options;
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
    this.#set(told.id, merged(this.#byRoom.get(told.id), told, this.#options.me()));
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
      summary = change.summary;
      isExact = summary.unread === 0 || (isExact && change.isExact);
    }
    this.#set(room, { summary, isExact });
  }

  remove(room: string): void {
    if (this.#byRoom.delete(room)) this.#told(room);
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
  #ask(room: string): void {
    if (this.#asked.has(room)) {
      this.#asked.set(room, 'again');
      return;
    }
    this.#asked.set(room, 'once');
    this.#options.ask(room).then(
      (summary) => this.#answered(room, summary),
      // Gone rooms are told by `room.gone`; lost questions are made up for by the list after the reconnect.
      () => this.#asked.delete(room),
    );
  }

  #answered(room: string, summary: RoomSummary): void {
    const isAskedAgain = this.#asked.get(room) === 'again';
    this.#asked.delete(room);
    if (isAskedAgain) this.#ask(room);
    this.put(summary);
  }
}
