import { percentile } from './percentile.ts';

/** With nothing arriving for so long, what is missing is lost. */
const patienceMs = 15_000;
/** About so many sockets are read in full: spread over all, because a server tells its sockets one after the other. */
const watchedSockets = 50;

/**
 * What arrives in one room, at every socket: counted at all of them, and read at the watched ones. It fails where something
 * is lost, comes twice, or comes to two sockets in different orders.
 */
export class Arrivals {
  /** Messages that arrived, over all sockets. */
  count = 0;
  /** From when a message was due to be sent to its arrival at a watched socket; of each node of the server apart. */
  readonly latenciesMs: number[][];
  readonly sessions: number;
  readonly #nodes: number;
  readonly #dueAt: number[] = [];
  /** Messages in the order of the socket that is ahead, and how far each watched one has come in it. */
  readonly #order: number[] = [];
  readonly #seen = new Set<number>();
  readonly #places = new Map<number, number>();
  #expected = Infinity;
  #settle: { resolve: () => void; reject: (error: Error) => void } | undefined;
  #failure: Error | undefined;

  /** Person `index` is on node `index % nodes`. */
  constructor(sessions: number, nodes = 1) {
    this.sessions = sessions;
    this.#nodes = nodes;
    this.latenciesMs = Array.from({ length: nodes }, () => []);
    // An odd step, so that the sockets of each of two nodes are watched.
    const step = Math.max(1, Math.floor(sessions / watchedSockets));
    const watchEvery = step % 2 === 0 ? step + 1 : step;
    for (let session = 0; session < sessions; session += watchEvery) this.#places.set(session, 0);
  }

  isWatched(session: number): boolean {
    return this.#places.has(session);
  }

  get watchedCount(): number {
    return this.#places.size;
  }

  /** Messages that were to be sent so far. */
  get sent(): number {
    return this.#dueAt.length;
  }

  /** Gives the next message its number. `dueAt` is when it should leave, whether it can or not. */
  next(dueAt: number): number {
    return this.#dueAt.push(dueAt) - 1;
  }

  /** So many messages arrived at one socket. */
  add(count: number): void {
    this.count += count;
    if (this.count >= this.#expected) this.#check();
  }

  /** A watched socket got this message, its next one. Told before `add`. */
  watched(session: number, message: number): void {
    const place = this.#places.get(session) ?? 0;
    this.#places.set(session, place + 1);
    if (place === this.#order.length) {
      if (this.#seen.has(message)) return this.fail(new Error(`Person ${session} got message ${message} twice.`));
      this.#seen.add(message);
      this.#order.push(message);
    } else if (this.#order[place] !== message) {
      return this.fail(new Error(`Person ${session} got message ${message} where others got ${this.#order[place]}.`));
    }
    const dueAt = this.#dueAt[message];
    if (dueAt === undefined) return this.fail(new Error(`Person ${session} got message ${message}, which nobody sent.`));
    this.latenciesMs[session % this.#nodes]!.push(performance.now() - dueAt);
  }

  /** Resolves when all that was sent has arrived everywhere, but for those that the server refused to take. */
  async complete(refused = 0): Promise<void> {
    this.#expected = (this.sent - refused) * this.sessions;
    let before = -1;
    const watchdog = setInterval(() => {
      if (this.count === before) this.fail(new Error(`${this.count} of ${this.#expected} deliveries came, and no more: the rest is lost.`));
      before = this.count;
    }, patienceMs);
    try {
      await new Promise<void>((resolve, reject) => {
        this.#settle = { resolve, reject };
        this.#check();
      });
    } finally {
      clearInterval(watchdog);
      this.#settle = undefined;
      this.#expected = Infinity;
    }
    for (const [session, place] of this.#places) {
      if (place !== this.#order.length) throw new Error(`Person ${session} got ${place} messages where others got ${this.#order.length}.`);
    }
  }

  /** Of all nodes together; what was heard so far is forgotten. */
  takePercentiles(): { p50Ms: number; p99Ms: number } {
    const all = this.takeLatencies().flat();
    return { p50Ms: percentile(all, 0.5), p99Ms: percentile(all, 0.99) };
  }

  takeLatencies(): number[][] {
    return this.latenciesMs.map((latencies) => latencies.splice(0));
  }

  fail(error: Error): void {
    this.#failure ??= error;
    this.#settle?.reject(this.#failure);
  }

  #check(): void {
    if (this.#failure) this.#settle?.reject(this.#failure);
    else if (this.count > this.#expected) this.fail(new Error(`${this.count} deliveries where ${this.#expected} were to come: something came twice.`));
    else if (this.count === this.#expected) this.#settle?.resolve();
  }
}
