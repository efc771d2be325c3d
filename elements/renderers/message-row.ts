import { html, nothing, type TemplateResult } from 'lit';
import { classMap } from 'lit/directives/class-map.js';
import type { Person } from '#protocol/models';
import { personAvatar } from '../avatar.ts';
import { personName } from '../client/display-name.ts';
import type { TimelineMessage } from '../client/room.ts';
import { checkAllIcon, checkIcon, clockIcon, trashIcon, warningIcon } from '../icons.ts';
import type { Strings } from '../strings.ts';
import { clockTime, dayLabel, fullTime } from '../time-label.ts';
import { timeOf, type RowShape } from './grouping.ts';
import { countLoneEmoji, renderText } from './text.ts';

/** Everything one row of the list shows. */
export interface MessageRow {
  row: TimelineMessage;
  shape: RowShape;
  isMine: boolean;
  author: Person;
  /** Picture and name, where there is more than one other person. */
  showsAuthor: boolean;
  /** The row that Tab stops at. */
  isTabStop: boolean;
  canDelete: boolean;
  /** The question whether to delete it is open. */
  isAsking: boolean;
  /** Why it could not be deleted. */
  failure: string | undefined;
  /** A message that waits for a connection says so. */
  isOffline: boolean;
  /** Whether somebody else has seen it, which older messages show by their mark alone. */
  isSeen: boolean;
  /** Who has, on the newest that somebody has. */
  seen: TemplateResult | undefined;
}

/** What can be done with a row. */
export interface MessageRowActions {
  retry: (clientMsgId: string) => void;
  discard: (clientMsgId: string) => void;
  ask: (key: string) => void;
  cancel: () => void;
  delete: (seq: number) => void;
}

/** The words and the clock of the reader. */
export interface MessageRowContext {
  strings: Strings;
  language: string | undefined;
  now: number;
  actions: MessageRowActions;
}

/** One row: the separators above it, the bubble, and what stands below. Always a single element, without margins outside. */
export function renderMessageRow(view: MessageRow, context: MessageRowContext): TemplateResult {
  const { row, shape, isMine, showsAuthor } = view;
  const { strings, language, now } = context;
  const at = timeOf(row);
  const isDeleted = row.status === 'sent' && row.message.deletedAt !== undefined;
  const classes = {
    'row': true,
    'is-mine': isMine,
    'starts-group': shape.startsGroup,
    'ends-group': shape.endsGroup,
    'is-pending': row.status === 'pending',
    'is-failed': row.status === 'failed',
    'is-deleted': isDeleted,
  };
  const name = isMine ? strings.you : personName(view.author);
  // In a group the time stands beside the name; elsewhere there is no name, and it stands below.
  const isNamed = showsAuthor && !isMine;
  return html`<div class=${classMap(classes)} part="message" role="article" data-key=${row.key} tabindex=${view.isTabStop ? 0 : -1}
    aria-label="${name}, ${fullTime(at, language)}" aria-describedby=${bubbleId(row)}>
    ${shape.startsDay ? html`<div class="day" part="day"><time class="day-label" datetime=${isoDay(at)}>${dayLabel(at, now, language, strings)}</time></div>` : nothing}
    ${shape.startsUnread ? html`<div class="unread" part="unread-divider"><span>${strings.newMessages}</span></div>` : nothing}
    <div class="line">
      ${isNamed ? html`<div class="picture">${shape.endsGroup ? personAvatar(view.author) : nothing}</div>` : nothing}
      <div class="stack">
        ${isNamed && shape.startsGroup ? html`<div class="head"><bdi class="author" part="author" aria-hidden="true">${name}</bdi>${renderTime(at, language)}</div>` : nothing}
        <div class="bubble-line">
          ${isDeleted ? html`<div class="bubble" part="bubble" id=${bubbleId(row)}>${strings.deletedMessage}</div>` : renderBubble(row, isMine)}
          <div class="aside">
            ${(isNamed ? shape.startsGroup : shape.endsGroup) ? nothing : html`<time class="aside-time" aria-hidden="true">${clockTime(at, language)}</time>`}
            ${view.canDelete && !view.isAsking ? html`<button class="btn btn-icon action" part="message-action" type="button"
              tabindex=${view.isTabStop ? 0 : -1} title=${strings.deleteMessage} aria-label=${strings.deleteMessage}
              @click=${() => context.actions.ask(row.key)}>${trashIcon}</button>` : nothing}
          </div>
        </div>
        ${view.isAsking && row.status === 'sent' ? renderQuestion(row.message.seq, context) : nothing}
        ${view.failure ? html`<div class="trouble" role="alert">${view.failure}</div>` : nothing}
        ${row.status === 'failed' ? renderFailed(row, context) : isNamed ? nothing : renderFoot(view, context)}
      </div>
    </div>
  </div>`;
}

