import { css, html, nothing, type PropertyValues, type TemplateResult } from 'lit';
import { property, query, state } from 'lit/decorators.js';
import { limits } from '#protocol/codes';
import type { RoomSummary } from '#protocol/models';
import { avatarStyles, roomAvatar } from './avatar.ts';
import type { ChatterComposer } from './chatter-composer.ts';
import type { ChatterMessageList } from './chatter-message-list.ts';
import { displayName, personName } from './client/display-name.ts';
import type { Room, RoomState } from './client/room.ts';
import { typesByTouch } from './composer-keys.ts';
import { selectionContext, type Selection } from './context.ts';
import { KeyboardController } from './controllers/keyboard-controller.ts';
import { NearestController } from './controllers/nearest-controller.ts';
import { PresenceController } from './controllers/presence-controller.ts';
import { RoomController } from './controllers/room-controller.ts';
import { WatchController } from './controllers/watch-controller.ts';
import { ChatterElement } from './element.ts';
import { ChatterBackEvent, ChatterSentEvent } from './events.ts';
import { backIcon, chatIcon, chatsIcon, leaveIcon, peopleIcon, warningIcon } from './icons.ts';
import { composerParts, handOn, messageListParts, roomDetailsParts, statusParts } from './parts.ts';
import { surfaceStyles } from './styles/shared.ts';

/**
 * One conversation: who is in it, its messages, and where one writes.
 *
 * Below a `<chatter-connection>` it shows the room that was chosen in the list there; with `room` it shows that one.
 *
 * @slot header-actions - buttons of the page, at the end of the header
 * @slot empty - shown in place of the greeting in a room without messages
 * @slot choose - shown where no room is chosen yet
 * @attr room - id of the room to show; without it, the one that is chosen in a room list
 * @attr show-back - shows a button that leads back to the list
 * @fires chatter-back - the back button was pressed
 * @fires chatter-send - before a message is sent; `preventDefault()` keeps it in the field
 * @fires chatter-sent - a message of this person was stored by the server
 * @csspart header - the line with the name
 * @csspart back - the button that leads back to the list
 * @csspart room-name - the name
 * @csspart room-status - the line below the name
 * @csspart members-button - the button that opens the details of a group
 * @csspart avatar - pictures of people
 * @csspart typing - the line that says who types
 * @csspart notice - what is said where there is nothing to show
 * @csspart details - the panel with the members
 * @csspart member - a member there
 * @csspart messages - what scrolls
 * @csspart message - a message with all that belongs to it
 * @csspart bubble - the bubble with the text
 * @csspart own-bubble - the same, where the message is one's own
 * @csspart author - the name above a group of messages
 * @csspart foot - the line below a group, with its time and state where there is no name above
 * @csspart time - the time of a group
 * @csspart day - the separator between days
 * @csspart unread-divider - the line above the first unread message
 * @csspart link - a link in a text
 * @csspart message-action - the button beside a message that deletes it
 * @csspart question - the question whether to delete it
 * @csspart retry - the button that sends a message again
 * @csspart discard - the button that lets go of a message that was not sent
 * @csspart seen - who has seen one's last message
 * @csspart jump-to-latest - the button that leads to the newest message
 * @csspart jump-to-unread - the button that leads to the first unread message
 * @csspart composer - where one writes
 * @csspart composer-field - the frame around the text that is written
 * @csspart composer-input - the text that is written
 * @csspart composer-hint - the sentence about its length
 * @csspart send - the button that sends
 * @csspart status - the line that tells of trouble with the connection
 * @csspart status-action - its button
 * @cssprop --chatter-bubble-bg - background of others' messages
 * @cssprop --chatter-bubble-color - colour of others' messages
 * @cssprop --chatter-own-bubble-bg - background of one's own messages
 * @cssprop --chatter-own-bubble-color - colour of one's own messages
 * @cssprop --chatter-bubble-radius - radius of the bubbles
 */
export class ChatterRoom extends ChatterElement {
  static override readonly tag = 'chatter-room';

