import { html, nothing, type PropertyValues, type TemplateResult } from 'lit';
import { property, state } from 'lit/decorators.js';
import { repeat } from 'lit/directives/repeat.js';
import { avatarStyles } from './avatar.ts';
import { personName } from './client/display-name.ts';
import type { Room, RoomState, TimelineMessage } from './client/room.ts';
import { AnnouncerController } from './controllers/announcer-controller.ts';
import { DayController } from './controllers/day-controller.ts';
import { DeletionController } from './controllers/deletion-controller.ts';
import { RowFocusController } from './controllers/row-focus-controller.ts';
import { ScrollController, type ScrollParts } from './controllers/scroll-controller.ts';
import { SeenController } from './controllers/seen-controller.ts';
import { SightController } from './controllers/sight-controller.ts';
import { WatchController } from './controllers/watch-controller.ts';
import { ChatterElement } from './element.ts';
import { arrowDownIcon } from './icons.ts';
import { authorOf, describeRow, type GroupingContext } from './renderers/grouping.ts';
import { messageListStyles } from './renderers/message-list-styles.ts';
import { isSeen } from './renderers/seen-by.ts';
import { renderMessageRow, type MessageRowContext } from './renderers/message-row.ts';
import { messageRowStyles } from './renderers/message-row-styles.ts';

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
 * @csspart question - the question whether to delete it
 * @csspart retry - the button that sends a message again
 * @csspart discard - the button that lets go of a message that was not sent
 * @csspart seen - who has seen one's last message
 * @csspart jump-to-latest - the button that leads to the newest message
 * @csspart jump-to-unread - the button that leads to the first unread message
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
    messageListStyles,
  ];

  /** The room to show. */
  @property({ attribute: false }) room: Room | undefined;

  @state() private historyError = false;
  @state() private showsJump = false;
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
  #focus = new RowFocusController(this, {
    rows: () => this.room?.state.messages ?? [],
    visible: () => this.#scroll.visible,
    reveal: (index) => this.#reveal(index),
  });
  #deletion = new DeletionController(this);
  #seen = new SeenController(this);
  #shownRoom: Room | undefined;
  #isPlaced = false;
  /** Unknown until the room was opened: what was there then is no news. */
  #newestSeq: number | undefined;
  #markedSeq = 0;
  #goesToUnread = false;

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
        if (this.room === room) this.historyError = true;
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
  }

  protected override updated(): void {
    this.#moved();
  }

  protected override render(): unknown {
    const room = this.room?.state;
    if (!room) return nothing;
    const { strings } = this;
    const unread = room.summary?.unread ?? 0;
    return html`
      <div class="scroller" part="messages" role="log" aria-live="off" aria-label=${strings.messages} tabindex="-1" @keydown=${this.#onKeydown} @focusin=${this.#focus.onFocusin}>
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
        delete: (seq) => this.#delete(seq),
      },
    };
    const isGroup = room.summary?.kind === 'group';
    const isOffline = this.client?.connection.status !== 'online';
    const seen = this.#seen.find(room, userId);
    const messages = room.messages.slice(start, end);
    const tabStop = this.#focus.tabStop(messages);
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
        canDelete: this.#canDelete(row),
        isAsking: row.key === this.#deletion.askingKey,
        failure: this.#deletion.failureOf(row.key),
        isOffline,
        isSeen: isMine && row.status === 'sent' && isSeen(row.message.seq, seen),
        seen: row.status === 'sent' && row.message.seq === seen?.seq ? this.#seen.render(seen, this.room!, this.client, this.strings) : undefined,
      }, context);
    });
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
    this.#focus.reset();
    this.#deletion.reset();
    this.#seen.reset();
    this.historyError = false;
    this.showsJump = false;
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
    if (event.detail === 0) this.#focus.focusList();
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
    // A little way up needs no button, unless something unread is below the edge.
    const hidesUnread = (room.summary?.unread ?? 0) > 0 && this.#scroll.lastSeen < room.messages.length - 1;
    const isFar = !this.#scroll.isAtEnd && (room.hasAfter || hidesUnread || this.#scroll.pixelsBelow > 160);
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

  #ask(key: string): void {
    this.#deletion.ask(key);
    void this.updateComplete.then(() => this.renderRoot.querySelector<HTMLElement>('.confirm')?.focus());
  }

  #cancel(): void {
    const key = this.#deletion.askingKey;
    this.#deletion.reset();
    if (key !== undefined) void this.#focus.focus(key);
  }

  #delete(seq: number): void {
    const key = this.#deletion.askingKey;
    if (!this.room || key === undefined) return;
    void this.#deletion.delete(this.room, seq, this.strings.somethingWentWrong);
    void this.#focus.focus(key);
  }

  #onKeydown = (event: KeyboardEvent): void => {
    if (event.defaultPrevented || event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
    if (this.#focus.handleKey(event.key)) {
      event.preventDefault();
      return;
    }
    if (event.key === 'Escape' && this.#deletion.askingKey !== undefined) {
      this.#cancel();
    } else if (event.key === 'Delete') {
      const row = this.room?.state.messages.find(({ key }) => key === this.#focus.activeKey);
      if (!row || !this.#canDelete(row)) return;
      this.#ask(row.key);
    } else {
      return;
    }
    event.preventDefault();
  };

  #canDelete(row: TimelineMessage): boolean {
    return row.status === 'sent' && row.message.deletedAt === undefined && row.message.senderId === this.client?.user?.id;
  }

  #reveal(index: number): void {
    const isLast = index === (this.room?.state.messages.length ?? 0) - 1;
    if (isLast) void this.jumpToLatest();
    else this.#scroll.reveal(index);
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
