import { css, html, nothing, type PropertyValues, type TemplateResult } from 'lit';
import { property, state } from 'lit/decorators.js';
import { repeat } from 'lit/directives/repeat.js';
import type { Person } from '#protocol/models';
import { avatarStyles } from './avatar.ts';
import { personName } from './client/display-name.ts';
import type { Room, RoomState, TimelineMessage } from './client/room.ts';
import { AnnouncerController } from './controllers/announcer-controller.ts';
import { DayController } from './controllers/day-controller.ts';
import { ScrollController, type ScrollParts } from './controllers/scroll-controller.ts';
import { SightController } from './controllers/sight-controller.ts';
import { WatchController } from './controllers/watch-controller.ts';
import { ChatterElement } from './element.ts';
import { arrowDownIcon } from './icons.ts';
import { authorOf, describeRow, type GroupingContext } from './renderers/grouping.ts';
import { renderMessageRow, type MessageRowContext } from './renderers/message-row.ts';
import { messageRowStyles } from './renderers/message-row-styles.ts';
import { findMine, findSeenBy, type SeenBy } from './renderers/seen-by.ts';

/** Names that stand under a message without being asked for. */
const namesShown = 2;
/** Of a long message a screen reader is told the beginning; all of it is in the list. */
const longestAnnouncement = 200;

/**
 * The messages of a room: virtual, so that a long room costs what a short one does, and still, so that nothing moves under a
 * reader's eyes. `<chatter-room>` has one inside; it reads the room that it is given, and does not open it.
 *
 * Arrow keys move from message to message, Home and End to the oldest that is loaded and to the newest, Delete asks whether
 * to delete one's own message.
 *
 * @slot empty - shown in a room without messages
 * @csspart messages - what scrolls
 * @csspart message - a message with all that belongs to it
 * @csspart bubble - the bubble with the text
 * @csspart own-bubble - the same, where the message is one's own
 * @csspart link - a link in a text
 * @csspart author - the name above a group of messages
 * @csspart avatar - the picture beside a group
 * @csspart foot - the line below a group, with its time and state where there is no name above
 * @csspart time - the time of a group
 * @csspart day - the separator between days
 * @csspart unread-divider - the line above the first unread message
 * @csspart message-action - the button beside a message that deletes it
 * @csspart jump-to-latest - the button that leads to the newest message
 * @cssprop --chatter-bubble-bg - background of others' messages
 * @cssprop --chatter-bubble-color - colour of others' messages
 * @cssprop --chatter-own-bubble-bg - background of one's own messages
 * @cssprop --chatter-own-bubble-color - colour of one's own messages
 * @cssprop --chatter-bubble-radius - radius of the bubbles
 */
export class ChatterMessageList extends ChatterElement {
  static override readonly tag = 'chatter-message-list';

