import { css, html, nothing, type TemplateResult } from 'lit';
import type { RoomSummary } from '#protocol/models';
import { roomAvatar } from './avatar.ts';
import { displayName, personName } from './client/display-name.ts';
import type { Strings } from './strings.ts';
import { fullTime, shortTime } from './time-label.ts';

/** What a room in the list needs to know beyond the room. */
export interface RoomItemContext {
  strings: Strings;
  language: string | undefined;
  now: number;
  /** Id of the person who looks at the list. */
  userId: string | undefined;
  isSelected: boolean;
  isOnline: boolean;
  /** Of all rooms one is reached by Tab, the others by the arrows. */
  isTabStop: boolean;
}

/** The button of one room in the list. */
export function roomItem(room: RoomSummary, context: RoomItemContext): TemplateResult {
  const { strings, language, now, isSelected, isOnline, isTabStop } = context;
  const name = displayName(room, strings, language);
  const isUnread = room.unread > 0;
  return html`<button
      class="room ${isUnread ? 'is-unread' : ''}" part=${isSelected ? 'room room-selected' : 'room'} type="button" data-room=${room.id}
      aria-current=${isSelected ? 'true' : nothing} tabindex=${isTabStop ? 0 : -1}>
    ${roomAvatar(room, { online: isOnline })}
    <span class="line">
      <span class="name" part="room-name" dir="auto">${name}</span>
      ${isOnline ? html`<span class="visually-hidden">, ${strings.online},</span>` : nothing}
      <time class="time" part="room-time" datetime=${new Date(room.activeAt).toISOString()} title=${fullTime(room.activeAt, language)}>${
        shortTime(room.activeAt, now, language, strings)}</time>
    </span>
    <span class="line">
      <span class="preview" part="room-preview" dir="auto">${preview(room, context)}</span>
      ${isUnread
        ? html`<span class="badge unread" part="room-unread"><span aria-hidden="true" dir="ltr">${room.unread > 99 ? '99+' : room.unread}</span><span
            class="visually-hidden">${strings.unread(room.unread)}</span></span>`
        : nothing}
    </span>
  </button>`;
}

/** The last message and who wrote it. In a direct room one knows that it is the other. */
function preview(room: RoomSummary, { strings, userId }: RoomItemContext): TemplateResult | string {
  const message = room.lastMessage;
  if (!message) return html`<i>${strings.noMessagesYet}</i>`;
  const isMine = message.senderId === userId;
  if (message.deletedAt !== undefined) return html`<i>${strings.deletedMessage}</i>`;
  // One line of it, and no more than a line can hold: a message may be long.
  const text = message.text.slice(0, 200).replaceAll(/\s+/g, ' ').trim();
  if (room.people.length === 0) return text;
  if (isMine) return strings.lastMessageByYou(text);
  if (room.kind === 'direct' || !room.lastSender) return text;
  return strings.lastMessageBy(personName(room.lastSender), text);
}

/** A row while the rooms are on their way. */
export const roomPlaceholder = html`<div class="room placeholder-glow">
  <span class="avatar"><span class="avatar-face placeholder"></span></span>
  <span class="line"><span class="placeholder placeholder-name"></span></span>
  <span class="line"><span class="placeholder placeholder-preview"></span></span>
</div>`;

export const roomItemStyles = css`
  .room {
    --avatar-ring: var(--_ch-body-bg);
    display: grid;
    grid-template-columns: auto minmax(0, 1fr);
    grid-template-rows: auto auto;
    align-content: center;
    column-gap: 12px;
    row-gap: 1px;
    inline-size: 100%;
    min-block-size: 64px;
    padding: 9px 10px;
    border: 0;
    border-radius: var(--_ch-border-radius-lg);
    color: inherit;
    background: var(--avatar-ring);
    font: inherit;
    text-align: start;
    content-visibility: auto;
    contain-intrinsic-block-size: auto 64px;
  }

  button.room:hover {
    --avatar-ring: var(--_ch-hover-bg);
  }

  button.room:active {
    --avatar-ring: var(--_ch-pressed-bg);
  }

  button.room[aria-current] {
    --avatar-ring: var(--_ch-selected-bg);
  }

  .room:focus-visible {
    outline-offset: -2px;
  }

  .room > .avatar {
    grid-row: 1 / 3;
    align-self: center;
  }

  .line {
    display: flex;
    align-items: baseline;
    gap: 8px;
    min-inline-size: 0;
  }

  .name,
  .preview {
    flex: 1 1 auto;
    min-inline-size: 0;
    overflow: hidden;
    white-space: nowrap;
    text-overflow: ellipsis;
    /* The text's own direction orders its letters; all rows begin at the same side. */
    text-align: -webkit-match-parent;
    text-align: match-parent;
  }

  .name {
    font-size: var(--_ch-text-md);
    font-weight: 600;
    line-height: 1.4;
  }

  .time {
    flex: none;
    font-size: var(--_ch-text-xs);
    color: var(--_ch-muted-color);
    font-variant-numeric: tabular-nums;
  }

  .preview {
    font-size: var(--_ch-text-sm);
    line-height: 1.5;
    color: var(--_ch-muted-color);
  }

  .is-unread .preview {
    color: var(--_ch-body-color);
    font-weight: 500;
  }

  .is-unread .time {
    color: var(--_ch-accent);
    font-weight: 500;
  }

  .unread {
    flex: none;
    min-inline-size: 20px;
    padding: 0 6px;
    border-radius: 10px;
    font-size: var(--_ch-text-xs);
    font-weight: 600;
    line-height: 20px;
    text-align: center;
    font-variant-numeric: tabular-nums;
    color: var(--_ch-on-primary);
    background: var(--_ch-primary);
  }

  .placeholder {
    border-radius: 6px;
    background: currentcolor;
  }

  .avatar-face.placeholder {
    border-radius: 50%;
  }

  .placeholder-name {
    inline-size: 45%;
    block-size: 12px;
    align-self: center;
  }

  .placeholder-preview {
    inline-size: 80%;
    block-size: 10px;
    align-self: center;
  }

  @media (forced-colors: active) {
    button.room[aria-current] {
      outline: 2px solid Highlight;
      outline-offset: -2px;
    }
  }
`;
