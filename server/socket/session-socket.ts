import type { SharedFrame } from './shared-frame.ts';

/** What a session needs of a transport: a websocket has it, and so has a test without one. */
export interface SessionSocket {
  send(text: string): void;
  /** As `send`, for a frame that goes to many: whoever can write the bytes that others write too, saves the work. */
  sendShared?(frame: SharedFrame): void;
  /** Asks the other end for a sign of life, told by `heard`. Without it, silence of the other end is not noticed. */
  ping?(): void;
  /** Calls back once, when the other end has taken all that was handed over. Without it, that is looked at each second. */
  onceTaken?(callback: () => void): void;
  close(code: number, reason: string): void;
  /** Bytes handed over and not yet taken by the other end. */
  readonly bufferedBytes: number;
}

/** The other side of a `SessionSocket`: what the transport tells the session. */
export interface SessionDoor {
  receive(text: string): void;
  /** A sign of life that is no frame, like the answer to `ping`. */
  heard(): void;
  /** The transport is gone. */
  closed(): void;
}
