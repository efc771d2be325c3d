import { css, html, nothing, type PropertyValues } from 'lit';
import { property, query, state } from 'lit/decorators.js';
import { repeat } from 'lit/directives/repeat.js';
import type { RoomSummary } from '#protocol/models';
import { avatarStyles } from './avatar.ts';
import type { ChatterNewRoom } from './chatter-new-room.ts';
import { selectionContext } from './context.ts';
import { DayController } from './controllers/day-controller.ts';
import { NearestController } from './controllers/nearest-controller.ts';
import { PresenceController } from './controllers/presence-controller.ts';
import { SearchController } from './controllers/search-controller.ts';
import { TellController } from './controllers/tell-controller.ts';
import { WatchController } from './controllers/watch-controller.ts';
import { ChatterElement } from './element.ts';
import { ChatterRoomSelectEvent } from './events.ts';
import { chatsIcon, closeIcon, composeIcon, searchIcon, warningIcon } from './icons.ts';
import { handOn, statusParts } from './parts.ts';
import { roomItem, roomItemStyles, roomPlaceholder } from './room-item.ts';
import { surfaceStyles } from './styles/shared.ts';

/** Of how many direct rooms the presence is shown: the server tells it of so many people at most, and a room needs some. */
const presenceRooms = 100;

/**
 * The rooms of the person who is signed in, the most recently active first, live; with a search and a button for a new one.
 *
 * Below a `<chatter-connection>` choosing a room also shows it in the `<chatter-room>` there.
 *
 * @slot header - in place of the title
 * @slot empty - in place of what is said where there is no room yet
 * @attr room - id of the room that is shown as chosen; below a connection or a chat they say it
 * @attr heading - in place of the title "Conversations"
 * @fires chatter-room-select - a room was chosen; `preventDefault()` keeps the one before
 * @fires chatter-connection-change - the connection came, went, or was given up (not below a connection, which says it)
 * @fires chatter-unread - the number of unread messages changed (not below a connection, which says it)
 * @fires chatter-error - the element cannot connect
 * @csspart header - the top, with title, button and search
 * @csspart title - the title
 * @csspart new-room - the button for a new conversation
 * @csspart search - the search field
 * @csspart rooms - the list that scrolls
 * @csspart room - one room
 * @csspart room-selected - the chosen room
 * @csspart room-name - name of a room
 * @csspart room-time - time of a room
 * @csspart room-preview - last message of a room
 * @csspart room-unread - number of unread messages
 * @csspart avatar - picture of a room
 * @csspart notice - what is said where there are no rooms to show
 * @csspart status - the line that tells of trouble with the connection
 * @csspart status-action - its button
 * @cssprop --chatter-primary - colour of badges, the chosen room and buttons
 * @cssprop --chatter-bg - background
 * @cssprop --chatter-color - colour of text
 * @cssprop --chatter-border-color - colour of lines
 * @cssprop --chatter-border-radius - roundness
 * @cssprop --chatter-frame-border - border around the element
 * @cssprop --chatter-frame-radius - roundness of the element's own corners
 * @cssprop --chatter-font-family - font; the page's by default
 * @cssprop --chatter-font-size - size of text; 16px by default
 */
export class ChatterRoomList extends ChatterElement {
  static override readonly tag = 'chatter-room-list';

