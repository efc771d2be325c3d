import type { ReactiveController, ReactiveControllerHost } from 'lit';
import type { Room } from '../client/room.ts';

/** Deleting a message: asked once more where it stands, then done; a refusal is told there too. */
export class DeletionController implements ReactiveController {
  readonly #host: ReactiveControllerHost;
  #askingKey: string | undefined;
  #failure: { key: string; text: string } | undefined;

  constructor(host: ReactiveControllerHost) {
    this.#host = host;
    host.addController(this);
  }

  hostDisconnected(): void {
    this.reset();
  }

  /** The message whose question is open. */
  get askingKey(): string | undefined {
    return this.#askingKey;
  }

  /** Why this message could not be deleted. */
  failureOf(key: string): string | undefined {
    return this.#failure?.key === key ? this.#failure.text : undefined;
  }

  ask(key: string): void {
    this.#askingKey = key;
    this.#failure = undefined;
    this.#host.requestUpdate();
  }

  reset(): void {
    this.#askingKey = undefined;
    this.#failure = undefined;
    this.#host.requestUpdate();
  }

  /** `excuse` is said where the refusal says nothing. */
  async delete(room: Room, seq: number, excuse: string): Promise<void> {
    const key = this.#askingKey;
    if (key === undefined) return;
    this.reset();
    try {
      await room.delete(seq);
    } catch (error) {
      // Another question is open by now: this one is over.
      if (this.#askingKey !== undefined) return;
      this.#failure = { key, text: error instanceof Error && error.message ? error.message : excuse };
      this.#host.requestUpdate();
    }
  }
}
