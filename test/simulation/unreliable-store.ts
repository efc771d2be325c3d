import { ChatterError } from '../../server/errors.ts';
import type { Store } from '../../server/store/store.ts';
import { Lane } from '../support/traffic.ts';
import type { RandomTraffic } from './random-traffic.ts';

/** How a node's way to its database is, when it is not well. */
export interface StoreTrouble {
  /** How long each answer takes, by the clock. */
  delayMs: number;
  /** So many calls fail and did nothing. */
  failing: number;
  /** So many calls fail though they did what they were asked: the answer was lost. */
  unanswered: number;
}

/** What the simulation makes go wrong itself; the servers may log it. */
export class MadeTrouble extends Error {}

export function isMadeTrouble(error: unknown): boolean {
  return error instanceof MadeTrouble || (error instanceof ChatterError && error.cause instanceof MadeTrouble);
}

/** One node's way to the database: questions and answers travel, overtake each other, come late or not at all. */
export class UnreliableStore {
  trouble: StoreTrouble = { delayMs: 0, failing: 0, unanswered: 0 };
  readonly store: Store;
  readonly #traffic: RandomTraffic;
  /** What a store promises to keep in order: appends to one room. */
  readonly #appends = new Map<string, { there: Lane; back: Lane }>();
  /** Counts the lives of the node: what an earlier one has asked may get lost on the way. */
  #life = 0;

  constructor(store: Store, traffic: RandomTraffic, onDone: (method: string, args: readonly unknown[], result: unknown) => void) {
    this.#traffic = traffic;
    this.store = new Proxy(store, {
      get: (target, name) => {
        const method: unknown = Reflect.get(target, name);
        if (typeof method !== 'function') return method;
        return async (...args: unknown[]): Promise<unknown> => {
          const life = this.#life;
          const lanes = name === 'appendMessage' ? this.#lanesOf(args) : { there: new Lane(), back: new Lane() };
          await this.#traffic.pass(lanes.there);
          if (life !== this.#life) return new Promise(() => {});
          if (this.#use('failing')) throw unavailable();
          // The answer is on its way from here on, whatever it is: order is kept between answers, too.
          const answer = (Reflect.apply(method, target, args) as Promise<unknown>).then((result) => {
            onDone(String(name), args, result);
            return result;
          });
          const isUnanswered = this.#use('unanswered');
          lanes.back.delayMs = this.trouble.delayMs;
          await Promise.all([this.#traffic.pass(lanes.back), answer.catch(() => undefined)]);
          if (isUnanswered) throw unavailable();
          return answer;
        };
      },
    });
  }

  /** The node has died. `areLost`: what it has asked and was not begun will not be. */
  died(areLost: boolean): void {
    if (areLost) this.#life += 1;
  }

  #use(what: 'failing' | 'unanswered'): boolean {
    if (this.trouble[what] === 0) return false;
    this.trouble[what] -= 1;
    return true;
  }

  #lanesOf([tenant, draft]: unknown[]): { there: Lane; back: Lane } {
    const key = `${String(tenant)} ${(draft as { room: string }).room}`;
    let lanes = this.#appends.get(key);
    if (!lanes) this.#appends.set(key, (lanes = { there: new Lane(), back: new Lane() }));
    return lanes;
  }
}

function unavailable(): ChatterError {
  return new ChatterError('unavailable', 'The database does not answer.', { cause: new MadeTrouble('made by the simulation') });
}
