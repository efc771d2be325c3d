import type { ReactiveController, ReactiveControllerHost } from 'lit';
import type { Room } from '../client/room.ts';

/**
 * Keeps open the room that its host shows, and updates the host when the room changes. `source` is asked again before each
 * update; what was opened for another room is closed then.
 */
export class RoomController implements ReactiveController {
  readonly #host: ReactiveControllerHost & HTMLElement;
  readonly #source: () => Room | undefined;
  #room: Room | undefined;
  #undo: (() => void) | undefined;

  constructor(host: ReactiveControllerHost & HTMLElement, source: () => Room | undefined) {
    this.#host = host;
    this.#source = source;
    host.addController(this);
  }

  get room(): Room | undefined {
    return this.#room;
  }

  /** Tries again after opening failed. */
  reopen(): void {
    this.#release();
    if (this.#room) this.#open(this.#room);
    this.#host.requestUpdate();
  }

  hostConnected(): void {
    this.#host.requestUpdate();
  }

  hostUpdate(): void {
    // An update may still run after the host was taken away: a room opened then would never be closed.
    const room = this.#host.isConnected ? this.#source() : undefined;
    if (room === this.#room) return;
    this.#release();
    this.#room = room;
    if (room) this.#open(room);
  }

  hostDisconnected(): void {
    // A move is a disconnect and a connect in one go, and no reason to close.
    queueMicrotask(() => {
      if (this.#host.isConnected) return;
      this.#release();
      this.#room = undefined;
    });
  }

  #open(room: Room): void {
    const unwatch = room.onChange(() => this.#host.requestUpdate());
    const close = room.open();
    this.#undo = () => {
      unwatch();
      close();
    };
  }

  #release(): void {
    this.#undo?.();
    this.#undo = undefined;
  }
}