  static override styles = [
    ChatterElement.styles,
    avatarStyles,
    messageRowStyles,
    css`
      :host {
        position: relative;
        display: block;
        flex: 1;
        min-block-size: 0;
        container-type: inline-size;
        color: var(--_ch-body-color);
        background: var(--_ch-body-bg);
      }

      .scroller {
        block-size: 100%;
        overflow-x: hidden;
        overflow-anchor: none;
        outline-offset: -2px;
      }

      .content {
        display: flex;
        flex-direction: column;
        justify-content: flex-end;
        min-block-size: 100%;
        max-inline-size: calc(var(--_ch-rem) * 60);
        margin-inline: auto;
        padding-block: 8px;
        font-size: var(--_ch-rem);
      }

      .edge {
        display: flex;
        align-items: center;
        justify-content: center;
        flex: none;
        gap: 8px;
        block-size: 56px;
        padding-inline: 16px;
        font-size: var(--_ch-text-sm);
        color: var(--_ch-muted-color);
        text-align: center;
      }

      .above,
      .below {
        flex: none;
      }

      .pill {
        position: absolute;
        inset-inline-start: 50%;
        display: inline-flex;
        align-items: center;
        gap: 6px;
        padding: 6px 14px;
        font-size: var(--_ch-text-sm);
        font-weight: 600;
        line-height: 1.4;
        white-space: nowrap;
        color: var(--_ch-on-primary);
        background: var(--_ch-primary);
        border: 0;
        border-radius: 99px;
        box-shadow: 0 2px 10px rgb(0 0 0 / 22%);
        translate: -50% 0;
        animation: rise 0.16s ease-out;
      }

      .pill:dir(rtl) {
        translate: 50% 0;
      }

      .pill-unread {
        inset-block-start: 12px;
      }

      .pill-unread .icon {
        rotate: 180deg;
      }

      .jump {
        position: absolute;
        inset-block-end: 12px;
        /* At the edge of the column, not of a wide screen. */
        inset-inline-end: max(16px, (100cqi - var(--_ch-rem) * 60) / 2 + 16px);
        display: grid;
        place-items: center;
        inline-size: 40px;
        block-size: 40px;
        padding: 0;
        color: var(--_ch-body-color);
        background: color-mix(in srgb, var(--_ch-body-bg) 94%, var(--_ch-body-color));
        border: 1px solid var(--_ch-hairline);
        border-radius: 50%;
        box-shadow: 0 2px 10px rgb(0 0 0 / 16%);
        animation: rise 0.16s ease-out;
      }

      .jump-count {
        position: absolute;
        inset-block-start: -8px;
        inset-inline-end: -4px;
        min-inline-size: 20px;
        padding-inline: 5px;
        font-size: var(--_ch-text-xs);
        font-weight: 600;
        line-height: 20px;
        font-variant-numeric: tabular-nums;
        color: var(--_ch-on-primary);
        background: var(--_ch-primary);
        border-radius: 10px;
      }

      .seen .btn-text {
        text-decoration: none;
        text-align: end;
      }

      .seen .btn-text:hover {
        text-decoration: underline;
      }

      @keyframes rise {
        from {
          opacity: 0;
          transform: translateY(6px);
        }
      }
    `,
  ];

  /** The room to show. */
  @property({ attribute: false }) room: Room | undefined;

  @state() private activeKey: string | undefined;
  @state() private askingKey: string | undefined;
  @state() private failure: { key: string; text: string } | undefined;
  @state() private historyError = false;
  @state() private showsJump = false;
  /** All who have seen the message, not only the first names. */
  @state() private showsAllSeen = false;
  /** Had by asking, in rooms too large to be told: who has seen my last message. */
  @state() private askedSeen: { seq: number; count: number; people: Person[] } | undefined;
  /** How many were unread when the room was opened, as long as the first of them is not loaded. */
  @state() private unreadBefore = 0;

