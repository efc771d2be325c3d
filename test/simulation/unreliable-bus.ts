import type { Bus } from '../../server/bus/bus.ts';
import { Lane } from '../support/traffic.ts';
import type { RandomTraffic } from './random-traffic.ts';

/** What becomes of the rings that a node should hear. */
export type Hearing = 'well' | 'nothing' | 'half' | 'twice' | 'late' | 'in any order';

const lateMs = 700;

/** What one node hears of the others: less, more, later or in another order than it was said. */
export class UnreliableBus {
  hearing: Hearing = 'well';
  readonly #traffic: RandomTraffic;
  readonly #lane = new Lane();
  #rings = 0;

  constructor(traffic: RandomTraffic) {
    this.#traffic = traffic;
  }

  /** The bus of one life of the node. */
  heardThrough(bus: Bus): Bus {
    return new Proxy(bus, {
      get: (target, name) => {
        if (name === 'onDelivery') {
          return (listener: (topic: string, payload: string) => void) => target.onDelivery((topic, payload) => {
            this.#carry(() => listener(topic, payload));
          });
        }
        const member: unknown = Reflect.get(target, name, target);
        return typeof member === 'function' ? (...args: unknown[]): unknown => Reflect.apply(member, target, args) : member;
      },
    });
  }

  #carry(deliver: () => void): void {
    this.#rings += 1;
    this.#lane.delayMs = this.hearing === 'late' ? lateMs : 0;
    switch (this.hearing) {
      case 'nothing': return;
      case 'half': return this.#rings % 2 === 0 ? this.#traffic.carry(deliver, this.#lane) : undefined;
      case 'twice':
        this.#traffic.carry(deliver, this.#lane);
        return this.#traffic.carry(deliver, this.#lane);
      case 'in any order': return this.#traffic.carry(deliver);
      default: return this.#traffic.carry(deliver, this.#lane);
    }
  }
}
