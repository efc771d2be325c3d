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
  /** Messages in the order of the socket that is ahead, and how far each watched one has come in it. Of each node, where they differ. */
  readonly #orders: { messages: number[]; seen: Set<number> }[];
  readonly #places = new Map<number, number>();
  #refused = 0;
  #expected = Infinity;
  #settle: { resolve: () => void; reject: (error: Error) => void } | undefined;
  #failure: Error | undefined;

  /** Person `index` is on node `index % nodes`. Not every server gives one order to all nodes: `isOneOrder` tells then. */
  constructor(sessions: number, { nodes = 1, isOrderOfNodes = false }: { nodes?: number; isOrderOfNodes?: boolean } = {}) {
    this.sessions = sessions;
    this.#nodes = nodes;
    this.#orders = Array.from({ length: isOrderOfNodes ? nodes : 1 }, () => ({ messages: [], seen: new Set() }));
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

  /** Whether everybody got everything in one order. */
  get isOneOrder(): boolean {
    return this.#orders.every(({ messages }) => messages.every((message, place) => message === this.#orders[0]!.messages[place]));
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
    const place = this.#places.get(session)!;
    this.#places.set(session, place + 1);
    const { messages, seen } = this.#orderOf(session);
    if (place === messages.length) {
      if (seen.has(message)) return this.fail(new Error(`Person ${session} got message ${message} twice.`));
      seen.add(message);
      messages.push(message);
    } else if (messages[place] !== message) {
      return this.fail(new Error(`Person ${session} got message ${message} where others got ${messages[place]}.`));
    }
    const dueAt = this.#dueAt[message];
    if (dueAt === undefined) return this.fail(new Error(`Person ${session} got message ${message}, which nobody sent.`));
    this.latenciesMs[session % this.#nodes]!.push(performance.now() - dueAt);
  }

  /** The server refused to take one of those that were to be sent: it arrives nowhere. */
  refused(): void {
    this.#refused += 1;
  }

  /** Resolves when all that was sent so far, and not refused, has arrived everywhere. */
  async complete(): Promise<void> {
    this.#expected = (this.sent - this.#refused) * this.sessions;
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
      const { length } = this.#orderOf(session).messages;
      if (place !== length) throw new Error(`Person ${session} got ${place} messages where others got ${length}.`);
    }
  }

  /** Those of each node; what was heard so far is forgotten. */
  takeLatencies(): number[][] {
    return this.latenciesMs.map((latencies) => latencies.splice(0));
  }

  fail(error: Error): void {
    this.#failure ??= error;
    this.#settle?.reject(this.#failure);
  }

  #orderOf(session: number): { messages: number[]; seen: Set<number> } {
    return this.#orders[session % this.#orders.length]!;
  }

  #check(): void {
    if (this.#failure) this.#settle?.reject(this.#failure);
    else if (this.count > this.#expected) this.fail(new Error(`${this.count} deliveries where ${this.#expected} were to come: something came twice.`));
    else if (this.count === this.#expected) this.#settle?.resolve();
  }
}