  #scroll = new ScrollController<TimelineMessage>(this, {
    parts: () => this.#parts(),
    estimate: estimateHeight,
    canFollow: () => this.room?.state.hasAfter !== true,
    onMove: () => this.#moved(),
  });
  #sight = new SightController(this, () => this.#markRead());
  #announcer = new AnnouncerController(this, (count) => this.strings.newMessagesBelow(count));
  #shownRoom: Room | undefined;
  #isPlaced = false;
  /** Unknown until the room was opened: what was there then is no news. */
  #newestSeq: number | undefined;
  #markedSeq = 0;
  #goesToUnread = false;
  #focusedRow: string | undefined;

  static {
    // What an update made can be measured only after it, and may ask for another one; Lit's development build warns of that.
    this.disableWarning?.('change-in-update');
  }

  constructor() {
    super();
    new WatchController(this, () => this.room);
    new WatchController(this, () => this.client);
    new DayController(this);
  }

  /** Goes to the newest message, and stays at the end. */
  async jumpToLatest(): Promise<void> {
    const { room } = this;
    if (!room) return;
    if (room.state.hasAfter) {
      try {
        await room.loadNewest();
      } catch {
        this.historyError = true;
        return;
      }
      if (this.room !== room) return;
    }
    this.#scroll.jumpToEnd();
  }

  protected override willUpdate(_changed: PropertyValues): void {
    if (this.room !== this.#shownRoom) this.#startOver();
    const room = this.room?.state;
    if (!room) return;
    this.#place(room);
    this.#scroll.setItems(room.messages);
    this.#announce(room);
    this.#focusedRow = this.#rowWithFocus()?.dataset['key'];
  }

  protected override updated(): void {
    // The row that had the focus scrolled out of the page: the list takes it, or the keyboard would start at the top of the page.
    if (this.#focusedRow !== undefined && !this.shadowRoot?.activeElement && document.hasFocus()) {
      this.#parts()?.scroller.focus({ preventScroll: true });
    }
    this.#moved();
  }

  protected override render(): unknown {
    const room = this.room?.state;
    if (!room) return nothing;
    const { strings } = this;
    const unread = room.summary?.unread ?? 0;
    return html`
      <div class="scroller" part="messages" role="log" aria-live="off" aria-label=${strings.messages} tabindex="-1" @keydown=${this.#onKeydown} @focusin=${this.#onFocusin}>
        <div class="content">
          ${room.messages.length === 0 ? this.#renderEmpty(room) : this.#renderTopEdge(room)}
          <div class="above"></div>
          <div class="rows">${this.#renderRows(room)}</div>
          <div class="below"></div>
          ${room.hasAfter ? html`<div class="edge">${this.#renderEdge(this.#loadAfter)}</div>` : nothing}
        </div>
      </div>
      ${this.unreadBefore > 0
        ? html`<button class="pill pill-unread" part="jump-to-unread" type="button" @click=${this.#onJumpToUnread}>
            ${arrowDownIcon}${strings.unread(this.unreadBefore)}</button>`
        : nothing}
      ${this.showsJump
        ? html`<button class="jump" part="jump-to-latest" type="button" title=${strings.jumpToLatest}
            aria-label=${unread > 0 ? `${strings.jumpToLatest}, ${strings.newMessagesBelow(unread)}` : strings.jumpToLatest}
            @click=${this.#onJumpToLatest}>
            ${arrowDownIcon}${unread > 0 ? html`<span class="jump-count" aria-hidden="true">${unread > 999 ? '999+' : unread}</span>` : nothing}
          </button>`
        : nothing}
      <div class="visually-hidden" aria-live="polite">${this.#announcer.text}</div>
    `;
  }

  #renderEmpty(room: RoomState): TemplateResult | typeof nothing {
    if (room.status !== 'ready' || room.hasBefore) return nothing;
    return html`<slot name="empty"></slot>`;
  }

  #renderTopEdge(room: RoomState): TemplateResult | typeof nothing {
    if (room.hasBefore) return html`<div class="edge">${this.#renderEdge(this.#loadBefore)}</div>`;
    return html`<div class="edge">${this.strings.beginning}</div>`;
  }

  #renderEdge(retry: () => void): TemplateResult {
    if (!this.historyError) return html`<span class="spinner-border spinner-border-sm" role="status" aria-label=${this.strings.loading}></span>`;
    return html`<span>${this.strings.olderFailed}</span>
      <button class="btn btn-text" type="button" @click=${() => {
        this.historyError = false;
        retry();
      }}>${this.strings.retry}</button>`;
  }

  #renderRows(room: RoomState): unknown {
    const { start, end } = this.#scroll.range;
    const userId = this.client?.user?.id;
    const grouping: GroupingContext = { userId, unreadAfterSeq: room.unreadAfterSeq, hasBefore: room.hasBefore };
    const context: MessageRowContext = {
      strings: this.strings, language: this.language, now: Date.now(),
      actions: {
        retry: (id) => this.room?.retry(id),
        discard: (id) => this.room?.discard(id),
        ask: (key) => this.#ask(key),
        cancel: () => this.#cancel(),
        delete: (seq) => void this.#delete(seq),
      },
    };
    const isGroup = room.summary?.kind === 'group';
    const isOffline = this.client?.connection.status !== 'online';
    const seen = this.#findSeen(room, userId);
    const messages = room.messages.slice(start, end);
    const tabStop = messages.some((row) => row.key === this.activeKey) ? this.activeKey : messages.at(-1)?.key;
    return repeat(messages, (row) => row.key, (row, offset) => {
      const authorId = authorOf(row, userId) ?? '';
      const isMine = authorId === userId;
      return renderMessageRow({
        row,
        shape: describeRow(room.messages, start + offset, grouping),
        isMine,
        author: this.client?.person(authorId) ?? { id: authorId, name: '' },
        showsAuthor: isGroup,
        isTabStop: row.key === tabStop,
        canDelete: isMine && row.status === 'sent' && row.message.deletedAt === undefined,
        isAsking: row.key === this.askingKey,
        failure: this.failure?.key === row.key ? this.failure.text : undefined,
        isOffline,
        seen: row.status === 'sent' && row.message.seq === seen?.seq ? this.#renderSeen(room, seen) : undefined,
      }, context);
    });
  }

  /** In a room of many, who has seen a message is not known, and had by asking. */
  #findSeen(room: RoomState, userId: string | undefined): SeenBy | undefined {
    if (room.members.length > 0) return findSeenBy(room.messages, room.members, userId);
    const seq = (room.summary?.memberCount ?? 0) > 1 ? findMine(room.messages, userId) : undefined;
    return seq === undefined ? undefined : { seq, userIds: [] };
  }

  #renderSeen(room: RoomState, seen: SeenBy): TemplateResult {
    const { strings } = this;
    if (room.summary?.kind === 'direct') return html`<span class="seen" part="seen">${strings.seen}</span>`;
    if (seen.userIds.length === 0) {
      const asked = this.askedSeen?.seq === seen.seq ? this.askedSeen : undefined;
      if (!asked) {
        return html`<span class="seen" part="seen"><button class="btn btn-text" type="button" @click=${() => void this.#askSeen(seen.seq)}
          >${strings.seen}…</button></span>`;
      }
      const names = asked.people.slice(0, 10).map(personName);
      return html`<span class="seen" part="seen">${names.length === 0 ? strings.seenByCount(asked.count)
        : strings.seenBy(names, asked.count - names.length)}</span>`;
    }
    const names = seen.userIds.map((id) => personName(this.client?.person(id) ?? { id, name: '' }));
    const hidden = this.showsAllSeen ? 0 : Math.max(0, names.length - namesShown);
    // "and 1 more" is no shorter than the name.
    const shown = hidden > 1 ? names.slice(0, namesShown) : names;
    const text = strings.seenBy(shown, names.length - shown.length);
    if (names.length <= namesShown + 1) return html`<span class="seen" part="seen">${text}</span>`;
    return html`<span class="seen" part="seen"><button class="btn btn-text" type="button" title=${names.join(', ')}
      aria-expanded=${this.showsAllSeen} @click=${() => (this.showsAllSeen = !this.showsAllSeen)}>${text}</button></span>`;
  }

  #parts(): ScrollParts | undefined {
    const scroller = this.renderRoot.querySelector<HTMLElement>('.scroller');
    if (!scroller) return undefined;
    const part = (name: string): HTMLElement => scroller.querySelector<HTMLElement>(name)!;
    return { scroller, above: part('.above'), rows: part('.rows'), below: part('.below') };
  }

  #startOver(): void {
    this.#shownRoom = this.room;
    this.#scroll.reset();
    this.#isPlaced = false;
    this.#newestSeq = undefined;
    this.#markedSeq = 0;
    this.#goesToUnread = false;
    this.activeKey = undefined;
    this.askingKey = undefined;
    this.failure = undefined;
    this.historyError = false;
    this.showsJump = false;
    this.showsAllSeen = false;
    this.askedSeen = undefined;
    this.unreadBefore = 0;
  }

  /** Where to begin: at the first unread message where it is there, else at the end. */
  #place(room: RoomState): void {
    // Whoever opens a room again sees what is known of it until the server has said what is unread.
    if (room.messages.length === 0 || room.status !== 'ready') return;
    const reachesBack = !room.hasBefore || (room.unreadAfterSeq !== undefined && oldestSeq(room.messages) <= room.unreadAfterSeq);
    if (reachesBack) this.unreadBefore = 0;
    if (this.#isPlaced && !this.#goesToUnread) return;
    const key = this.#firstUnreadKey(room);
    if (key !== undefined) {
      if (this.#goesToUnread || this.#scroll.isAtEnd) this.#scroll.jumpTo(key, 0.2);
      this.#goesToUnread = false;
    } else if (!this.#isPlaced && room.hasBefore && room.unreadAfterSeq !== undefined) {
      this.unreadBefore = room.summary?.unread ?? 0;
    }
    this.#isPlaced = true;
  }

  #firstUnreadKey(room: RoomState): string | undefined {
    if (room.unreadAfterSeq === undefined) return undefined;
    const grouping: GroupingContext = { userId: this.client?.user?.id, unreadAfterSeq: room.unreadAfterSeq, hasBefore: room.hasBefore };
    const index = room.messages.findIndex((_, at) => describeRow(room.messages, at, grouping).startsUnread);
    return room.messages[index]?.key;
  }

  #onJumpToLatest = (event: MouseEvent): void => {
    // By keyboard: the button goes away, and the focus would with it.
    if (event.detail === 0) this.#parts()?.scroller.focus({ preventScroll: true });
    void this.jumpToLatest();
  };

  #onJumpToUnread = async (): Promise<void> => {
    const { room } = this;
    const seq = room?.state.unreadAfterSeq;
    this.unreadBefore = 0;
    if (!room || seq === undefined) return;
    this.#goesToUnread = true;
    try {
      await room.loadAround(seq);
    } catch {
      if (this.room !== room) return;
      this.#goesToUnread = false;
      this.historyError = true;
    }
  };

  /** The view moved, or something in it changed. */
  #moved(): void {
    const room = this.room?.state;
    if (!room || !this.#isPlaced) return;
    const isFar = !this.#scroll.isAtEnd && (room.hasAfter || this.#scroll.pixelsBelow > 160);
    if (isFar !== this.showsJump) this.showsJump = isFar;
    // Two views ahead: whoever scrolls does not see the end of what is loaded.
    const ahead = Math.max(1_200, 2 * this.#scroll.viewHeight);
    if (!this.historyError && room.hasBefore && !room.isLoadingBefore && this.#scroll.pixelsAbove < ahead) this.#loadBefore();
    if (!this.historyError && room.hasAfter && !room.isLoadingAfter && this.#scroll.pixelsBelow < ahead) this.#loadAfter();
    this.#markRead();
  }

  #loadBefore = (): void => this.#load((room) => room.loadBefore());
  #loadAfter = (): void => this.#load((room) => room.loadAfter());

  #load(run: (room: Room) => Promise<void>): void {
    const { room } = this;
    if (!room) return;
    run(room).catch(() => {
      if (this.room === room) this.historyError = true;
    });
  }

  /** Up to the last message that was really in view, and never before somebody could look. */
  #markRead(): void {
    const { room } = this;
    if (!room || !this.#isPlaced || room.state.status !== 'ready' || !this.#sight.isSeen) return;
    let index = this.#scroll.isAtEnd ? room.state.messages.length - 1 : this.#scroll.lastSeen;
    for (; index >= 0; index -= 1) {
      const row = room.state.messages[index];
      if (row?.status !== 'sent') continue;
      const { seq } = row.message;
      if (seq <= Math.max(this.#markedSeq, room.state.summary?.readSeq ?? 0)) return;
      this.#markedSeq = seq;
      room.markRead(seq);
      return;
    }
  }

  #announce(room: RoomState): void {
    if (room.status !== 'ready') return;
    const newest = newestSeq(room.messages);
    const known = this.#newestSeq;
    this.#newestSeq = Math.max(known ?? 0, newest);
    if (known === undefined || newest <= known) return;
    const userId = this.client?.user?.id;
    const sentences: string[] = [];
    for (let index = room.messages.length - 1; index >= 0; index -= 1) {
      const row = room.messages[index]!;
      if (row.status !== 'sent') continue;
      const { seq, senderId, text, deletedAt } = row.message;
      if (seq <= known) break;
      if (senderId === userId || deletedAt !== undefined) continue;
      const name = personName(this.client?.person(senderId) ?? { id: senderId, name: '' });
      sentences.unshift(this.strings.lastMessageBy(name, text.slice(0, longestAnnouncement)));
    }
    this.#announcer.say(sentences);
  }

  async #askSeen(seq: number): Promise<void> {
    const { room } = this;
    if (!room) return;
    try {
      const { count, people } = await room.seenBy(seq);
      if (this.room === room) this.askedSeen = { seq, count, people };
    } catch {
      // The button stays, and can be pressed again.
    }
  }

  #ask(key: string): void {
    this.failure = undefined;
    this.askingKey = key;
    this.activeKey = key;
    void this.updateComplete.then(() => this.renderRoot.querySelector<HTMLElement>('.confirm')?.focus());
  }

  #cancel(): void {
    const key = this.askingKey;
    this.askingKey = undefined;
    if (key !== undefined) this.#focusRow(key);
  }

  async #delete(seq: number): Promise<void> {
    const { room } = this;
    const key = this.askingKey;
    if (!room || key === undefined) return;
    this.#cancel();
    try {
      await room.delete(seq);
    } catch (error) {
      if (this.room === room) this.failure = { key, text: error instanceof Error ? error.message : this.strings.somethingWentWrong };
    }
  }

  #rowWithFocus(): HTMLElement | undefined {
    return this.shadowRoot?.activeElement?.closest<HTMLElement>('.row') ?? undefined;
  }

  #focusRow(key: string): void {
    this.activeKey = key;
    void this.updateComplete.then(() => {
      const row = [...this.renderRoot.querySelectorAll<HTMLElement>('.row')].find((element) => element.dataset['key'] === key);
      row?.focus({ preventScroll: true });
    });
  }

  #onFocusin = (event: FocusEvent): void => {
    const key = (event.target as Element).closest<HTMLElement>('.row')?.dataset['key'];
    if (key !== undefined) this.activeKey = key;
  };

  #onKeydown = (event: KeyboardEvent): void => {
    if (event.defaultPrevented || event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
    const messages = this.room?.state.messages ?? [];
    const current = messages.findIndex((row) => row.key === this.activeKey);
    const { start, end } = this.#scroll.visible;
    // From the row that was last active, if it can still be seen; else from where the reader is.
    const from = current >= start && current < end ? current : end - 1;
    switch (event.key) {
      case 'ArrowUp': this.#step(from - 1); break;
      case 'ArrowDown': this.#step(from + 1); break;
      case 'Home': this.#step(0); break;
      case 'End': this.#step(messages.length - 1); break;
      case 'Escape':
        if (this.askingKey === undefined) return;
        this.#cancel();
        break;
      case 'Delete': {
        const row = messages[current];
        if (row?.status !== 'sent' || row.message.deletedAt !== undefined || row.message.senderId !== this.client?.user?.id) return;
        this.#ask(row.key);
        break;
      }
      default: return;
    }
    event.preventDefault();
  };

  #step(index: number): void {
    const messages = this.room?.state.messages ?? [];
    const row = messages[index];
    if (!row) return;
    if (index === messages.length - 1) void this.jumpToLatest();
    else this.#scroll.reveal(index);
    this.#focusRow(row.key);
  }
}

/** About how high a row will be: good enough that the scroll bar does not jump when it is measured. */
function estimateHeight(row: TimelineMessage): number {
  const text = row.status === 'sent' ? row.message.text : row.text;
  let lines = Math.ceil(text.length / 56) || 1;
  for (let at = text.indexOf('\n'); at !== -1 && lines < 400; at = text.indexOf('\n', at + 1)) lines += 1;
  return 32 + lines * 21;
}

function oldestSeq(messages: readonly TimelineMessage[]): number {
  const first = messages[0];
  return first?.status === 'sent' ? first.message.seq : Infinity;
}

function newestSeq(messages: readonly TimelineMessage[]): number {
  for (let index = messages.length - 1; index >= 0; index -= 1) {
    const row = messages[index]!;
    if (row.status === 'sent') return row.message.seq;
  }
  return 0;
}

declare global {
  interface HTMLElementTagNameMap {
    'chatter-message-list': ChatterMessageList;
  }
}
