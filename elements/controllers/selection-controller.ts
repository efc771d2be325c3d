import { ContextProvider } from '@lit/context';
import type { ReactiveController, ReactiveControllerHost } from 'lit';
import type { ChatClient } from '../client/chat-client.ts';
import { selectionContext, type Selection } from '../context.ts';

/** An element that says to those inside it which room is looked at. */
export interface SelectionHost extends ReactiveControllerHost, HTMLElement {
  room: string | undefined;
  readonly client: ChatClient | undefined;
}

/** Provides the `room` of its host to the elements inside, and what chooses another one. */
export class SelectionController implements ReactiveController {
  readonly #host: SelectionHost;
  readonly #select: (roomId: string | undefined) => void;
  readonly #provider: ContextProvider<typeof selectionContext, SelectionHost>;
  #isNew = false;
  #userId: string | undefined;
  /** What this person looked at last. */
  #room: string | undefined;

  constructor(host: SelectionHost, select: (roomId: string | undefined) => void) {
    this.#host = host;
    this.#select = select;
    this.#provider = new ContextProvider(host, { context: selectionContext, initialValue: this.#selection(undefined) });
    host.addController(this);
  }

  hostUpdate(): void {
    const { client, room } = this.#host;
    const userId = client?.user?.id;
    if (userId !== undefined) {
      // Somebody else is signed in: unless the page has said a room for them, the one that is left over is not theirs.
      if (this.#userId !== undefined && userId !== this.#userId && room === this.#room) this.#host.room = undefined;
      this.#userId = userId;
      this.#room = this.#host.room;
    }
    const roomId = this.#host.room || undefined;
    if (roomId !== this.#provider.value?.roomId || this.#isNew) this.#provider.setValue(this.#selection(roomId));
    this.#isNew = false;
  }

  #selection(roomId: string | undefined): Selection {
    return {
      roomId,
      isNew: this.#isNew,
      select: (chosen, { isNew } = { isNew: false }) => {
        this.#isNew = isNew;
        this.#select(chosen);
        // The room that is shown already may be the one that was asked for: that is told again.
        if (isNew) this.#host.requestUpdate();
      },
    };
  }
}