  static override styles = [
    ChatterElement.styles,
    surfaceStyles,
    avatarStyles,
    css`
      .surface {
        container-type: inline-size;
      }

      .main {
        display: flex;
        flex-direction: column;
        flex: 1;
        min-block-size: 0;
      }

      header {
        --avatar-size: 40px;
        display: flex;
        align-items: center;
        flex: none;
        gap: 12px;
        min-block-size: 64px;
        padding: 8px 12px 8px 16px;
        padding-inline: 16px 12px;
        border-block-end: 1px solid var(--_ch-hairline);
      }

      .back {
        margin-inline: -8px -4px;
      }

      .titles {
        flex: 1;
        min-inline-size: 0;
        text-align: start;
      }

      h2 {
        margin: 0;
        overflow: hidden;
        text-overflow: ellipsis;
        white-space: nowrap;
        font-size: var(--_ch-rem);
        font-weight: 600;
        line-height: 1.35;
      }

      .status {
        overflow: hidden;
        text-overflow: ellipsis;
        white-space: nowrap;
        font-size: var(--_ch-text-sm);
        line-height: 1.4;
        color: var(--_ch-muted-color);
      }

      .status.is-online {
        color: var(--_ch-success-text);
      }

      /* The height is always there, so that nobody's typing moves what one reads. */
      .typing {
        display: flex;
        align-items: center;
        flex: none;
        gap: 8px;
        inline-size: 100%;
        max-inline-size: calc(var(--_ch-rem) * 60);
        block-size: 24px;
        margin-inline: auto;
        padding-inline: 30px;
        overflow: hidden;
        font-size: var(--_ch-text-xs);
        white-space: nowrap;
        color: var(--_ch-muted-color);
      }

      .typing > span:last-child {
        overflow: hidden;
        text-overflow: ellipsis;
      }

      .dots {
        display: inline-flex;
        flex: none;
        gap: 3px;
      }

      .dots i {
        inline-size: 5px;
        block-size: 5px;
        background: currentColor;
        border-radius: 50%;
        animation: dot 1.2s infinite ease-in-out;
      }

      .dots i:nth-child(2) {
        animation-delay: 0.15s;
      }

      .dots i:nth-child(3) {
        animation-delay: 0.3s;
      }

      @keyframes dot {
        0%, 60%, 100% {
          opacity: 0.35;
          transform: none;
        }
        30% {
          opacity: 1;
          transform: translateY(-3px);
        }
      }

      .placeholders {
        display: flex;
        flex-direction: column;
        justify-content: flex-end;
        flex: 1;
        gap: 10px;
        min-block-size: 0;
        inline-size: 100%;
        max-inline-size: calc(var(--_ch-rem) * 60);
        margin-inline: auto;
        padding: 16px;
        overflow: hidden;
        /* Most rooms are there before anybody would see these. */
        animation: late 0.2s 0.25s both;
      }

      .placeholders .placeholder {
        flex: none;
        block-size: 38px;
        border-radius: 18px;
      }

      .placeholders .placeholder:nth-child(3n + 1) {
        inline-size: min(58%, 26em);
      }

      .placeholders .placeholder:nth-child(3n + 2) {
        block-size: 60px;
        inline-size: min(70%, 30em);
      }

      .placeholders .placeholder:nth-child(3n) {
        align-self: flex-end;
        inline-size: min(44%, 18em);
      }

      @keyframes late {
        from {
          opacity: 0;
        }
      }

      @container (max-inline-size: 420px) {
        header {
          padding-inline: 12px 8px;
        }

        .typing {
          padding-inline: 26px;
        }
      }
    `,
  ];

  /** Id of the room to show; without it, the one that is chosen in a room list. */
  @property() room: string | undefined;

  /** Shows a button that leads back to the list. */
  @property({ type: Boolean, attribute: 'show-back' }) showBack = false;

  @state() private showsDetails = false;

  @query('chatter-message-list') private list!: ChatterMessageList | null;
  @query('chatter-composer') private composer!: ChatterComposer | null;
  @query('.members') private membersButton!: HTMLElement | null;
  @query('.surface') private surface!: HTMLElement | null;

  #selection = new NearestController(this, selectionContext);
  #opened = new RoomController(this, () => (this.#roomId === undefined ? undefined : this.client?.room(this.#roomId)));
  #presence = new PresenceController(this, () => ({ client: this.client, userIds: this.#others() }));
  /** What this person has on its way, so that the page can be told when it has arrived. */
  #onTheirWay = new Set<string>();
  #shownRoom: Room | undefined;
  #shownSelection: Selection | undefined;

  constructor() {
    super();
    new WatchController(this, () => this.client);
    new KeyboardController(this, () => this.surface);
  }

  /** Puts the cursor where one writes. */
  override focus(options?: FocusOptions): void {
    this.composer?.focus(options);
  }

  /** Not in `willUpdate`: there the room of before is still the open one. */
  protected override update(changed: PropertyValues): void {
    const { room } = this.#opened;
    if (room !== this.#shownRoom) {
      this.#shownRoom = room;
      this.showsDetails = false;
      this.#onTheirWay.clear();
    }
    if (room) this.#noteSent(room);
    super.update(changed);
  }

