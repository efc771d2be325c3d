import type { Message } from '#protocol/models';
import { type Clock, Timers } from './clock.ts';
import { backoffMs } from './backoff.ts';
import { ChatterClientError } from './errors.ts';
import type { OutboxEntry, OutboxStorage } from './outbox-storage.ts';

/** How long the first send of a visit waits for what an earlier visit has left: a database that hangs must not stop us. */
const adoptTimeoutMs = 2_000;

export interface OutboxOptions {
  storage: OutboxStorage;
  clock: Clock;
  random: () => number;
  /** One try. Rejects with a `ChatterClientError`. */
  send: (entry: OutboxEntry) => Promise<Message>;
  /** The entry was acknowledged, and is gone from the outbox. */
  onSent: (entry: OutboxEntry, message: Message) => void;
  /** Entries of this room changed. */
  onChange: (room: string) => void;
}

/**
 * Messages on their way, first in first out for each room. One at a time is in flight in a room: so they keep their order
 * whatever is refused, lost or tried again (G5), and what was never acknowledged goes first after a reconnect. The same
 * `clientMsgId` goes with every try, so a try whose answer was lost does no harm (G2).
 */
export class Outbox {
  readonly #options: OutboxOptions;
  readonly #timers: Timers;
  readonly #rooms = new Map<string, OutboxEntry[]>();
  /** Ids of entries that another page has written. */
  readonly #adopted = new Set<string>();
  /** Rooms with a try in flight, or a wait before the next one. */
  readonly #busy = new Set<string>();
  /** Counts connections: what was begun on an earlier one moves nothing on. */
  #turn = 0;
  #isOpen = false;
  #owner = '';
  #lastAt = 0;

  constructor(options: OutboxOptions) {
    this.#options = options;
    this.#timers = new Timers(options.clock);
  }

  entries(room: string): readonly OutboxEntry[] {
    return this.#rooms.get(room) ?? [];
  }

