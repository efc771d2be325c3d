import type { BusMode } from './bus.ts';

type Delivery = (topic: string, payload: string) => void;
type Trouble = (error: unknown, stage: 'publish' | 'subscribe' | 'delivery') => void;

/** The part of a bus that others listen to. */
export abstract class ListenedBus {
  readonly #deliveries = new Set<Delivery>();
  readonly #gaps = new Set<() => void>();
  readonly #turns = new Set<(mode: BusMode) => void>();
  readonly #troubles = new Set<Trouble>();

  onDelivery(listener: Delivery): () => void {
    return added(this.#deliveries, listener);
  }

  onGap(listener: () => void): () => void {
    return added(this.#gaps, listener);
  }

  onModeChange(listener: (mode: BusMode) => void): () => void {
    return added(this.#turns, listener);
  }

  onError(listener: Trouble): () => void {
    return added(this.#troubles, listener);
  }

  /** One that throws is told of, and does not keep the others from it. */
  protected tellDelivery(topic: string, payload: string): void {
    for (const listener of this.#deliveries) {
      try {
        listener(topic, payload);
      } catch (error) {
        this.tellError(error, 'delivery');
      }
    }
  }

  protected tellGap(): void {
    for (const listener of this.#gaps) listener();
  }

  protected tellMode(mode: BusMode): void {
    for (const listener of this.#turns) listener(mode);
  }

  protected tellError(error: unknown, stage: 'publish' | 'subscribe' | 'delivery'): void {
    for (const listener of this.#troubles) listener(error, stage);
  }

  /** Nobody is told anything any more. */
  protected forgetListeners(): void {
    for (const listeners of [this.#deliveries, this.#gaps, this.#turns, this.#troubles]) listeners.clear();
  }
}

function added<T>(listeners: Set<T>, listener: T): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
