import { ContextProvider } from '@lit/context';
import { css, html, nothing } from 'lit';
import { property } from 'lit/decorators.js';
import type { ChatClient } from './client/chat-client.ts';
import { clientContext } from './context.ts';
import { SelectionController } from './controllers/selection-controller.ts';
import { TellController } from './controllers/tell-controller.ts';
import { WatchController } from './controllers/watch-controller.ts';
import { ChatterElement } from './element.ts';

/**
 * Connects everything inside it to a Chatter server, and makes a room list and a room inside it master and detail.
 *
 * Lays out nothing (`display: contents`), except where a room list and a room are its own children: those stand side by side,
 * or one below the other where it is narrow, until the page says otherwise.
 *
 * @slot - the elements to connect, anywhere inside
 * @attr room - id of the room that is looked at
 * @fires chatter-connection-change - the connection came, went, or was given up
 * @fires chatter-unread - the number of unread messages changed
 * @fires chatter-error - something is wrong with how the element is used, or with the answer of `token-url`
 * @csspart problem - the sentence in place of a connection that cannot be made
 */
export class ChatterConnection extends ChatterElement {
  static override readonly tag = 'chatter-connection';

  static override styles = [
    ChatterElement.styles,
    css`
      :host {
        display: contents;
        color: inherit;
      }

      .problem {
        padding: 12px 16px;
        font-size: var(--_ch-text-md);
        color: var(--_ch-body-color);
        background: color-mix(in srgb, var(--_ch-danger) 12%, var(--_ch-body-bg));
        border-radius: var(--_ch-border-radius);
      }

      :host(:state(paired)) {
        display: flex;
        flex-wrap: wrap;
        align-items: stretch;
        gap: 16px;
        block-size: 100%;
      }

      :host(:state(paired)) ::slotted(chatter-room-list) {
        flex: 1 1 280px;
      }

      :host(:state(paired)) ::slotted(chatter-room) {
        flex: 3 1 440px;
      }
    `,
  ];

  /** Id of the room that is looked at by the elements inside. */
  @property({ reflect: true }) room: string | undefined;

  #clientProvider = new ContextProvider(this, { context: clientContext });

  constructor() {
    super();
    new SelectionController(this, (roomId) => (this.room = roomId));
    new WatchController(this, () => this.client);
    new WatchController(this, () => this.client?.rooms);
    new TellController(this, () => this.ownClient);
  }

  protected override clientChanged(client: ChatClient | undefined): void {
    this.#clientProvider.setValue(client);
  }

  protected override render(): unknown {
    return html`${this.problem ? html`<p class="problem" part="problem" role="alert">${this.problem}</p>` : nothing}
      <slot @slotchange=${this.#onSlotChange}></slot>`;
  }

  #onSlotChange = (event: Event): void => {
    const names = (event.target as HTMLSlotElement).assignedElements().map((element) => element.localName);
    this.setState('paired', names.includes('chatter-room-list') && names.includes('chatter-room'));
  };
}

declare global {
  interface HTMLElementTagNameMap {
    'chatter-connection': ChatterConnection;
  }
}
