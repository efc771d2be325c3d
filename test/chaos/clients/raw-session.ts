import { protocolVersion } from '#protocol/codes';
import type { RequestInput, RequestKind, RequestOutput, ServerFrame } from '#protocol/frames';
import type { Person } from '#protocol/models';
import type { ClientSocket } from '../../../elements/client/environment.ts';
import type { Line } from './line.ts';
import { signToken } from './tokens.ts';

/** How a request on a raw session ended; a lost connection tells nothing. */
export type RawAnswer<K extends RequestKind> =
  | { outcome: 'ok'; data: RequestOutput<K> }
  | { outcome: 'error'; code: string; retry: boolean }
  | { outcome: 'indeterminate' };

/** One socket that says exactly what it is told to, and mends nothing by itself. */
export class RawSession {
  readonly #socket: ClientSocket;
  #ref = 1;
  #isOpen = true;
  readonly #waiting = new Map<number, (answer: RawAnswer<RequestKind>) => void>();
  onPush: (frame: ServerFrame) => void = () => {};
  readonly closed: Promise<number>;
  #close: (code: number) => void = () => {};

  private constructor(line: Line, onReady: () => void, token: string) {
    this.closed = new Promise((resolve) => (this.#close = resolve));
    this.#socket = line.dial({
      onOpen: () => this.say({ kind: 'hello', ref: 1, version: protocolVersion, token }),
      onMessage: (text) => {
        const frame = JSON.parse(text) as ServerFrame;
        if (frame.kind === 'ready') onReady();
        else this.#hear(frame);
      },
      onClose: (code) => this.#end(code),
    });
  }

  /** Resolves when the server has let it in, or to undefined where it did not. */
  static async open(line: Line, user: Person): Promise<RawSession | undefined> {
    const token = await signToken({ tenant: line.options.tenant, user, lifeMs: 3_600_000 });
    return new Promise((resolve) => {
      const session: RawSession = new RawSession(line, () => resolve(session), token);
      void session.closed.then(() => resolve(undefined));
    });
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  request<K extends RequestKind>(kind: K, input: RequestInput<K>): Promise<RawAnswer<K>> {
    if (!this.#isOpen) return Promise.resolve({ outcome: 'indeterminate' });
    const ref = ++this.#ref;
    return new Promise((resolve) => {
      this.#waiting.set(ref, resolve as (answer: RawAnswer<RequestKind>) => void);
      this.say({ ...input, kind, ref });
    });
  }

  /** Anything at all; a text goes out as it is. */
  say(frame: object | string): void {
    this.#socket.send(typeof frame === 'string' ? frame : JSON.stringify(frame));
  }

  close(): void {
    this.#socket.close();
    this.#end(1000);
  }

  #hear(frame: ServerFrame): void {
    if (frame.kind !== 'ok' && frame.kind !== 'error') return this.onPush(frame);
    const answer = this.#waiting.get(frame.ref ?? 0);
    this.#waiting.delete(frame.ref ?? 0);
    if (frame.kind === 'ok') answer?.({ outcome: 'ok', data: frame.data as never });
    else answer?.({ outcome: 'error', code: frame.code, retry: frame.retry });
  }

  #end(code: number): void {
    this.#isOpen = false;
    for (const resolve of this.#waiting.values()) resolve({ outcome: 'indeterminate' });
    this.#waiting.clear();
    this.#close(code);
  }
}
