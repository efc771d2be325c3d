import type { ClientSocketListener, ConnectionHint, Environment } from '../../elements/client/environment.ts';
import { MemoryOutboxStorage } from '../../elements/client/outbox-storage.ts';
import type { ServerFrame } from '../../server/protocol/frames.ts';
import { limits } from '../../server/protocol/codes.ts';
import { ManualClock } from './clock.ts';

/** One dialled socket, played by the test. */
export class ScriptedSocket {
  readonly sent: Record<string, unknown>[] = [];
  isClosedByClient = false;
  readonly #listener: ClientSocketListener;

  constructor(listener: ClientSocketListener) {
    this.#listener = listener;
  }

  open(): void {
    this.#listener.onOpen();
  }

  say(frame: ServerFrame): void {
    this.#listener.onMessage(JSON.stringify(frame));
  }

  end(code: number, reason = ''): void {
    this.#listener.onClose(code, reason);
  }

  becomeReady(): void {
    const { textCharacters, frameBytes, roomsPerConnection } = limits;
    this.open();
    this.say({
      kind: 'ready', ref: 1, version: 1, session: 's', user: { id: 'ann', name: 'Ann' }, tenant: 'main', now: 0,
      limits: { textCharacters, frameBytes, roomsPerConnection },
    });
  }
}

/** A network whose far end is the test: for what a well-behaved server never does. */
export class ScriptedNetwork {
  readonly clock = new ManualClock();
  readonly sockets: ScriptedSocket[] = [];
  readonly #hintListeners = new Set<(hint: ConnectionHint) => void>();
  isOffline = false;
  /** What happens to each new socket, unless the test plays it by hand. */
  onDial: (socket: ScriptedSocket) => void = () => {};

  readonly environment: Environment = {
    clock: this.clock,
    random: () => 0.5,
    newId: () => crypto.randomUUID(),
    openSocket: (_url, _subprotocol, listener) => {
      const socket = new ScriptedSocket(listener);
      this.sockets.push(socket);
      queueMicrotask(() => this.onDial(socket));
      return {
        send: (text) => void socket.sent.push(JSON.parse(text) as Record<string, unknown>),
        close: () => {
          socket.isClosedByClient = true;
        },
      };
    },
    isOffline: () => this.isOffline,
    onHint: (listener) => {
      this.#hintListeners.add(listener);
      return () => this.#hintListeners.delete(listener);
    },
    storage: undefined,
    outboxStorage: new MemoryOutboxStorage(),
  };

  get hintListenerCount(): number {
    return this.#hintListeners.size;
  }

  hint(hint: ConnectionHint): void {
    for (const listener of this.#hintListeners) listener(hint);
  }

  get last(): ScriptedSocket {
    const socket = this.sockets.at(-1);
    if (!socket) throw new Error('Nothing was dialled yet.');
    return socket;
  }
}
