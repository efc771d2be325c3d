import assert from 'node:assert/strict';
import { requests, serverFrame, type RequestKind, type ServerFrame } from '../../server/protocol/frames.ts';
import type { SessionDoor } from '../../server/socket/session-socket.ts';
import type { ClientSocket, ClientSocketListener } from '../../elements/client/environment.ts';
import type { WorldServer } from './world-server.ts';

/** Changes what comes from the server: gives the frames that come in the place of one. */
export type Meddling = (frame: ServerFrame) => ServerFrame[];

/** What the network carries, in its order; `flush` is awaited by `World.settle`. */
export interface Carrier {
  carry(deliver: () => void): void;
  /** A frame broke the protocol: the test fails. */
  fault(error: unknown): void;
}

/**
 * One client's way to the servers: socket pairs without ports. The test cuts and heals it, and meddles with what comes.
 * Each frame from a server is parsed by the protocol's own schemas.
 */
export class Link {
  /** The server that the next dial reaches. */
  server: WorldServer;
  meddle: Meddling = (frame) => [frame];
  /** Every frame that came, as the client got it. */
  readonly received: ServerFrame[] = [];
  /** Kinds of the frames that the client sent. */
  readonly sent: string[] = [];
  dials = 0;
  readonly #carrier: Carrier;
  #isCut = false;
  #hangUp: (() => void) | undefined;
  #deliver: (frame: ServerFrame) => void = () => {};

  constructor(server: WorldServer, carrier: Carrier) {
    this.server = server;
    this.#carrier = carrier;
  }

  /** From now on nothing gets through, and no dial succeeds. Both ends learn of it at once, as of a reset connection. */
  cut(): void {
    this.#isCut = true;
    this.#hangUp?.();
  }

  heal(): void {
    this.#isCut = false;
  }

  /** Loses the next frame from the server of which `isIt` holds. */
  dropNext(isIt: (frame: ServerFrame) => boolean): void {
    this.meddle = (frame) => {
      if (!isIt(frame)) return [frame];
      this.meddle = (one) => [one];
      return [];
    };
  }

  /** The next frame of which `isIt` holds comes after the one that follows it. */
  swapNext(isIt: (frame: ServerFrame) => boolean): void {
    this.meddle = (first) => {
      if (!isIt(first)) return [first];
      this.meddle = (second) => {
        this.meddle = (frame) => [frame];
        return [second, first];
      };
      return [];
    };
  }

  /** Brings a frame that `meddle` has kept back. */
  bring(frame: ServerFrame): void {
    this.#carrier.carry(() => this.#deliver(frame));
  }

  dial(listener: ClientSocketListener): ClientSocket {
    this.dials += 1;
    const { server } = this;
    const kinds = new Map<number, RequestKind>();
    const pair = { isOpen: true };
    let door: SessionDoor | undefined;
    const toClient = (run: () => void) => this.#carrier.carry(() => {
      if (pair.isOpen) run();
    });
    /** The connection ends: what is on its way to the client still comes, what is on its way to the server does not. */
    const end = (code: number, reason: string) => {
      toClient(() => {
        pair.isOpen = false;
        listener.onClose(code, reason);
      });
    };
    const hangUp = () => {
      if (!pair.isOpen) return;
      pair.isOpen = false;
      stopListening();
      door?.closed();
      this.#carrier.carry(() => listener.onClose(1006, ''));
    };
    const stopListening = server.onKill(hangUp);
    this.#hangUp = hangUp;
    this.#deliver = (frame) => {
      if (!pair.isOpen) return;
      this.received.push(frame);
      listener.onMessage(JSON.stringify(frame));
    };

    if (this.#isCut || !server.isRunning) {
      hangUp();
    } else {
      door = server.connect({
        bufferedBytes: 0,
        send: (text) => toClient(() => {
          for (const frame of this.meddle(this.#parsed(text, kinds))) this.#deliver(frame);
        }),
        close: (code, reason) => {
          stopListening();
          end(code, reason);
        },
      });
      toClient(() => listener.onOpen());
    }
    return {
      send: (text) => {
        const { kind, ref } = JSON.parse(text) as { kind: string; ref?: number };
        this.sent.push(kind);
        if (ref !== undefined && kind in requests) kinds.set(ref, kind as RequestKind);
        this.#carrier.carry(() => {
          if (pair.isOpen) door?.receive(text);
        });
      },
      close: () => {
        if (!pair.isOpen) return;
        pair.isOpen = false;
        stopListening();
        this.#carrier.carry(() => door?.closed());
      },
    };
  }

  #parsed(text: string, kinds: ReadonlyMap<number, RequestKind>): ServerFrame {
    const json = JSON.parse(text) as ServerFrame;
    try {
      serverFrame.parse(json);
      if (json.kind === 'ok') {
        const kind = kinds.get(json.ref);
        assert.ok(kind, `an answer to nothing that was asked: ${text}`);
        requests[kind].output.parse(json.data);
      }
    } catch (error) {
      this.#carrier.fault(new Error(`The server sent a frame that breaks the protocol: ${text}`, { cause: error }));
    }
    return json;
  }
}
