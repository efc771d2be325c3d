import type { ReactiveController, ReactiveControllerHost } from 'lit';
import type { ChatClient, ConnectionState } from '../client/chat-client.ts';
import { ChatterConnectionChangeEvent, ChatterUnreadEvent } from '../events.ts';

/**
 * Tells the page, by events of its host, how the connection is and how much is unread. Only the element that brought the
 * client tells: those inside it share the client, and would say the same again.
 */
export class TellController implements ReactiveController {
  #host: ReactiveControllerHost & HTMLElement;
  #ownClient: () => ChatClient | undefined;
  #toldStatus: ConnectionState['status'] | undefined;
  #toldUnread = 0;

  constructor(host: ReactiveControllerHost & HTMLElement, ownClient: () => ChatClient | undefined) {
    this.#host = host;
    this.#ownClient = ownClient;
    host.addController(this);
  }

  hostUpdated(): void {
    const client = this.#ownClient();
    if (!client) return;
    if (client.connection.status !== this.#toldStatus) {
      this.#toldStatus = client.connection.status;
      this.#host.dispatchEvent(new ChatterConnectionChangeEvent(client.connection));
    }
    if (client.rooms.unread !== this.#toldUnread) {
      this.#toldUnread = client.rooms.unread;
      this.#host.dispatchEvent(new ChatterUnreadEvent(client.rooms.unread));
    }
  }
}
