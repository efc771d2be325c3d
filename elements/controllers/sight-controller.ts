import type { ReactiveController, ReactiveControllerHost } from 'lit';

/** Whether somebody can see the host: the tab is in front, and the host is on the screen. Calls `onSeen` when that begins. */
export class SightController implements ReactiveController {
  readonly #host: ReactiveControllerHost & Element;
  readonly #onSeen: () => void;
  #observer: IntersectionObserver | undefined;
  #isOnScreen = false;

  constructor(host: ReactiveControllerHost & Element, onSeen: () => void) {
    this.#host = host;
    this.#onSeen = onSeen;
    host.addController(this);
  }

  get isSeen(): boolean {
    return this.#isOnScreen && document.visibilityState === 'visible';
  }

  hostConnected(): void {
    this.#observer = new IntersectionObserver((entries) => {
      const entry = entries.at(-1);
      if (!entry) return;
      const { intersectionRatio, intersectionRect, rootBounds } = entry;
      // Half of it, or half a screen of something taller than the screen.
      this.#isOnScreen = intersectionRatio >= 0.5 || (rootBounds !== null && intersectionRect.height >= rootBounds.height / 2);
      this.#look();
    }, { threshold: [0, 0.25, 0.5, 0.75, 1] });
    this.#observer.observe(this.#host);
    document.addEventListener('visibilitychange', this.#look);
  }

  hostDisconnected(): void {
    this.#observer?.disconnect();
    this.#isOnScreen = false;
    document.removeEventListener('visibilitychange', this.#look);
  }

  #look = (): void => {
    if (this.isSeen) this.#onSeen();
  };
}
