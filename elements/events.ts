import type { Message } from '#protocol/models';
import type { ConnectionState } from './client/chat-client.ts';

/*
 * What the elements tell the page. Each is a class of its own with plain fields, bubbles, and crosses shadow roots;
 * a listener on a connection, or on the document, hears all that is below.
 */

abstract class ChatterEvent extends Event {
  constructor(type: string, options: { cancelable?: boolean } = {}) {
    super(type, { bubbles: true, composed: true, cancelable: options.cancelable ?? false });
  }
}

/** A room was chosen, or (`room` is undefined) left for the list. `preventDefault()` keeps what was shown. */
export class ChatterRoomSelectEvent extends ChatterEvent {
  static readonly type = 'chatter-room-select';
  readonly room: string | undefined;

  constructor(room: string | undefined) {
    super(ChatterRoomSelectEvent.type, { cancelable: true });
    this.room = room;
  }
}

/** A message is about to be sent. `preventDefault()` stops it; what was typed stays in the composer. */
export class ChatterSendEvent extends ChatterEvent {
  static readonly type = 'chatter-send';
  readonly room: string;
  readonly text: string;

  constructor(room: string, text: string) {
    super(ChatterSendEvent.type, { cancelable: true });
    this.room = room;
    this.text = text;
  }
}

/** A message of this person was stored by the server. */
export class ChatterSentEvent extends ChatterEvent {
  static readonly type = 'chatter-sent';
  readonly room: string;
  readonly message: Message;

  constructor(room: string, message: Message) {
    super(ChatterSentEvent.type);
    this.room = room;
    this.message = message;
  }
}

/** The back button of a room was pressed. */
export class ChatterBackEvent extends ChatterEvent {
  static readonly type = 'chatter-back';

  constructor() {
    super(ChatterBackEvent.type);
  }
}

/** The number of unread messages changed, over all rooms that are known. */
export class ChatterUnreadEvent extends ChatterEvent {
  static readonly type = 'chatter-unread';
  readonly unread: number;

  constructor(unread: number) {
    super(ChatterUnreadEvent.type);
    this.unread = unread;
  }
}

/** The connection to the server came, went, or was given up. */
export class ChatterConnectionChangeEvent extends ChatterEvent {
  static readonly type = 'chatter-connection-change';
  readonly connection: ConnectionState;

  constructor(connection: ConnectionState) {
    super(ChatterConnectionChangeEvent.type);
    this.connection = connection;
  }
}

/** Something that the page's author should know went wrong; the person who chats is told by the element itself. */
export class ChatterErrorEvent extends ChatterEvent {
  static readonly type = 'chatter-error';
  readonly message: string;
  readonly cause: unknown;

  constructor(message: string, cause?: unknown) {
    super(ChatterErrorEvent.type);
    this.message = message;
    this.cause = cause;
  }
}

declare global {
  interface HTMLElementEventMap {
    'chatter-room-select': ChatterRoomSelectEvent;
    'chatter-send': ChatterSendEvent;
    'chatter-sent': ChatterSentEvent;
    'chatter-back': ChatterBackEvent;
    'chatter-unread': ChatterUnreadEvent;
    'chatter-connection-change': ChatterConnectionChangeEvent;
    'chatter-error': ChatterErrorEvent;
  }
}
