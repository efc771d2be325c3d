import { type Bus, type BusMode, newBusCounters } from './bus.ts';
import { ListenedBus } from './listened-bus.ts';

/** The bus of a node that is the only one. */
export function loneBus(): Bus {
  return new MemoryBus('alone', () => {}, () => {});
}

/**
 * A bus within one process. Each `bus()` is one node. Tests turn what real brokers do by themselves: `drop` loses payloads,
 * `gap` is a reconnect.
 */
export class MemoryBroker {
  readonly #nodes = new Set<MemoryBus>();
  #isLost: (topic: string, payload: string) => boolean = () => false;
  #mode: BusMode = 'up';

  bus(): Bus {
    const node: MemoryBus = new MemoryBus(this.#mode, (topic, payload) => this.#carry(node, topic, payload), () => this.#nodes.delete(node));
    this.#nodes.add(node);
    return node;
  }

  /** Loses the payloads that `isLost` names, from now on. Returns its undo. */
  drop(isLost: (topic: string, payload: string) => boolean): () => void {
    this.#isLost = isLost;
    return () => {
      this.#isLost = () => false;
    };
  }

  /** No payload gets through until `up`, and every node knows. */
  down(): void {
    this.#turn('down');
  }

  up(): void {
    this.#turn('up');
    this.gap();
  }

  /** Tells every node that it may have missed something. */
  gap(): void {
    for (const node of this.#nodes) node.gap();
  }

  #turn(mode: BusMode): void {
    this.#mode = mode;
    for (const node of this.#nodes) node.turn(mode);
  }

  #carry(from: MemoryBus, topic: string, payload: string): void {
    if (this.#nodes.size === 1 || this.#isLost(topic, payload)) return;
    // Never in the publisher's turn: a real broker is elsewhere.
    setImmediate(() => {
      for (const node of this.#nodes) if (node !== from) node.deliver(topic, payload);
    });
  }
}

class MemoryBus extends ListenedBus implements Bus {
  readonly counters = newBusCounters();
  readonly #carry: (topic: string, payload: string) => void;
  readonly #leave: () => void;
  readonly #topics = new Set<string>();
  #mode: BusMode;
  #isClosed = false;

  constructor(mode: BusMode, carry: (topic: string, payload: string) => void, leave: () => void) {
    super();
    this.#mode = mode;
    this.#carry = carry;
    this.#leave = leave;
  }

  get mode(): BusMode {
    return this.#mode;
  }

  publish(topic: string, payload: string): void {
    if (this.#isClosed || this.#mode === 'alone') return;
    if (this.#mode === 'down') {
      this.counters.unsent += 1;
      return;
    }
    this.counters.published += 1;
    this.#carry(topic, payload);
  }

  async subscribe(topic: string): Promise<void> {
    this.#topics.add(topic);
  }

  async unsubscribe(topic: string): Promise<void> {
    this.#topics.delete(topic);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#leave();
  }

  /** Of the broker. */
  deliver(topic: string, payload: string): void {
    if (this.#isClosed || this.#mode !== 'up' || !this.#topics.has(topic)) return;
    this.counters.delivered += 1;
    this.tellDelivery(topic, payload);
  }

  /** Of the broker. */
  turn(mode: BusMode): void {
    if (this.#mode === mode) return;
    this.#mode = mode;
    this.tellMode(mode);
  }

  /** Of the broker. */
  gap(): void {
    this.tellGap();
  }
}
