import { rhythms } from '#protocol/codes';
import type { Person } from '#protocol/models';
import { type Clock, Timers } from './clock.ts';

/** Who types in a room, and telling that I do (P4). Nothing of it is ever repeated: it may be lost. */
export class Typing {
  readonly #timers: Timers;
  readonly #tell: (active: boolean) => void;
  readonly #onChange: () => void;
  readonly #others = new Map<string, Person>();
  #isMine = false;

  constructor(clock: Clock, tell: (active: boolean) => void, onChange: () => void) {
    this.#timers = new Timers(clock);
    this.#tell = tell;
    this.#onChange = onChange;
  }

  get others(): Person[] {
    return [...this.#others.values()];
  }

  put(person: Person, isActive: boolean): void {
    if (!isActive) return this.stopped(person.id);
    this.#timers.set(`of ${person.id}`, rhythms.typingExpiryMs, () => this.stopped(person.id));
    this.#others.set(person.id, person);
    this.#onChange();
  }

  /** Whose message has come does not type any more. */
  stopped(userId: string): void {
    this.#timers.clear(`of ${userId}`);
    if (this.#others.delete(userId)) this.#onChange();
  }

  setMine(isTyping: boolean): void {
    if (isTyping ? this.#timers.has('mine') : !this.#isMine) return;
    this.#isMine = isTyping;
    if (isTyping) this.#timers.set('mine', rhythms.typingEveryMs, () => {});
    else this.#timers.clear('mine');
    this.#tell(isTyping);
  }

  /** My message is on its way: whoever gets it knows that I do not type any more. */
  sent(): void {
    this.#isMine = false;
    this.#timers.clear('mine');
  }

  clear(): void {
    this.sent();
    this.#timers.clearAll();
    this.#others.clear();
    this.#onChange();
  }
}
