import type { Fault, Reach } from './faults/fault.ts';
import type { Chance } from './seeds.ts';
import { pause } from './time.ts';

/** Makes trouble for as long as `isGoingOn`, and has ended all of it when it is done. */
export class Nemesis {
  readonly counts = new Map<string, number>();
  readonly #faults: readonly Fault[];
  readonly #reach: Omit<Reach, 'say'>;
  readonly #chance: Chance;
  readonly #print: (line: string) => void;
  readonly #active = new Map<Fault['on'], Promise<void>>();

  constructor(faults: readonly Fault[], reach: Omit<Reach, 'say'>, print: (line: string) => void) {
    this.#faults = faults;
    this.#reach = reach;
    this.#chance = reach.chance;
    this.#print = print;
  }

  /** Makes trouble while there is time left. Rejects where a fault could not be made or ended, which is trouble of the harness. */
  async run(isGoingOn: () => boolean): Promise<void> {
    const chance = this.#chance;
    for (;;) {
      await pause(chance.whole(200, 2_500));
      if (!isGoingOn()) break;
      const free = this.#faults.filter(({ on }) => !this.#active.has(on));
      const fault = chance.pick(free);
      if (fault) this.#begin(fault);
      // Now and then the next one comes while this one is still at work.
      if (chance.happens(0.3)) await pause(chance.whole(200, 1_500));
      else await Promise.all(this.#active.values());
    }
    await Promise.all(this.#active.values());
  }

  #begin(fault: Fault): void {
    const { name, on } = fault;
    this.counts.set(name, (this.counts.get(name) ?? 0) + 1);
    this.#reach.history.add('fault', { name, phase: 'begins', detail: '' });
    const startedAt = this.#reach.history.now();
    const details: string[] = [];
    const run = fault.run({ ...this.#reach, say: (detail) => details.push(detail) }).then(() => {
      this.#reach.history.add('fault', { name, phase: 'ends', detail: details.join(', ') });
      this.#print(`${seconds(startedAt)} to ${seconds(this.#reach.history.now())}  ${name}: ${details.join(', ')}`);
      this.#active.delete(on);
    });
    // Heard of where it is awaited; until then it must not end the process.
    run.catch(() => undefined);
    this.#active.set(on, run);
  }
}

function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(1).padStart(6)} s`;
}