  protected override updated(): void {
    const selection = this.#selection.value;
    if (selection === this.#shownSelection) return;
    this.#shownSelection = selection;
    // Where it brings up a keyboard that covers half of what one sees, the cursor waits to be asked for.
    if (!selection?.isNew || this.room || typesByTouch()) return;
    // The composer has just been made; a dialog that closes gives the focus back to its button before.
    void this.composer?.updateComplete.then(() => {
      if (this.#selection.value === selection) this.focus();
    });
  }

  protected override render(): unknown {
    const { strings } = this;
    if (this.problem) {
      return html`<div class="surface"><div class="notice" part="notice" role="alert">${warningIcon}<p>${this.problem}</p></div></div>`;
    }
    const { room } = this.#opened;
    return html`<div class="surface">
      ${this.#isTroubleToldBeside() ? nothing : html`<chatter-status .client=${this.client} exportparts=${handOn(statusParts)}></chatter-status>`}
      ${room ? this.#renderRoom(room)
        : html`<slot name="choose"><div class="notice" part="notice">${chatsIcon}<p class="notice-title">${strings.chooseRoom}</p>
            ${this.#selection.value ? html`<p>${strings.chooseRoomHint}</p>` : nothing}</div></slot>`}
    </div>`;
  }

  #renderRoom(room: Room): TemplateResult {
    const { state: now } = room;
    return html`
      <div class="main" ?inert=${this.showsDetails}>
        ${this.#renderHeader(now)}
        ${now.status === 'gone' ? this.#renderNotice(leaveIcon, this.strings.roomGone)
          : now.status === 'error' && now.messages.length === 0 ? this.#renderError(now)
          : this.#renderMessages(room, now)}
      </div>
      ${this.showsDetails && now.summary && now.status !== 'gone'
        ? html`<chatter-room-details exportparts=${handOn(roomDetailsParts)} .room=${room} .client=${this.client}
            @close=${this.#onDetailsClose}></chatter-room-details>`
        : nothing}
    `;
  }

  #renderMessages(room: Room, now: RoomState): TemplateResult {
    const isLoading = now.messages.length === 0 && now.status !== 'ready';
    // Placeholders stand in front of the list, which is there from the beginning: it has to know what happens first.
    return html`
      ${isLoading
        ? html`<div class="placeholders placeholder-glow" role="status" aria-label=${this.strings.loading}>
            ${Array.from({ length: 9 }, () => html`<span class="placeholder"></span>`)}</div>`
        : nothing}
      <chatter-message-list ?hidden=${isLoading} .room=${room} .client=${this.client} exportparts=${handOn(messageListParts)} @keydown=${this.#onListKeydown}>
        <slot name="empty" slot="empty"><div class="notice" part="notice">${chatIcon}<p>${this.strings.noMessages}</p></div></slot>
      </chatter-message-list>
      <div class="typing" part="typing">${this.#renderTyping(now)}</div>
      <chatter-composer .room=${room} .client=${this.client} exportparts=${handOn(composerParts)} .onSend=${this.#onSend}
        label=${this.strings.composerLabel(this.#nameOf(now))}></chatter-composer>
    `;
  }

  #renderHeader(now: RoomState): TemplateResult | typeof nothing {
    const { strings } = this;
    const { summary } = now;
    if (now.status === 'gone' && !this.showBack) return nothing;
    const other = summary?.kind === 'direct' ? summary.people[0] : undefined;
    return html`<header part="header">
      ${this.showBack
        ? html`<button class="btn btn-icon back" part="back" type="button" title=${strings.back} aria-label=${strings.back}
            @click=${this.#onBack}>${backIcon}</button>`
        : nothing}
      ${summary
        ? html`${roomAvatar(summary, { online: other !== undefined && this.#presence.isOnline(other.id) })}
          <div class="titles">
            <h2 part="room-name"><bdi>${this.#nameOf(now)}</bdi></h2>
            ${this.#renderStatus(now)}
          </div>`
        : html`<div class="titles"></div>`}
      <slot name="header-actions"></slot>
      ${summary?.kind === 'group' && now.status !== 'gone'
        ? html`<button class="btn btn-icon members" part="members-button" type="button" title=${strings.details}
            aria-label=${strings.details} aria-expanded=${this.showsDetails} @click=${this.#onDetails}>${peopleIcon}</button>`
        : nothing}
    </header>`;
  }

  #renderStatus(now: RoomState): TemplateResult | typeof nothing {
    const { strings } = this;
    const { summary } = now;
    if (!summary || now.status === 'gone') return nothing;
    if (summary.kind === 'direct') {
      const other = summary.people[0];
      if (!other) return nothing;
      const isOnline = this.#presence.isOnline(other.id);
      // Without a connection it is not known; the line keeps its place.
      if (this.client?.connection.status !== 'online') return html`<div class="status" part="room-status">&nbsp;</div>`;
      return html`<div class="status ${isOnline ? 'is-online' : ''}" part="room-status">${isOnline ? strings.online : strings.away}</div>`;
    }
    const online = this.#onlineCount(now, summary);
    const counted = online === undefined ? '' : ` · ${strings.onlineCount(online)}`;
    return html`<div class="status" part="room-status">${strings.members(summary.memberCount)}${counted}</div>`;
  }

  /** How many of a group are there, oneself too; undefined where it is not known, or no news. */
  #onlineCount(now: RoomState, { memberCount }: RoomSummary): number | undefined {
    if (memberCount > limits.membersTold) return now.online;
    const others = this.#others();
    const online = others.filter((id) => this.#presence.isOnline(id)).length;
    return others.length === memberCount - 1 && online > 0 ? online + 1 : undefined;
  }

  #renderTyping(now: RoomState): TemplateResult | typeof nothing {
    if (now.typing.length === 0) return nothing;
    return html`<span class="dots" aria-hidden="true"><i></i><i></i><i></i></span>
      <span>${this.strings.typing(now.typing.map((person) => shortened(personName(person))))}</span>`;
  }

  #renderNotice(icon: TemplateResult, text: string): TemplateResult {
    return html`<div class="notice" part="notice" role="status">${icon}<p>${text}</p></div>`;
  }

  #renderError(now: RoomState): TemplateResult {
    return html`<div class="notice" part="notice" role="alert">${warningIcon}<p class="notice-title">${this.strings.roomFailed}</p>
      ${now.error ? html`<p>${now.error}</p>` : nothing}
      <button class="btn btn-primary" type="button" @click=${() => this.#opened.reopen()}>${this.strings.retry}</button></div>`;
  }

  /** A list under the same connection tells of trouble already, where it is to be seen. */
  #isTroubleToldBeside(): boolean {
    const lists = this.closest('chatter-connection')?.querySelectorAll('chatter-room-list') ?? [];
    return [...lists].some((list) => list.client === this.client && list.getClientRects().length > 0);
  }

  get #roomId(): string | undefined {
    return this.room || this.#selection.value?.roomId || undefined;
  }

  #nameOf(now: RoomState): string {
    return now.summary ? displayName(now.summary, this.strings, this.language) : '';
  }

  /** Those whose presence the header shows. */
  #others(): readonly string[] {
    const now = this.#opened.room?.state;
    if (!now?.summary) return [];
    if (now.summary.kind === 'direct') return now.summary.people.map(({ id }) => id);
    // Of a large room the server tells the number.
    if (now.summary.memberCount > limits.membersTold) return [];
    const me = this.client?.user?.id;
    return now.members.filter(({ userId }) => userId !== me).map(({ userId }) => userId);
  }

  #noteSent(room: Room): void {
    const unsent = room.state.messages.filter((row) => row.status !== 'sent');
    for (const row of unsent) this.#onTheirWay.add(row.clientMsgId);
    if (this.#onTheirWay.size === unsent.length) return;
    const waiting = new Set(unsent.map((row) => row.clientMsgId));
    const me = this.client?.user?.id;
    for (const clientMsgId of this.#onTheirWay) {
      if (waiting.has(clientMsgId)) continue;
      this.#onTheirWay.delete(clientMsgId);
      const row = room.state.messages.findLast(
        (one) => one.status === 'sent' && one.message.senderId === me && one.message.clientMsgId === clientMsgId,
      );
      if (row?.status === 'sent') this.emit(new ChatterSentEvent(room.id, row.message));
    }
  }

  #onSend = (): void => void this.list?.jumpToLatest();

  #onBack = (): void => void this.emit(new ChatterBackEvent());

  #onDetails = (): void => {
    this.showsDetails = true;
  };

  #onDetailsClose = (): void => {
    this.showsDetails = false;
    void this.updateComplete.then(() => this.membersButton?.focus());
  };

  /** Who begins to type while reading means to write. */
  #onListKeydown = (event: KeyboardEvent): void => {
    const isLetter = event.key.length === 1 && event.key !== ' ' && !event.ctrlKey && !event.metaKey && !event.altKey;
    const isInButton = event.composedPath().some((target) => target instanceof HTMLButtonElement || target instanceof HTMLAnchorElement);
    if (isLetter && !isInButton && !event.defaultPrevented) this.composer?.focus();
  };
}

/** So much of a name that the sentence around it is still to be seen. */
function shortened(name: string): string {
  const letters = Array.from(name);
  return letters.length > 24 ? `${letters.slice(0, 23).join('')}…` : name;
}

declare global {
  interface HTMLElementTagNameMap {
    'chatter-room': ChatterRoom;
  }
}
