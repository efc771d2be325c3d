import { WebSocket } from 'ws';
import type { ServerFrame } from '#protocol/frames';
import { subprotocol } from '#protocol/codes';
import type { ClientSocket, ClientSocketListener } from '../../../elements/client/environment.ts';
import type { ClientFrame, History } from '../history.ts';

/** Where a dial goes: the place of a load balancer, that knows of no trouble. */
export type Route = () => { name: string; port: number };

export interface LineOptions {
  /** Name of the client in the history. */
  client: string;
  tenant: string;
  user: string;
  route: Route;
  history: History;
}

/**
 * One client's way to the nodes, over real websockets. Everything that goes over it is written down, on this side of all
 * trouble that the network makes: as the client got it, and when.
 */
export class Line {
  readonly options: LineOptions;
  #dials = 0;
  #isCut = false;
  readonly #sockets = new Map<WebSocket, string>();
  readonly #frozen = new WeakSet<WebSocket>();

  constructor(options: LineOptions) {
    this.options = options;
  }

  dial(listener: ClientSocketListener): ClientSocket {
    const { client, tenant, user, route, history } = this.options;
    const session = `${client}/${++this.#dials}`;
    if (this.#isCut) {
      const soon = setImmediate(() => listener.onClose(1006, ''));
      return { send() {}, close: () => clearImmediate(soon) };
    }
    const node = route();
    const socket = new WebSocket(`ws://127.0.0.1:${node.port}/ws`, subprotocol, { perMessageDeflate: false });
    let isWanted = true;
    this.#sockets.set(socket, session);
    socket.on('open', () => {
      history.add('connected', { session, client, tenant, user, node: node.name });
      if (isWanted) listener.onOpen();
    });
    socket.on('message', (data: Buffer) => {
      // What was on its way when the line went dead has not come.
      if (this.#frozen.has(socket)) return;
      const text = data.toString();
      history.add('received', { session, frame: JSON.parse(text) as ServerFrame });
      if (isWanted) listener.onMessage(text);
    });
    socket.on('close', (code, reason) => {
      this.#sockets.delete(socket);
      history.add('disconnected', { session, code });
      if (isWanted) listener.onClose(code, reason.toString());
    });
    // The `close` after it says all there is to say.
    socket.on('error', () => undefined);
    return {
      send: (text) => {
        if (socket.readyState !== WebSocket.OPEN) return;
        const frame = parsed(text);
        if (frame) history.add('sent', { session, frame });
        if (!this.#frozen.has(socket)) socket.send(text);
      },
      close: () => {
        isWanted = false;
        // Without reading there is no end of the closing handshake.
        if (socket.isPaused) socket.terminate();
        else socket.close();
      },
    };
  }

  /** Breaks whatever stands, as a lost network does. */
  drop(): void {
    for (const socket of this.#sockets.keys()) socket.terminate();
  }

  /** Nothing stands, and no dial succeeds, until `mend`. */
  cut(): void {
    this.#isCut = true;
    this.drop();
  }

  mend(): void {
    this.#isCut = false;
  }

  /** What stands is half open from now on: nothing comes and nothing goes, and nobody is told. The next dial is a good one. */
  freeze(): void {
    for (const socket of this.#sockets.keys()) {
      this.#frozen.add(socket);
      this.#setReading(socket, false);
    }
  }

  /** Those that are half open and still held to be connections by this side end. */
  breakFrozen(): void {
    for (const socket of this.#sockets.keys()) if (this.#frozen.has(socket)) socket.terminate();
  }

  /** The client reads nothing; what it says still goes out. */
  pauseReading(): void {
    for (const socket of this.#sockets.keys()) this.#setReading(socket, false);
  }

  resumeReading(): void {
    for (const socket of this.#sockets.keys()) if (!this.#frozen.has(socket)) this.#setReading(socket, true);
  }

  #setReading(socket: WebSocket, isReading: boolean): void {
    if (socket.readyState !== WebSocket.OPEN) return;
    if (isReading) socket.resume();
    else socket.pause();
    this.options.history.add('reading', { session: this.#sockets.get(socket)!, isPaused: !isReading });
  }
}

/** Not everything that is sent is a frame: who talks rubbish is in the history by what is answered. */
function parsed(text: string): ClientFrame | undefined {
  try {
    const frame = JSON.parse(text) as ClientFrame | null;
    return typeof frame === 'object' && frame && typeof frame.kind === 'string' ? frame : undefined;
  } catch {
    return undefined;
  }
}
