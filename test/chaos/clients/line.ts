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
  #isFrozen = false;
  #isPaused = false;
  readonly #sockets = new Map<WebSocket, string>();

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
      if (this.#isPaused || this.#isFrozen) socket.pause();
      if (isWanted) listener.onOpen();
    });
    socket.on('message', (data: Buffer) => {
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
        history.add('sent', { session, frame: JSON.parse(text) as ClientFrame });
        if (!this.#isFrozen) socket.send(text);
      },
      close: () => {
        isWanted = false;
        // Without reading there is no end of the closing handshake.
        if (this.#isFrozen || this.#isPaused) socket.terminate();
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

  /** Half open: nothing comes and nothing goes, and nobody is told, until `thaw`. */
  freeze(): void {
    this.#isFrozen = true;
    this.#pauseAll();
  }

  thaw(): void {
    this.#isFrozen = false;
    this.#resumeAll();
  }

  /** The client reads nothing; what it says still goes out. */
  pauseReading(): void {
    this.#isPaused = true;
    this.#pauseAll();
  }

  resumeReading(): void {
    this.#isPaused = false;
    this.#resumeAll();
  }

  #pauseAll(): void {
    for (const [socket, session] of this.#sockets) {
      if (socket.readyState === WebSocket.OPEN) socket.pause();
      this.options.history.add('reading', { session, isPaused: true });
    }
  }

  #resumeAll(): void {
    if (this.#isFrozen || this.#isPaused) return;
    for (const [socket, session] of this.#sockets) {
      socket.resume();
      this.options.history.add('reading', { session, isPaused: false });
    }
  }
}
