import type { ReactiveController, ReactiveControllerHost } from 'lit';
import type { ChatClient } from '../client/chat-client.ts';

/** Watches who is online among the people that its host shows, and updates it when one comes or goes. */
export class PresenceController implements ReactiveController {
  #host: ReactiveControllerHost;
  #shown: () => { client: ChatClient | undefined; userIds: readonly string[] };
  #client: ChatClient | undefined;
  #key = '';
  #undo: (() => void) | undefined;
  #isConnected = false;

  constructor(host: ReactiveControllerHost, shown: () => { client: ChatClient | undefined; userIds: readonly string[] }) {
    this.#host = host;
    this.#shown = shown;
    host.addController(this);
  }

  isOnline(userId: string): boolean {
    return this.#client?.isOnline(userId) ?? false;
  }

  hostConnected(): void {
    this.#isConnected = true;
    this.#host.requestUpdate();
  }

  hostUpdate(): void {
    if (!this.#isConnected) return;
    const { client, userIds } = this.#shown();
    // Sorted: a list that is only in another order watches the same people.
    const key = [...userIds].sort().join('\n');
    if (client === this.#client && key === this.#key) return;
    const before = this.#undo;
    this.#client = client;
    this.#key = key;
    this.#undo = userIds.length > 0 ? client?.watchPresence(userIds, () => this.#host.requestUpdate()) : undefined;
    // After the new watch, so that who is in both is not given up in between.
    before?.();
  }

  hostDisconnected(): void {
    this.#isConnected = false;
    this.#undo?.();
    this.#undo = undefined;
    this.#client = undefined;
    this.#key = '';
  }
}
