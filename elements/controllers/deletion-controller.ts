import type { ReactiveController, ReactiveControllerHost } from 'lit';
import type { Room } from '../client/room.ts';

/** Deleting a message: asked once more where it stands, then done; a refusal is told there too. */
export class DeletionController implements ReactiveController {
  readonly #host: ReactiveControllerHost;
  #askingKey: string | undefined;
  #failure: { key: string; text: string } | undefined;
  /** Set anew by each question and each reset: an answer that finds another one came too late. */
  #attempt = Symbol();

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
    this.reset();
    this.#askingKey = key;
  }

  reset(): void {
    this.#attempt = Symbol();
    this.#askingKey = undefined;
    this.#failure = undefined;
    this.#host.requestUpdate();
  }

  /** `excuse` is said where the refusal says nothing. */
  async delete(room: Room, seq: number, excuse: string): Promise<void> {
    const key = this.#askingKey;
    if (key === undefined) return;
    this.reset();
    const attempt = this.#attempt;
    try {
      await room.delete(seq);
    } catch (error) {
      if (attempt !== this.#attempt) return;
      this.#failure = { key, text: error instanceof Error && error.message ? error.message : excuse };
      this.#host.requestUpdate();
    }
  }
}
