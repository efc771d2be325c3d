import type { Bus, BusMode } from './bus.ts';

type Delivery = (topic: string, payload: string) => void;
type Trouble = (error: unknown, stage: 'publish' | 'subscribe' | 'delivery') => void;

/**
 * A bus within one process. Each `bus()` is one node; a lone node talks to nobody. Tests turn what real brokers do by
 * themselves: `drop` loses payloads, `gap` is a reconnect.
 */
export class MemoryBroker {
  readonly #nodes = new Set<MemoryBus>();
  #isLost: (topic: string, payload: string) => boolean = () => false;

  bus(): Bus {
    const node = new MemoryBus((topic, payload) => this.#carry(node, topic, payload), () => this.#nodes.delete(node));
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
    for (const node of this.#nodes) node.turn('down');
  }

  up(): void {
    for (const node of this.#nodes) node.turn('up');
    this.gap();
  }

  /** Tells every node that it may have missed something. */
  gap(): void {
    for (const node of this.#nodes) node.gap();
  }

  #carry(from: MemoryBus, topic: string, payload: string): void {
    if (this.#nodes.size === 1 || this.#isLost(topic, payload)) return;
    // Never in the publisher's turn: a real broker is elsewhere.
    setImmediate(() => {
      for (const node of this.#nodes) if (node !== from) node.deliver(topic, payload);
    });
  }
}

class MemoryBus implements Bus {
  readonly #carry: Delivery;
  readonly #leave: () => void;
  readonly #topics = new Set<string>();
  readonly #deliveries = new Set<Delivery>();
  readonly #gaps = new Set<() => void>();
  readonly #troubles = new Set<Trouble>();
  readonly #turns = new Set<(mode: BusMode) => void>();
  #mode: BusMode = 'up';
  #isClosed = false;

  constructor(carry: Delivery, leave: () => void) {
    this.#carry = carry;
    this.#leave = leave;
  }

  get mode(): BusMode {
    return this.#mode;
  }

  publish(topic: string, payload: string): void {
    if (!this.#isClosed && this.#mode === 'up') this.#carry(topic, payload);
  }

  async subscribe(topic: string): Promise<void> {
    this.#topics.add(topic);
  }

  async unsubscribe(topic: string): Promise<void> {
    this.#topics.delete(topic);
  }

  onDelivery(listener: Delivery): () => void {
    this.#deliveries.add(listener);
    return () => this.#deliveries.delete(listener);
  }

  onGap(listener: () => void): () => void {
    this.#gaps.add(listener);
    return () => this.#gaps.delete(listener);
  }

  onModeChange(listener: (mode: BusMode) => void): () => void {
    this.#turns.add(listener);
    return () => this.#turns.delete(listener);
  }

  onError(listener: Trouble): () => void {
    this.#troubles.add(listener);
    return () => this.#troubles.delete(listener);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#leave();
  }

  /** Of the broker. */
  deliver(topic: string, payload: string): void {
    if (this.#isClosed || this.#mode !== 'up' || !this.#topics.has(topic)) return;
    for (const listener of this.#deliveries) {
      try {
        listener(topic, payload);
      } catch (error) {
        for (const trouble of this.#troubles) trouble(error, 'delivery');
      }
    }
  }

  /** Of the broker. */
  turn(mode: BusMode): void {
    if (this.#mode === mode) return;
    this.#mode = mode;
    for (const listener of this.#turns) listener(mode);
  }

  /** Of the broker. */
  gap(): void {
    for (const listener of this.#gaps) listener();
  }
}
