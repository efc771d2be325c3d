import type { Member, Message, MessagePage, Person, RoomSummary } from '#protocol/models';

/** A message as one sees it in a room. */
export type TimelineMessage = SentMessage | UnsentMessage;
export type SentMessage = { key: string; status: 'sent'; message: Message };
export type UnsentMessage =
  /** Mine, not acknowledged yet: `at` is when I sent it. Always after every sent one. */
  | { key: string; status: 'pending'; clientMsgId: string; text: string; at: number }
  /** Refused for good; `error` says why. It can be retried or discarded. */
  | { key: string; status: 'failed'; clientMsgId: string; text: string; at: number; error: string };

/** A snapshot; a new object after each change. */
export interface RoomState {
  status: 'closed' | 'opening' | 'ready' | 'gone' | 'error';
  error?: string;
  summary?: RoomSummary;
  /** A contiguous run of the room's messages, oldest first, then what is pending. `key` never changes for a message. */
  messages: readonly TimelineMessage[];
  hasBefore: boolean;
  hasAfter: boolean;
  isLoadingBefore: boolean;
  isLoadingAfter: boolean;
  /** Where the divider of unread stands: after this `seq`. Set when the room was opened, until it is closed. */
  unreadAfterSeq?: number;
  /** Present members, where the room is small enough to have them all (100). */
  members: readonly Member[];
  /** How many members are there, where the room is too large to tell who (over 100), and it is known. */
  online?: number;
  /** Others who type now. */
  typing: readonly Person[];
}

/** The same while a message is pending and after it was sent: a list keyed by it never moves a row. */
export function messageKey(senderId: string, clientMsgId: string): string {
  return `${senderId}:${clientMsgId}`;
}

/**
 * A contiguous run of a room's messages, oldest first. The functions below are pure: each gives a new window, or the same
 * object where nothing changed. Contiguity is by `ordinal`, which counts messages without holes.
 */
export interface MessageWindow {
  readonly messages: readonly SentMessage[];
  readonly hasBefore: boolean;
  /** The room has newer messages than these: what comes live must not be glued to the end. */
  readonly hasAfter: boolean;
}

/** Over this many messages a window lets go of its far end. */
export const windowLimit = 5_000;

export const emptyWindow: MessageWindow = { messages: [], hasBefore: false, hasAfter: false };

export function windowOf(page: MessagePage): MessageWindow {
  return { messages: page.messages.map(asSent), hasBefore: page.hasBefore, hasAfter: page.hasAfter };
}

/** Brings in new states of messages, oldest change first: those in the window are replaced, and the next ones appended. */
export function withMessages(window: MessageWindow, changed: readonly Message[]): MessageWindow {
  let { hasAfter } = window;
  let copy: SentMessage[] | undefined;
  for (const message of changed) {
    const messages = copy ?? window.messages;
    const index = indexOfSeq(messages, message.seq);
    const known = messages[index];
    if (known?.message.seq === message.seq) {
      if (message.changedSeq <= known.message.changedSeq) continue;
      copy ??= [...window.messages];
      copy[index] = asSent(message);
    } else if (index === messages.length && !hasAfter) {
      if (isNext(window.hasBefore, messages, message)) {
        copy ??= [...window.messages];
        copy.push(asSent(message));
      } else {
        hasAfter = true;
      }
    }
  }
  if (!copy && hasAfter === window.hasAfter) return window;
  return newestOf({ messages: copy ?? window.messages, hasBefore: window.hasBefore, hasAfter }, windowLimit);
}

/** Whether the message can be appended at once, though the log was not followed up to it yet: my own, just acknowledged. */
export function canAppend(window: MessageWindow, message: Message): boolean {
  return !window.hasAfter && indexOfSeq(window.messages, message.seq) === window.messages.length
    && isNext(window.hasBefore, window.messages, message);
}

export function hasMessage(window: MessageWindow, seq: number): boolean {
  return window.messages[indexOfSeq(window.messages, seq)]?.message.seq === seq;
}

/** Puts an older page before the window. One that does not fit any more (the window moved meanwhile) changes nothing. */
export function withPageBefore(window: MessageWindow, page: MessagePage): MessageWindow {
  const first = window.messages[0]?.message;
  const last = page.messages.at(-1);
  if (!first) return window;
  if (!last) return { ...window, hasBefore: page.hasBefore };
  if (last.ordinal !== first.ordinal - 1) return window;
  return trimmedAfter({
    messages: [...page.messages.map(asSent), ...window.messages], hasBefore: page.hasBefore, hasAfter: window.hasAfter,
  });
}

/** Puts a newer page after the window. One that does not fit any more changes nothing. */
export function withPageAfter(window: MessageWindow, page: MessagePage): MessageWindow {
  const last = window.messages.at(-1)?.message;
  const first = page.messages[0];
  if (!last) return window;
  if (!first) return { ...window, hasAfter: page.hasAfter };
  if (first.ordinal !== last.ordinal + 1) return window;
  return newestOf({
    messages: [...window.messages, ...page.messages.map(asSent)], hasBefore: window.hasBefore, hasAfter: page.hasAfter,
  }, windowLimit);
}

/** Keeps the newest `count` messages. */
export function newestOf(window: MessageWindow, count: number): MessageWindow {
  if (window.messages.length <= count) return window;
  return { messages: window.messages.slice(-count), hasBefore: true, hasAfter: window.hasAfter };
}

/** Place of the first message whose `seq` is not below this one. */
export function indexOfSeq(messages: readonly SentMessage[], seq: number): number {
  let low = 0;
  let high = messages.length;
  // Most often it is about the newest message, or a newer one.
  if (high > 0 && messages[high - 1]!.message.seq < seq) return high;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (messages[middle]!.message.seq < seq) low = middle + 1;
    else high = middle;
  }
  return low;
}

function isNext(hasBefore: boolean, messages: readonly SentMessage[], message: Message): boolean {
  const last = messages.at(-1)?.message;
  return last ? message.ordinal === last.ordinal + 1 : message.ordinal === 1 && !hasBefore;
}

function asSent(message: Message): SentMessage {
  return { key: messageKey(message.senderId, message.clientMsgId), status: 'sent', message };
}

function trimmedAfter(window: MessageWindow): MessageWindow {
  if (window.messages.length <= windowLimit) return window;
  return { messages: window.messages.slice(0, windowLimit), hasBefore: window.hasBefore, hasAfter: true };
}
