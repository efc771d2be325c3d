import type { ReactiveController, ReactiveControllerHost } from 'lit';

/** Anything that tells when it changed. */
export interface Watchable {
  onChange(listener: () => void): () => void;
}

/**
 * Updates its host whenever what it watches changes. `source` is asked again before each update, so that a host whose
 * client or room becomes another one watches that one, and no longer the old one.
 */
export class WatchController implements ReactiveController {
  #host: ReactiveControllerHost;
  #source: () => Watchable | undefined;
  #watched: Watchable | undefined;
  #undo: (() => void) | undefined;
  #isConnected = false;

  constructor(host: ReactiveControllerHost, source: () => Watchable | undefined) {
    this.#host = host;
    this.#source = source;
    host.addController(this);
  }

  hostConnected(): void {
    this.#isConnected = true;
    this.#host.requestUpdate();
  }

  hostUpdate(): void {
    // An update may still run after the host was taken away: nothing would ever undo a watch begun then.
    const source = this.#isConnected ? this.#source() : undefined;
    if (source === this.#watched) return;
    this.#undo?.();
    this.#watched = source;
    this.#undo = source?.onChange(() => this.#host.requestUpdate());
  }

  hostDisconnected(): void {
    this.#isConnected = false;
    this.#undo?.();
    this.#undo = undefined;
    this.#watched = undefined;
  }
}
