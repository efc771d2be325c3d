import { type Clock, systemClock } from './clock.ts';
import type { KeyValueStorage } from './drafts.ts';
import { InvalidInputError } from './errors.ts';
import { IndexedDbOutboxStorage } from './indexed-db-outbox-storage.ts';
import { MemoryOutboxStorage, type OutboxStorage } from './outbox-storage.ts';

/** A websocket, as narrow as the client needs it. Nothing is told after `close()`. */
export interface ClientSocket {
  send(text: string): void;
  close(): void;
}

export interface ClientSocketListener {
  onOpen(): void;
  onMessage(text: string): void;
  onClose(code: number, reason: string): void;
}

/** What the platform has noticed. `wake`: the page is looked at again, or the machine may have slept. */
export type ConnectionHint = 'online' | 'offline' | 'wake';

/** All that the client takes from the world around it: a page gives the real one, a test its own. */
export interface Environment {
  clock: Clock;
  /** From 0 (inclusive) to 1. */
  random(): number;
  /** An id that nobody else makes: 128 random bits. */
  newId(): string;
  openSocket(url: string, subprotocol: string, listener: ClientSocketListener): ClientSocket;
  /** The platform says that there is no network. It may be wrong, so it is shown and never obeyed. */
  isOffline(): boolean;
  onHint(listener: (hint: ConnectionHint) => void): () => void;
  /** Where drafts are kept; undefined where there is no such place. */
  storage: KeyValueStorage | undefined;
  outboxStorage: OutboxStorage;
}

/** The browser (or bare Node: there it has no network hints, and keeps nothing beyond the process). */
export function platformEnvironment(): Environment {
  return {
    clock: systemClock,
    random: Math.random,
    newId,
    openSocket,
    isOffline: () => globalThis.navigator?.onLine === false,
    onHint,
    storage: localStorageIfAllowed(),
    outboxStorage: globalThis.indexedDB ? new IndexedDbOutboxStorage() : new MemoryOutboxStorage(),
  };
}

// Not crypto.randomUUID(): browsers have that on https pages only, and people try things out on http://192.168.x.x.
function newId(): string {
  let id = '';
  for (const byte of crypto.getRandomValues(new Uint8Array(16))) id += byte.toString(16).padStart(2, '0');
  return id;
}

/** Said at once, to whoever calls: a try that can never succeed would be tried for ever, in silence. */
export function assertSockets(environment: Environment): void {
  if (environment.openSocket !== openSocket || globalThis.WebSocket) return;
  throw new InvalidInputError('There is no WebSocket here: use Node 22 or newer, or node --experimental-websocket.');
}

function openSocket(url: string, subprotocol: string, listener: ClientSocketListener): ClientSocket {
  const socket = new WebSocket(url, subprotocol);
  const registration = new AbortController();
  const { signal } = registration;
  socket.addEventListener('open', () => listener.onOpen(), { signal });
  socket.addEventListener('message', (event) => listener.onMessage(String(event.data)), { signal });
  // An `error` says nothing that the `close` after it does not say.
  socket.addEventListener('close', (event) => listener.onClose(event.code, event.reason), { signal });
  return {
    send: (text) => socket.send(text),
    close() {
      registration.abort();
      socket.close();
    },
  };
}

function onHint(listener: (hint: ConnectionHint) => void): () => void {
  const registration = new AbortController();
  const hints = { online: 'online', offline: 'offline', visibilitychange: 'wake', pageshow: 'wake' } as const;
  for (const [type, hint] of Object.entries(hints)) {
    // Page life-cycle events bubble up to the window, so that one place hears all of them. Node has no such place.
    globalThis.addEventListener?.(type, () => listener(hint), { signal: registration.signal });
  }
  return () => registration.abort();
}

function localStorageIfAllowed(): KeyValueStorage | undefined {
  try {
    return globalThis.localStorage;
  } catch {
    // Blocked by the person or by a sandboxed frame: reading the property is what throws.
    return undefined;
  }
}
