import type { ReactiveController, ReactiveControllerHost } from 'lit';

/** Updates its host when a new day begins, as "today" is then "yesterday"; also after a sleep through midnight. */
export class DayController implements ReactiveController {
  #host: ReactiveControllerHost;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #day = '';

  constructor(host: ReactiveControllerHost) {
    this.#host = host;
    host.addController(this);
  }

  hostConnected(): void {
    this.#day = new Date().toDateString();
    document.addEventListener('visibilitychange', this.#look);
    this.#wait();
  }

  hostDisconnected(): void {
    document.removeEventListener('visibilitychange', this.#look);
    clearTimeout(this.#timer);
  }

  #look = (): void => {
    const day = new Date().toDateString();
    if (day !== this.#day) this.#host.requestUpdate();
    this.#day = day;
    this.#wait();
  };

  #wait(): void {
    clearTimeout(this.#timer);
    const now = new Date();
    const midnight = new Date(now.getFullYear(), now.getMonth(), now.getDate() + 1).getTime();
    this.#timer = setTimeout(this.#look, midnight - now.getTime() + 50);
  }
}
