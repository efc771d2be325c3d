import type { ManualClock } from '../support/clock.ts';
import { seededRandom } from '../support/random.ts';
import { Lane, type Traffic } from '../support/traffic.ts';

interface Delivery {
  deliver: () => void;
  lane: Lane;
  isOnTime: boolean;
}

/** The most that arrives in one turn of the event loop. */
const mostAtOnce = 4;

/** What is on its way arrives in an order that a number chooses, as far as its lanes leave a choice. With 0, in its order. */
export class RandomTraffic implements Traffic {
  readonly #clock: ManualClock;
  /** In the order in which they set out. */
  #deliveries: Delivery[] = [];
  #random: (() => number) | undefined;

  constructor(clock: ManualClock) {
    this.#clock = clock;
  }

  /** From now on this number chooses. */
  choose(by: number): void {
    this.#random = by === 0 ? undefined : seededRandom(by);
  }

  carry(deliver: () => void, lane: Lane = new Lane()): void {
    const delivery = { deliver, lane, isOnTime: lane.delayMs === 0 };
    this.#deliveries.push(delivery);
    if (lane.delayMs > 0) this.#clock.after(lane.delayMs, () => void (delivery.isOnTime = true));
  }

  /** As `carry`, for what somebody waits for. */
  pass(lane?: Lane): Promise<void> {
    return new Promise((resolve) => this.carry(resolve, lane));
  }

  get isQuiet(): boolean {
    return this.#deliveries.length === 0 || this.#deliverable().length === 0;
  }

  deliverSome(): void {
    if (!this.#random) return this.#deliverAll();
    for (let left = 1 + Math.floor(this.#random() * mostAtOnce); left > 0; left -= 1) {
      const choices = this.#deliverable();
      const next = choices[Math.floor(this.#random() * choices.length)];
      if (!next) return;
      this.#deliveries.splice(this.#deliveries.indexOf(next), 1);
      next.deliver();
    }
  }

  /** In one turn all that can arrive. */
  #deliverAll(): void {
    const blocked = new Set<Lane>();
    const deliveries = this.#deliveries;
    this.#deliveries = [];
    const kept: Delivery[] = [];
    for (const delivery of deliveries) {
      const { lane } = delivery;
      if (lane.isStalled || !delivery.isOnTime || blocked.has(lane)) {
        blocked.add(lane);
        kept.push(delivery);
      } else {
        delivery.deliver();
      }
    }
    this.#deliveries = [...kept, ...this.#deliveries];
  }

  /** The first of each lane that moves. */
  #deliverable(): Delivery[] {
    const seen = new Set<Lane>();
    return this.#deliveries.filter(({ lane, isOnTime }) => {
      if (seen.has(lane)) return false;
      seen.add(lane);
      return isOnTime && !lane.isStalled;
    });
  }
}
