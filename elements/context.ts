import { createContext } from '@lit/context';
import type { ChatClient } from './client/chat-client.ts';

/** Which room is looked at: what makes a room list and a room under one connection master and detail. */
export interface Selection {
  readonly roomId: string | undefined;
  /** It was just made to write in: a room that shows it puts the cursor there. */
  readonly isNew: boolean;
  select(roomId: string | undefined, options?: { isNew: boolean }): void;
}

// `Symbol.for`, so that two copies of this module on a page share their contexts.

/** The client that elements below use. Provided as `undefined` while the provider has none yet. */
export const clientContext = createContext<ChatClient | undefined>(Symbol.for('chatter.client'));

/** The room that elements below look at. */
export const selectionContext = createContext<Selection | undefined>(Symbol.for('chatter.selection'));

/** True below an element that tells the state of the connection itself, so that it is not told twice. */
export const statusContext = createContext<boolean>(Symbol.for('chatter.status'));