function renderBubble(row: TimelineMessage, isMine: boolean): TemplateResult {
  const text = row.status === 'sent' ? row.message.text : row.text;
  const emoji = countLoneEmoji(text);
  const part = isMine ? 'bubble own-bubble' : 'bubble';
  // No space between the tags: it would be shown, as all that a person wrote is.
  return html`<div class="bubble ${emoji > 0 ? `emoji emoji-${emoji}` : ''}" part=${part} id=${bubbleId(row)}><div class="text" dir="auto">${renderText(text)}</div></div>`;
}

function renderFoot(view: MessageRow, context: MessageRowContext): TemplateResult | typeof nothing {
  const { row, shape, seen } = view;
  if (!shape.endsGroup && !seen && row.status !== 'pending') return nothing;
  const at = timeOf(row);
  return html`<div class="foot" part="foot">
    ${renderTime(at, context.language)}
    ${view.isMine && row.status === 'pending' ? renderState(clockIcon, view.isOffline ? context.strings.waiting : context.strings.pending, view.isOffline)
      : seen ? html`${checkAllIcon}${seen}`
      : view.isSeen && !isDeleted(row) ? renderState(checkAllIcon, context.strings.seen, false)
      : view.isMine && !isDeleted(row) ? renderState(checkIcon, context.strings.sent, false) : nothing}
  </div>`;
}

function renderTime(at: number, language: string | undefined): TemplateResult {
  return html`<time part="time" datetime=${new Date(at).toISOString()} title=${fullTime(at, language)}>${clockTime(at, language)}</time>`;
}

function renderState(icon: TemplateResult, label: string, isShown: boolean): TemplateResult {
  return html`<span class="state" title=${label}>${icon}<span class=${isShown ? '' : 'visually-hidden'}>${label}</span></span>`;
}

function renderFailed(row: Extract<TimelineMessage, { status: 'failed' }>, { strings, actions }: MessageRowContext): TemplateResult {
  return html`<div class="foot trouble" part="foot">
    <span>${warningIcon}<span>${strings.failed}. ${row.error}</span></span>
    <span><button class="btn btn-text" part="retry" type="button" @click=${() => actions.retry(row.clientMsgId)}>${strings.retry}</button>
      <button class="btn btn-text" part="discard" type="button" @click=${() => actions.discard(row.clientMsgId)}>${strings.discard}</button></span>
  </div>`;
}

function renderQuestion(seq: number, { strings, actions }: MessageRowContext): TemplateResult {
  return html`<div class="question" part="question" role="group" aria-label=${strings.deleteMessageQuestion}>
    <span>${strings.deleteMessageQuestion}</span>
    <button class="btn btn-sm btn-secondary" type="button" @click=${actions.cancel}>${strings.cancel}</button>
    <button class="btn btn-sm btn-danger confirm" type="button" @click=${() => actions.delete(seq)}>${strings.delete}</button>
  </div>`;
}

/** Of a row that has the focus a screen reader says the name, and then what this points to: the text. An id holds no space. */
function bubbleId(row: TimelineMessage): string {
  return `bubble-${row.key.replaceAll(/\s/g, '_')}`;
}

function isDeleted(row: TimelineMessage): boolean {
  return row.status === 'sent' && row.message.deletedAt !== undefined;
}

/** The day where the reader is, as a machine reads it. */
function isoDay(at: number): string {
  const date = new Date(at);
  const two = (part: number): string => String(part).padStart(2, '0');
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}
