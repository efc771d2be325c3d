import type { Bus } from '../../../server/bus/bus.ts';
import type { Clock } from '../../../server/clock.ts';
import { seededRandom } from '../../support/random.ts';
import { overriding } from './overriding.ts';

/** What a node's bus does to what others say. All zero is a bus that tells the truth. */
export interface Lie {
  seed: number;
  /** Shares of deliveries, from 0 to 1. */
  dropped: number;
  doubled: number;
  /** Each delivery is late by up to this, so that later ones overtake it. */
  lateMs: number;
  /** Of each room the last fact before a silence is lost. */
  losesTails: boolean;
}

export const truth: Lie = { seed: 0, dropped: 0, doubled: 0, lateMs: 0, losesTails: false };

/** A fact after which nothing comes for so long was the last one before a silence. */
const silenceMs = 400;

type Deliver = (topic: string, payload: string) => void;

/** Between the bus and the node: everything comes by here, and not everything comes out. */
export class LyingBus {
  readonly bus: Bus;
  readonly #clock: Clock;
  #lie = truth;
  #random = seededRandom(0);
  /** Facts held back until the next of their room comes. */
  readonly #tails = new Map<string, () => void>();

  constructor(bus: Bus, clock: Clock) {
    this.#clock = clock;
    this.bus = overriding(bus, {
      onDelivery: (listener) => bus.onDelivery((topic, payload) => this.#deliver(topic, payload, listener)),
    });
  }

  lie(lie: Lie): void {
    this.#lie = lie;
    this.#random = seededRandom(lie.seed);
  }

  #deliver(topic: string, payload: string, listener: Deliver): void {
    const { dropped, doubled, lateMs, losesTails } = this.#lie;
    if (losesTails && payload.startsWith('{"kind":"changed"')) return this.#holdTail(topic, payload, listener);
    if (dropped > 0 && this.#random() < dropped) return;
    const copies = doubled > 0 && this.#random() < doubled ? 2 : 1;
    for (let copy = 0; copy < copies; copy += 1) {
      if (lateMs === 0) listener(topic, payload);
      else this.#clock.after(this.#random() * lateMs, () => listener(topic, payload));
    }
  }

  #holdTail(topic: string, payload: string, listener: Deliver): void {
    const room = /"room":"([^"]*)"/.exec(payload)?.[1] ?? topic;
    this.#tails.get(room)?.();
    const forget = this.#clock.after(silenceMs, () => this.#tails.delete(room));
    this.#tails.set(room, () => {
      forget();
      this.#tails.delete(room);
      listener(topic, payload);
    });
  }
}
