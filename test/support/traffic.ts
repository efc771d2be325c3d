/** A one-way street: what travels in one arrives in its order, or waits there while it is `isStalled`. */
export class Lane {
  isStalled = false;
  /** How long each thing that sets out takes, by the clock. */
  delayMs = 0;
}

/** What is on its way between the parts of a world: who carries decides what arrives next. */
export interface Traffic {
  /** Without a lane it overtakes, and is overtaken, as it comes. */
  carry(deliver: () => void, lane?: Lane): void;
  /** Lets arrive some of what can arrive now. */
  deliverSome(): void;
  /** Nothing can arrive now: what is on its way, if anything, waits for the clock or for the end of a stall. */
  readonly isQuiet: boolean;
}

/** Everything arrives as soon as it can, in the order in which it set out. */
export class OrderlyTraffic implements Traffic {
  readonly isQuiet = true;

  carry(deliver: () => void): void {
    queueMicrotask(deliver);
  }

  deliverSome(): void {}
}
