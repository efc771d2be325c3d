/*
 * The parts that an element hands on from those inside it, so that a page can style them. What each is, is said at the element
 * that it stands in. A shadow root hides all that is not named: a part that is missing here is one that nobody can style.
 */

export const statusParts = ['status', 'status-action'];

export const messageListParts = [
  'messages', 'message', 'bubble', 'own-bubble', 'link', 'author', 'avatar', 'foot', 'time', 'day', 'unread-divider',
  'message-action', 'question', 'retry', 'discard', 'seen', 'jump-to-latest', 'jump-to-unread',
];

export const composerParts = ['composer', 'composer-field', 'composer-input', 'composer-hint', 'send'];

export const roomDetailsParts = ['details', 'member', 'avatar'];

export const roomParts = [
  'header', 'back', 'room-name', 'room-status', 'members-button', 'typing', 'notice',
  ...statusParts, ...messageListParts, ...composerParts, ...roomDetailsParts,
];

export const roomListParts = [
  'header', 'title', 'new-room', 'search', 'rooms', 'room', 'room-selected', 'room-name', 'room-time', 'room-preview', 'room-unread',
  'avatar', 'notice', ...statusParts,
];

/** The value of `exportparts`; with a prefix where two elements inside have parts of one name. */
export function handOn(parts: readonly string[], prefix = ''): string {
  return parts.map((part) => `${part}:${prefix}${part}`).join();
}
