import assert from 'node:assert/strict';
import { requests, serverFrame, type RequestKind, type ServerFrame } from '../../server/protocol/frames.ts';
import type { SessionDoor } from '../../server/socket/session-socket.ts';
import type { ClientSocket, ClientSocketListener } from '../../elements/client/environment.ts';
import { Lane } from './traffic.ts';
import type { WorldServer } from './world-server.ts';

/** Changes what comes from the server: gives the frames that come in the place of one. */
export type Meddling = (frame: ServerFrame) => ServerFrame[];

/** What the network carries; it is awaited by `World.settle`. */
export interface Carrier {
  carry(deliver: () => void, lane?: Lane): void;
  /** A frame broke the protocol: the test fails. */
  fault(error: unknown): void;
  /** Whether each frame from a server is held against the protocol's own schemas. That costs more than all the rest of it. */
  readonly checksFrames: boolean;
  /** Whether the server can ping, and so notice that nobody answers. */
  readonly canPing: boolean;
}

/** Is told each frame before it sets out; and of an answer, what was asked. */
export type Eavesdropper = (frame: ServerFrame, text: string, asked?: RequestKind) => void;

/** One client's way to the servers: socket pairs without ports. The test cuts and heals it, and meddles with what comes. */
export class Link {
  /** The server that the next dial reaches. */
  server: WorldServer;
  meddle: Meddling = asItCame;
  /** Called for each connection, for somebody who hears what its server says. */
  overhear: () => Eavesdropper = () => () => {};
  /** Every frame that came, as the client got it. */
  readonly received: ServerFrame[] = [];
  /** Kinds of the frames that the client sent. */
  readonly sent: string[] = [];
  dials = 0;
  readonly #carrier: Carrier;
  #isCut = false;
  #hangUp: ((isHeardOut: boolean) => void) | undefined;
  #deliver: (frame: ServerFrame) => void = () => {};
  #lanes = { up: new Lane(), down: new Lane() };

  constructor(server: WorldServer, carrier: Carrier) {
    this.server = server;
    this.#carrier = carrier;
  }

  /** From now on nothing gets through, and no dial succeeds. Both ends learn of it at once, as of a reset connection. */
  cut(): void {
    this.#isCut = true;
    this.#hangUp?.(false);
  }

  /** This connection ends; the next dial succeeds. `isHeardOut`: what the client has said still reaches the server. */
  hangUp(isHeardOut = false): void {
    this.#hangUp?.(isHeardOut);
  }

  /** From now on nothing of this connection arrives any more in one direction, and nobody is told. */
  stall(direction: 'up' | 'down'): void {
    this.#lanes[direction].isStalled = true;
  }

  /** What was stalled arrives. */
  unstall(): void {
    for (const lane of Object.values(this.#lanes)) lane.isStalled = false;
  }

  /** From now on everything takes this long. */
  slowDown(delayMs: number): void {
    for (const lane of Object.values(this.#lanes)) lane.delayMs = delayMs;
  }

  heal(): void {
    this.#isCut = false;
  }

  /** Loses the next frame from the server of which `isIt` holds. */
  dropNext(isIt: (frame: ServerFrame) => boolean): void {
    this.meddle = (frame) => {
      if (!isIt(frame)) return [frame];
      this.meddle = asItCame;
      return [];
    };
  }

  /** The next frame of which `isIt` holds comes after the one that follows it. */
  swapNext(isIt: (frame: ServerFrame) => boolean): void {
    this.meddle = (first) => {
      if (!isIt(first)) return [first];
      this.meddle = (second) => {
        this.meddle = asItCame;
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
    const lanes = { up: new Lane(), down: new Lane() };
    // A slow network is slow for the next connection too.
    lanes.up.delayMs = lanes.down.delayMs = this.#lanes.down.delayMs;
    this.#lanes = lanes;
    /** Which end still has the connection: at the far end what was said before it ended may yet arrive. */
    const has = { client: true, server: true };
    const eavesdropper = this.overhear();
    let door: SessionDoor | undefined;
    let bytesOnTheirWay = 0;
    const toClient = (run: () => void) => this.#carrier.carry(() => {
      if (has.client) run();
    }, lanes.down);
    const toServer = (run: () => void) => this.#carrier.carry(() => {
      if (has.server) run();
    }, lanes.up);
    const leaveServer = () => {
      has.server = false;
      stopListening();
      door?.closed();
    };
    /** It breaks, and both ends learn of it. */
    const hangUp = (isHeardOut: boolean) => {
      if (!has.client) return;
      has.client = false;
      if (isHeardOut) toServer(leaveServer);
      else leaveServer();
      this.#carrier.carry(() => listener.onClose(1006, ''));
    };
    const stopListening = server.onKill(() => hangUp(false));
    this.#hangUp = hangUp;
    const bring = (frame: ServerFrame, text: string) => {
      if (!has.client) return;
      this.received.push(frame);
      listener.onMessage(text);
    };
    this.#deliver = (frame) => bring(frame, JSON.stringify(frame));

    if (this.#isCut || !server.isRunning) {
      hangUp(false);
    } else {
      door = server.connect({
        get bufferedBytes() {
          return lanes.down.isStalled ? bytesOnTheirWay : 0;
        },
        send: (text) => {
          const frame = parsed(text);
          if (this.#carrier.checksFrames) this.#check(frame, text, kinds);
          eavesdropper(frame, text, frame.kind === 'ok' ? kinds.get(frame.ref) : undefined);
          bytesOnTheirWay += text.length;
          toClient(() => {
            bytesOnTheirWay -= text.length;
            for (const one of this.meddle(frame)) bring(one, one === frame ? text : JSON.stringify(one));
          });
        },
        ...(this.#carrier.canPing ? { ping: () => toClient(() => toServer(() => door?.heard())) } : {}),
        // What is on its way to the client still comes, what is on its way to the server does not.
        close: (code, reason) => {
          has.server = false;
          stopListening();
          toClient(() => {
            has.client = false;
            listener.onClose(code, reason);
          });
        },
      });
      toClient(() => listener.onOpen());
    }
    return {
      send: (text) => {
        const { kind, ref } = JSON.parse(text) as { kind: string; ref?: number };
        this.sent.push(kind);
        if (ref !== undefined && kind in requests) kinds.set(ref, kind as RequestKind);
        toServer(() => door?.receive(text));
      },
      // What was said before is heard, as with any socket.
      close: () => {
        if (!has.client) return;
        has.client = false;
        toServer(leaveServer);
      },
    };
  }

  #check(json: ServerFrame, text: string, kinds: ReadonlyMap<number, RequestKind>): void {
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
  }
}

/** The same frame often goes to many. */
let lastParsed = { text: 'null', frame: undefined as ServerFrame | undefined };

function parsed(text: string): ServerFrame {
  if (lastParsed.text !== text) lastParsed = { text, frame: JSON.parse(text) as ServerFrame };
  return lastParsed.frame!;
}

const asItCame: Meddling = (frame) => [frame];
