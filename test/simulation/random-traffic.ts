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
    const choices = this.#deliverable();
    for (let left = 1 + Math.floor(this.#random() * mostAtOnce); left > 0 && choices.length > 0; left -= 1) {
      const [next] = choices.splice(Math.floor(this.#random() * choices.length), 1);
      this.#deliveries.splice(this.#deliveries.indexOf(next!), 1);
      next!.deliver();
    }
  }

  /** In one turn the first of each lane: no page is told two things in one. */
  #deliverAll(): void {
    const used = new Set<Lane>();
    const deliveries = this.#deliveries;
    this.#deliveries = [];
    const kept: Delivery[] = [];
    for (const delivery of deliveries) {
      const { lane } = delivery;
      const mayArrive = delivery.isOnTime && !lane.isStalled && !used.has(lane);
      used.add(lane);
      if (mayArrive) delivery.deliver();
      else kept.push(delivery);
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