  add(room: string, text: string, clientMsgId: string): void {
    this.#lastAt = Math.max(this.#options.clock.now(), this.#lastAt + 1);
    const entry = { owner: this.#owner, clientMsgId, room, text, at: this.#lastAt };
    this.#rooms.set(room, [...this.entries(room), entry]);
    this.#keep(entry);
    this.#options.onChange(room);
    this.#pump(room);
  }

  /** Tries a refused one again, as if it was sent now. */
  retry(room: string, clientMsgId: string): void {
    const entry = this.entries(room).find((one) => one.clientMsgId === clientMsgId && one.error !== undefined);
    if (!entry) return;
    // What is kept of it is written over, and not taken away first: the page may end in between.
    this.#rooms.set(room, this.entries(room).filter((one) => one !== entry));
    this.#adopted.delete(clientMsgId);
    this.add(room, entry.text, clientMsgId);
  }

  discard(room: string, clientMsgId: string): void {
    if (this.#take(room, clientMsgId)) this.#options.onChange(room);
  }

  /** The message was seen in the room: that is an acknowledgement too, and may come before the answer or in place of it. */
  acknowledge(room: string, clientMsgId: string): void {
    this.discard(room, clientMsgId);
  }

  /** There is a connection, as `owner`: adopts what was left over, then sends all of it in its order. */
  async resume(owner: string): Promise<void> {
    this.pause();
    const turn = this.#turn;
    this.#setOwner(owner);
    const adopted = this.#options.storage.adopt(owner).then((entries) => this.#merge(entries, owner));
    const tooLate = new Promise<void>((resolve) => this.#timers.set('adopt', adoptTimeoutMs, resolve));
    await Promise.race([adopted, tooLate]);
    if (this.#turn !== turn) return;
    this.#timers.clear('adopt');
    this.#isOpen = true;
    for (const room of this.#rooms.keys()) this.#pump(room);
  }

  /** The connection is gone. */
  pause(): void {
    this.#turn += 1;
    this.#isOpen = false;
    this.#busy.clear();
    this.#timers.clearAll();
  }

  /** Stops, and leaves what waits to the next page or client that adopts it. */
  close(): void {
    this.pause();
    this.#options.storage.release();
  }

  #pump(room: string): void {
    const entry = this.entries(room).find(({ error }) => error === undefined);
    if (!entry || !this.#isOpen || this.#busy.has(room)) return;
    this.#busy.add(room);
    void this.#try(entry);
  }

  async #try(entry: OutboxEntry, attempt = 1): Promise<void> {
    const turn = this.#turn;
    const { room, clientMsgId } = entry;
    let waitMs = 0;
    try {
      const message = await this.#options.send(entry);
      // An acknowledgement is one whenever it comes, also when the connection is another by now.
      if (this.#take(room, clientMsgId)) this.#options.onSent(entry, message);
    } catch (error) {
      if (this.#turn !== turn) return;
      if (!(error instanceof ChatterClientError)) throw error;
      if (error.retryable) waitMs = error.afterMs ?? backoffMs(attempt, this.#options.random);
      else this.#refuse(entry, error.message);
    }
    if (this.#turn !== turn) return;
    const isStillWaiting = this.entries(room).some((one) => one.clientMsgId === clientMsgId && one.error === undefined);
    if (isStillWaiting) {
      this.#timers.set(room, waitMs, () => void this.#try(entry, attempt + 1));
    } else {
      this.#busy.delete(room);
      this.#pump(room);
    }
  }

  #refuse(entry: OutboxEntry, error: string): void {
    const refused = { ...entry, error };
    const entries = this.entries(entry.room).map((one) => (one.clientMsgId === entry.clientMsgId ? refused : one));
    this.#rooms.set(entry.room, entries);
    this.#keep(refused);
    this.#options.onChange(entry.room);
  }

  #take(room: string, clientMsgId: string): boolean {
    const entries = this.entries(room);
    const rest = entries.filter((entry) => entry.clientMsgId !== clientMsgId);
    if (rest.length === entries.length) return false;
    this.#adopted.delete(clientMsgId);
    if (rest.length === 0) this.#rooms.delete(room);
    else this.#rooms.set(room, rest);
    if (this.#owner !== '') void this.#options.storage.remove(this.#owner, clientMsgId);
    return true;
  }

  #keep(entry: OutboxEntry): void {
    if (entry.owner !== '') void this.#options.storage.put(entry);
  }

  /**
   * Takes over what was left: in the order in which it was written, also where a page that still lives adds to what was
   * taken over before (G5), and before what was written here.
   */
  #merge(left: readonly OutboxEntry[], owner: string): void {
    if (owner !== this.#owner) return;
    for (const room of new Set(left.map((entry) => entry.room))) {
      const known = this.entries(room);
      const knownIds = new Set(known.map(({ clientMsgId }) => clientMsgId));
      const added = left.filter((entry) => entry.room === room && !knownIds.has(entry.clientMsgId));
      if (added.length === 0) continue;
      for (const { clientMsgId } of added) this.#adopted.add(clientMsgId);
      const isAdopted = ({ clientMsgId }: OutboxEntry) => this.#adopted.has(clientMsgId);
      const adopted = [...known.filter(isAdopted), ...added].sort((a, b) => a.at - b.at);
      this.#rooms.set(room, [...adopted, ...known.filter((entry) => !isAdopted(entry))]);
      this.#options.onChange(room);
      this.#pump(room);
    }
  }

  /** Messages written before it was known who writes become `owner`'s; another person's stay where they are kept. */
  #setOwner(owner: string): void {
    if (owner === this.#owner) return;
    for (const [room, entries] of this.#rooms) {
      const mine = entries.filter((entry) => entry.owner === '').map((entry) => ({ ...entry, owner }));
      this.#rooms.set(room, mine);
      for (const entry of mine) this.#keep(entry);
      this.#options.onChange(room);
    }
    this.#owner = owner;
  }
}
