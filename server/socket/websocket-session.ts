import type { Duplex } from 'node:stream';
import { WebSocket } from 'ws';
import type { Clock } from '../clock.ts';
import type { SessionSocket } from './session-socket.ts';
import type { SharedFrame } from './shared-frame.ts';

/** A peer that does not answer a close is let go after this long. */
const closeMs = 2_000;

/** What a session says, into a websocket and the socket under it. */
export class WebSocketSession implements SessionSocket {
  readonly #websocket: WebSocket;
  readonly #socket: Duplex;
  readonly #clock: Clock;
  /** Whether `ws` writes frames as they are and at once, so that others may be written past it. */
  readonly #isPlain: boolean;

  constructor(websocket: WebSocket, socket: Duplex, clock: Clock) {
    this.#websocket = websocket;
    this.#isPlain = websocket.extensions === '';
    this.#socket = socket;
    this.#clock = clock;
  }

  get bufferedBytes(): number {
    return this.#websocket.bufferedAmount;
  }

  send(text: string): void {
    this.#websocket.send(text);
  }

  /**
   * Past `ws`, which would copy and frame the same bytes for each socket. That keeps the order because without an extension
   * `ws` writes at once as well, and queues nothing of its own.
   */
  sendShared(frame: SharedFrame): void {
    if (!this.#isPlain) this.#websocket.send(frame.text);
    else if (this.#websocket.readyState === WebSocket.OPEN) this.#socket.write(frame.websocketBytes);
  }

  onceTaken(callback: () => void): void {
    this.#socket.once('drain', callback);
  }

  ping(): void {
    if (this.#websocket.readyState === WebSocket.OPEN) this.#websocket.ping();
  }

  close(code: number, reason: string): void {
    this.#websocket.close(code, reasonOf(reason));
    const giveUp = this.#clock.after(closeMs, () => this.#websocket.terminate());
    this.#websocket.once('close', giveUp);
  }
}

/** As much of a sentence as a close frame holds (RFC 6455 5.5.1), to a whole letter: of more `ws` would make an error. */
function reasonOf(sentence: string): string {
  return new TextDecoder().decode(Buffer.from(sentence).subarray(0, 123), { stream: true });
}
