import { ContextProvider } from '@lit/context';
import { css, html } from 'lit';
import { property, query, state } from 'lit/decorators.js';
import type { ChatterRoomList } from './chatter-room-list.ts';
import type { ChatClient } from './client/chat-client.ts';
import { clientContext, statusContext } from './context.ts';
import { SelectionController } from './controllers/selection-controller.ts';
import { TellController } from './controllers/tell-controller.ts';
import { WatchController } from './controllers/watch-controller.ts';
import { ChatterElement } from './element.ts';
import { ChatterRoomSelectEvent } from './events.ts';
import { warningIcon } from './icons.ts';
import { handOn, roomListParts, roomParts, statusParts } from './parts.ts';
import { surfaceStyles } from './styles/shared.ts';

/** Below this width of the element, not of the window, there is room for the list or for a room. */
const narrowPx = 680;

/**
 * The list and a room in one: side by side, or one at a time where the element is narrow.
 *
 * Give it a height, or stand it in something that has one; otherwise it takes a height of its own.
 *
 * @attr room - id of the room that is shown; changes as rooms are chosen
 * @attr heading - in place of the title "Conversations"
 * @fires chatter-room-select - a room was chosen, or left for the list (`room` is undefined); `preventDefault()` keeps what is shown
 * @fires chatter-send - a message is about to be sent; `preventDefault()` stops it
 * @fires chatter-sent - a message was stored
 * @fires chatter-connection-change - the connection came, went, or was given up (not below a connection, which says it)
 * @fires chatter-unread - the number of unread messages changed (not below a connection, which says it)
 * @fires chatter-error - the element cannot connect
 * @csspart list - the room list
 * @csspart room - the room
 * @csspart list-room - one room of the list; all parts of the list are there as `list-…`, those of the room under their own names
 * @csspart status - the line that tells of trouble with the connection
 * @csspart status-action - its button
 * @csspart problem - the sentence in place of a connection that cannot be made
 * @cssprop --chatter-list-width - width of the list where both are shown; 340px by default
 * @cssprop --chatter-frame-border - border around the element
 * @cssprop --chatter-frame-radius - roundness of the element's own corners
 */
export class ChatterChat extends ChatterElement {
  static override readonly tag = 'chatter-chat';

  static override styles = [
    ChatterElement.styles,
    surfaceStyles,
    css`
      .panes {
        position: relative;
        flex: 1;
        min-block-size: 0;
        display: flex;
      }

      chatter-room-list,
      chatter-room {
        block-size: auto;
        border: 0;
        border-radius: 0;
      }

      chatter-room-list {
        flex: none;
        inline-size: var(--chatter-list-width, clamp(288px, 34%, 340px));
        border-inline-end: 1px solid var(--_ch-hairline);
      }

      chatter-room {
        flex: 1;
        min-inline-size: 0;
      }

      .is-narrow > chatter-room-list,
      .is-narrow > chatter-room {
        position: absolute;
        inset: 0;
        inline-size: auto;
        border: 0;
      }

      /* Hidden, and not away: the list keeps its place. Nothing hidden can have the focus. */
      .is-away {
        visibility: hidden;
      }
    `,
  ];

  /** Id of the room that is shown. */
  @property({ reflect: true }) room: string | undefined;

  /** In place of the title "Conversations"; an empty one leaves the title away. */
  @property() heading: string | undefined;

  @state() private isNarrow = false;

  @query('chatter-room-list') private list!: ChatterRoomList;

  #clientProvider = new ContextProvider(this, { context: clientContext });
  #resize: ResizeObserver | undefined;
  /** The room that was left for the list: chosen again when there is room for both. */
  #lastRoom: string | undefined;
  #wasMeasured = false;
  /** Whose first room was chosen, or could have been: what comes into an empty list later is theirs to open, and to have read. */
  #chosenFor: string | undefined;

  constructor() {
    super();
    new SelectionController(this, (roomId) => this.#select(roomId));
    new ContextProvider(this, { context: statusContext, initialValue: true });
    new WatchController(this, () => this.client);
    new WatchController(this, () => this.client?.rooms);
    new TellController(this, () => this.ownClient);
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.#resize = new ResizeObserver(([entry]) => this.#measure(entry!.contentRect.width));
    this.#resize.observe(this);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#resize?.disconnect();
  }

  protected override clientChanged(client: ChatClient | undefined): void {
    this.#clientProvider.setValue(client);
  }

  protected override render(): unknown {
    if (this.problem) {
      return html`<div class="surface"><div class="notice" part="problem" role="alert">${warningIcon}<p>${this.problem}</p></div></div>`;
    }
    const showsRoom = !this.isNarrow || Boolean(this.room);
    const showsList = !this.isNarrow || !this.room;
    return html`<div class="surface">
      <chatter-status always exportparts=${handOn(statusParts)} .client=${this.client}></chatter-status>
      <div class="panes ${this.isNarrow ? 'is-narrow' : ''}">
        <chatter-room-list part="list" exportparts=${handOn(roomListParts, 'list-')} class=${showsList ? '' : 'is-away'}
          .heading=${this.heading}></chatter-room-list>
        <chatter-room part="room" exportparts=${handOn(roomParts)} class=${showsRoom ? '' : 'is-away'}
          ?show-back=${this.isNarrow} @chatter-back=${this.#onBack}></chatter-room>
      </div>
    </div>`;
  }

  protected override willUpdate(): void {
    this.#chooseFirst();
  }

  #select(roomId: string | undefined): void {
    this.#lastRoom = roomId ?? this.room;
    this.room = roomId;
  }

  #measure(width: number): void {
    // No width: it is hidden, and will be measured when it is shown.
    if (width === 0) return;
    this.#wasMeasured = true;
    this.isNarrow = width < narrowPx;
    this.#chooseFirst();
  }

  /** An empty half would be a waste: with room for both, the last one looked at or the most recently active room is shown. */
  #chooseFirst(): void {
    const userId = this.client?.user?.id;
    const list = this.client?.rooms;
    if (this.room || userId === undefined || !list) return;
    if (list.rooms.length === 0 && list.status === 'ready') this.#chosenFor = userId;
    if (!this.#wasMeasured || this.isNarrow || list.rooms.length === 0) return;
    const isFirstTime = this.#chosenFor !== userId;
    this.#chosenFor = userId;
    // The last one looked at may have been somebody else's, or be gone.
    const chosen = list.rooms.find(({ id }) => id === this.#lastRoom) ?? (isFirstTime ? list.rooms[0] : undefined);
    if (chosen) this.#select(chosen.id);
  }

  #onBack = async (): Promise<void> => {
    if (!this.emit(new ChatterRoomSelectEvent(undefined))) return;
    const left = this.room;
    this.#select(undefined);
    await this.updateComplete;
    // The button that was pressed is gone; the focus goes on where the eye does.
    if (left !== undefined && this.isNarrow) this.list.focusRoom(left);
  };
}

declare global {
  interface HTMLElementTagNameMap {
    'chatter-chat': ChatterChat;
  }
}