  static override styles = [
    ChatterElement.styles,
    surfaceStyles,
    avatarStyles,
    roomItemStyles,
    css`
      .header {
        flex: none;
        padding: 12px 12px 8px;
      }

      .title-line {
        display: flex;
        align-items: center;
        gap: 8px;
        min-block-size: 40px;
        padding-inline-start: 8px;
      }

      .title {
        flex: 1;
        min-inline-size: 0;
        margin: 0;
        overflow: hidden;
        font-size: var(--_ch-text-lg);
        font-weight: 650;
        line-height: 1.3;
        letter-spacing: -0.01em;
        white-space: nowrap;
        text-overflow: ellipsis;
      }

      .search {
        position: relative;
        display: flex;
        align-items: center;
        margin: 8px 4px 0;
        color: var(--_ch-muted-color);
      }

      .search > .icon {
        position: absolute;
        inset-inline-start: 12px;
        inline-size: 16px;
        block-size: 16px;
        pointer-events: none;
      }

      .search > .form-control {
        block-size: 38px;
        padding-block: 0;
        padding-inline: 36px;
        border-color: transparent;
        border-radius: 19px;
        background: var(--_ch-field-bg);
        font-size: var(--_ch-rem);
        appearance: none;
      }

      .search > .form-control:focus {
        border-color: var(--_ch-accent);
        background: var(--_ch-body-bg);
      }

      .search > .btn-icon {
        position: absolute;
        inset-inline-end: 5px;
        inline-size: 28px;
        block-size: 28px;
        font-size: 13px;
      }

      input::-webkit-search-cancel-button {
        display: none;
      }

      .rooms {
        flex: 1;
        min-block-size: 0;
        display: flex;
        flex-direction: column;
        padding: 0 8px 8px;
      }

      ul {
        display: flex;
        flex-direction: column;
        gap: 2px;
        margin: 0;
        padding: 0;
        list-style: none;
      }

      .more {
        flex: none;
        display: grid;
        place-content: center;
        justify-items: center;
        min-block-size: 56px;
        text-align: center;
        color: var(--_ch-muted-color);
        font-size: var(--_ch-text-sm);
      }
    `,
  ];

  /** Id of the room that is shown as chosen. Below a connection or a chat it is said by them. */
  @property({ reflect: true }) room: string | undefined;

  /** In place of the title "Conversations"; an empty one leaves the title away. */
  @property() heading: string | undefined;

  /** Id of the room that Tab comes to, once the arrows were used. */
  @state() private tabStop: string | undefined;

  /** The dialog's code and markup are there from its first use on. */
  @state() private isDialogWanted = false;

  @query('.rooms') private scroller!: HTMLElement;
  @query('chatter-new-room') private dialog!: ChatterNewRoom;

  #selection = new NearestController(this, selectionContext);
  #search = new SearchController<RoomSummary>(this, async (query) => (await this.client?.rooms.search(query)) ?? []);
  #presence = new PresenceController(this, () => ({ client: this.client, userIds: this.#peopleOfDirectRooms() }));
  #isLoadingMore = false;

  constructor() {
    super();
    new DayController(this);
    new WatchController(this, () => this.client);
    new WatchController(this, () => this.client?.rooms);
    new TellController(this, () => this.ownClient);
  }

  /** Opens the dialog that starts a conversation. */
  async startConversation(): Promise<void> {
    this.isDialogWanted = true;
    await this.updateComplete;
    await this.dialog.show();
  }

  /** Puts the focus on a room of the list. */
  focusRoom(roomId: string): void {
    this.tabStop = roomId;
    this.#button(roomId)?.focus();
  }

  protected override clientChanged(): void {
    // What was found was found for another person, or on another server.
    this.#search.clear();
  }

