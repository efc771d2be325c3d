import type { ReactiveController, ReactiveControllerHost } from 'lit';

/**
 * Keeps the lower edge of its host above the keyboard of a phone. Where the page resizes with the keyboard (Chromium with
 * `interactive-widget=resizes-content`) there is nothing to do; elsewhere the keyboard covers the page, and only the
 * visual viewport tells. What is covered becomes padding of `surface`, so that everything in it moves up.
 */
export class KeyboardController implements ReactiveController {
  readonly #host: ReactiveControllerHost & HTMLElement;
  readonly #surface: () => HTMLElement | null;
  #registration: AbortController | undefined;

  constructor(host: ReactiveControllerHost & HTMLElement, surface: () => HTMLElement | null) {
    this.#host = host;
    this.#surface = surface;
    host.addController(this);
  }

  hostConnected(): void {
    const viewport = window.visualViewport;
    if (!viewport) return;
    this.#registration = new AbortController();
    const { signal } = this.#registration;
    viewport.addEventListener('resize', this.#fit, { signal });
    viewport.addEventListener('scroll', this.#fit, { signal });
    this.#host.addEventListener('focusin', this.#fit, { signal });
    this.#host.addEventListener('focusout', this.#fit, { signal });
  }

  hostDisconnected(): void {
    this.#registration?.abort();
    this.#surface()?.style.removeProperty('padding-block-end');
  }

  #fit = (): void => {
    const surface = this.#surface();
    const viewport = window.visualViewport;
    if (!surface || !viewport) return;
    // A page that is zoomed in by fingers has a small viewport too, and no keyboard.
    const hasKeyboard = viewport.scale < 1.01 && window.innerHeight - viewport.height > 120 && this.#host.matches(':focus-within');
    const covered = this.#host.getBoundingClientRect().bottom - (viewport.offsetTop + viewport.height);
    surface.style.paddingBlockEnd = hasKeyboard && covered > 0 ? `${Math.ceil(covered)}px` : '';
  };
}