  protected override render(): unknown {
    const heading = this.heading ?? this.strings.rooms;
    return html`<div class="surface">
      <div class="header" part="header">
        <div class="title-line">
          <slot name="header"><h2 class="title" part="title">${heading}</h2></slot>
          <button class="btn btn-icon" part="new-room" type="button" title=${this.strings.newRoom} aria-label=${this.strings.newRoom}
            ?disabled=${!this.client} @click=${() => this.startConversation()}>${composeIcon}</button>
        </div>
        <div class="search">
          ${searchIcon}
          <input class="form-control" part="search" type="search" enterkeyhint="search" autocomplete="off" spellcheck="false"
            placeholder=${this.strings.searchRooms} aria-label=${this.strings.searchRooms} maxlength="100"
            .value=${this.#search.query} @input=${this.#onSearchInput} @keydown=${this.#onSearchKeydown}>
          ${this.#search.query
            ? html`<button class="btn btn-icon" type="button" aria-label=${this.strings.clearSearch} @click=${this.#onSearchClear}>${
              closeIcon}</button>`
            : nothing}
        </div>
      </div>
      <chatter-status .client=${this.client} exportparts=${handOn(statusParts)}></chatter-status>
      <div class="rooms scroller" part="rooms" @scroll=${this.#onScroll}>${this.#content()}</div>
      </div>
      ${this.isDialogWanted
        ? html`<chatter-new-room .client=${this.client} @chatter-room-select=${this.#onRoomCreated}></chatter-new-room>`
        : nothing}
    `;
  }

  protected override updated(_changed: PropertyValues<this>): void {
    // A short first page may not fill the height; then nobody can scroll for the next.
    this.#loadMoreIfNear();
  }

  get #selected(): string | undefined {
    return this.#selection.value ? this.#selection.value.roomId : this.room || undefined;
  }

  #content(): unknown {
    if (this.problem) return notice({ icon: warningIcon, text: this.problem, role: 'alert' });
    const list = this.client?.rooms;
    const { query, status, found } = this.#search;
    if (query.trim()) {
      if (status === 'error') return this.#failed(() => this.#search.start());
      if (!found) return this.#placeholders();
      if (found.length === 0) return notice({ icon: searchIcon, text: this.strings.noRoomsFound(query.trim()), role: 'status' });
      return this.#rooms(found);
    }
    if (!list || list.status === 'loading') return list?.rooms.length ? this.#rooms(list.rooms) : this.#placeholders();
    if (list.status === 'error' && list.rooms.length === 0) return this.#failed(() => void list.reload());
    if (list.rooms.length === 0) {
      return html`<slot name="empty"><div class="notice" part="notice">
        ${chatsIcon}
        <div class="notice-title">${this.strings.noRooms}</div>
        <div>${this.strings.noRoomsHint}</div>
        <button class="btn btn-primary" type="button" @click=${() => this.startConversation()}>${this.strings.newRoom}</button>
      </div></slot>`;
    }
    return html`${this.#rooms(list.rooms)}
      ${list.status === 'error'
        ? html`<div class="more" role="alert"><span>${this.strings.roomsFailed}</span>
            <button class="btn btn-text" type="button" @click=${() => list.loadMore()}>${this.strings.retry}</button></div>`
        : list.hasMore ? html`<div class="more">${this.strings.loading}</div>` : nothing}`;
  }

  #rooms(rooms: readonly RoomSummary[]): unknown {
    const selected = this.#selected;
    const has = (id: string | undefined): boolean => id !== undefined && rooms.some((room) => room.id === id);
    const tabStop = has(this.tabStop) ? this.tabStop : has(selected) ? selected : rooms[0]?.id;
    const shared = { strings: this.strings, language: this.language, now: Date.now(), userId: this.client?.user?.id };
    return html`<ul role="list" aria-label=${this.heading || this.strings.rooms} @click=${this.#onClick} @keydown=${this.#onKeydown}>${
      repeat(rooms, (room) => room.id, (room) => html`<li>${roomItem(room, {
        ...shared,
        isSelected: room.id === selected,
        isOnline: isOnlineRoom(room, this.#presence),
        isTabStop: room.id === tabStop,
      })}</li>`)}</ul>`;
  }

  #placeholders(): unknown {
    return html`<div class="visually-hidden" role="status">${this.strings.loading}</div>
      <div aria-hidden="true">${Array.from({ length: 8 }, () => roomPlaceholder)}</div>`;
  }

  #failed(retry: () => void): unknown {
    return html`<div class="notice" part="notice" role="alert">
      ${warningIcon}
      <div>${this.strings.roomsFailed}</div>
      <button class="btn btn-secondary" type="button" @click=${retry}>${this.strings.retry}</button>
    </div>`;
  }

  #peopleOfDirectRooms(): string[] {
    const rooms = this.#search.found ?? this.client?.rooms.rooms ?? [];
    return rooms.slice(0, presenceRooms).flatMap((room) => (room.kind === 'direct' && room.people[0] ? [room.people[0].id] : []));
  }

  #button(roomId: string | undefined): HTMLElement | undefined {
    return [...this.renderRoot.querySelectorAll<HTMLElement>('button.room')].find((button) => button.dataset.room === roomId);
  }

  #choose(roomId: string, options?: { isNew: boolean }): void {
    if (!this.emit(new ChatterRoomSelectEvent(roomId))) return;
    this.tabStop = roomId;
    this.room = roomId;
    this.#selection.value?.select(roomId, options);
  }

  #onClick = (event: MouseEvent): void => {
    const roomId = roomIdOf(event.target);
    if (roomId !== undefined) this.#choose(roomId);
  };

  /** The arrows move the focus; Enter and Space are the button's own. */
  #onKeydown = (event: KeyboardEvent): void => {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const buttons = [...this.renderRoot.querySelectorAll<HTMLElement>('button.room')];
    const index = buttons.findIndex((button) => button.dataset.room === roomIdOf(event.target));
    const moves: Record<string, number> = {
      ArrowDown: index + 1, ArrowUp: index - 1, Home: 0, End: buttons.length - 1, PageDown: index + 8, PageUp: index - 8,
    };
    const move = moves[event.key];
    if (move === undefined) return;
    event.preventDefault();
    const to = buttons[Math.max(0, Math.min(buttons.length - 1, move))];
    this.tabStop = to?.dataset.room;
    to?.focus();
  };

  #onSearchInput = (event: InputEvent): void => this.#typeSearch((event.target as HTMLInputElement).value);

  #typeSearch(query: string): void {
    if (query.trim()) this.#search.type(query);
    else this.#search.clear();
  }

  #onSearchKeydown = (event: KeyboardEvent): void => {
    if (event.isComposing) return;
    if (event.key === 'Escape' && this.#search.query) {
      event.preventDefault();
      this.#search.clear();
    } else if (event.key === 'ArrowDown') {
      event.preventDefault();
      this.renderRoot.querySelector<HTMLElement>('button.room[tabindex="0"]')?.focus();
    } else if (event.key === 'Enter') {
      const first = this.#search.found?.[0];
      if (first) this.#choose(first.id);
    }
  };

  #onSearchClear = (): void => {
    this.#search.clear();
    this.renderRoot.querySelector<HTMLElement>('input')?.focus();
  };

  #onRoomCreated = (event: ChatterRoomSelectEvent): void => {
    // It comes from the dialog inside: said again as the list's own, once.
    event.stopPropagation();
    if (event.room === undefined) return;
    this.#search.clear();
    this.#choose(event.room, { isNew: true });
  };

  #onScroll = (): void => this.#loadMoreIfNear();

  #loadMoreIfNear(): void {
    const list = this.client?.rooms;
    if (!list?.hasMore || list.status !== 'ready' || this.#isLoadingMore || this.#search.query.trim()) return;
    const { scrollHeight, scrollTop, clientHeight } = this.scroller;
    if (clientHeight === 0 || scrollHeight - scrollTop - clientHeight > 400) return;
    this.#isLoadingMore = true;
    void list.loadMore().finally(() => {
      this.#isLoadingMore = false;
      // The page may have been too short again.
      this.requestUpdate();
    });
  }
}

function isOnlineRoom(room: RoomSummary, presence: PresenceController): boolean {
  const other = room.kind === 'direct' ? room.people[0] : undefined;
  return other !== undefined && presence.isOnline(other.id);
}

function roomIdOf(target: EventTarget | null): string | undefined {
  return target instanceof Element ? target.closest<HTMLElement>('[data-room]')?.dataset.room : undefined;
}

function notice(says: { icon: unknown; text: string; role: 'alert' | 'status' }): unknown {
  return html`<div class="notice" part="notice" role=${says.role}>${says.icon}<div>${says.text}</div></div>`;
}

declare global {
  interface HTMLElementTagNameMap {
    'chatter-room-list': ChatterRoomList;
  }
}
