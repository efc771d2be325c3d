import type { RequestInput, RequestKind, RequestOutput, ServerFrameOf } from '#protocol/frames';
import { limits } from '#protocol/codes';
import { type Clock, Timers } from './clock.ts';
import { type ChatterClientError, NotConnectedError, RequestRefusedError, RequestTimeoutError } from './errors.ts';

const timeoutMs = 20_000;
/** Below what the server takes (F5), so that typing and heartbeats have room and no burst of ours is refused. */
const perSecond = limits.framesPerSecond * 0.75;
const burst = limits.frameBurst * 0.75;

interface Waiting {
  resolve: (data: object) => void;
  reject: (error: ChatterClientError) => void;
}

/** Questions and their answers: each `ref` is settled once, by an answer, a timeout or the end of its connection. */
export class Requests {
  readonly #clock: Clock;
  readonly #send: (frame: object) => void;
  readonly #timers: Timers;
  readonly #waiting = new Map<number, Waiting>();
  /** Frames that wait for their turn. They are dropped, not kept, when the connection ends. */
  #queue: { kind: string; ref: number }[] = [];
  #ref = 1;
  #tokens = burst;
  #countedAt = 0;

  constructor(clock: Clock, send: (frame: object) => void) {
    this.#clock = clock;
    this.#send = send;
    this.#timers = new Timers(clock);
  }

  request<K extends RequestKind>(kind: K, input: RequestInput<K>): Promise<RequestOutput<K>> {
    const ref = ++this.#ref;
    return new Promise<object>((resolve, reject) => {
      this.#waiting.set(ref, { resolve, reject });
      this.#queue.push({ ...(input as object), kind, ref });
      this.#flush();
    }) as Promise<RequestOutput<K>>;
  }

  answered(frame: ServerFrameOf<'ok'> | ServerFrameOf<'error'>): void {
    if (frame.kind === 'ok') {
      this.#settle(frame.ref)?.resolve(frame.data);
    } else if (frame.ref !== undefined) {
      const { code, message, retry, afterMs } = frame;
      this.#settle(frame.ref)?.reject(new RequestRefusedError(code, message, { retryable: retry, afterMs }));
    }
  }

  /** The connection ended: nobody will answer any more. */
  rejectAll(): void {
    this.#timers.clearAll();
    this.#queue = [];
    const waiting = [...this.#waiting.values()];
    this.#waiting.clear();
    const sentence = 'The connection was lost before the chat server answered. Try again.';
    for (const { reject } of waiting) reject(new NotConnectedError(sentence));
  }

  #settle(ref: number): Waiting | undefined {
    const waiting = this.#waiting.get(ref);
    this.#waiting.delete(ref);
    this.#timers.clear(String(ref));
    return waiting;
  }

  #flush(): void {
    const now = this.#clock.now();
    this.#tokens = Math.min(burst, this.#tokens + (Math.max(0, now - this.#countedAt) / 1_000) * perSecond);
    this.#countedAt = now;
    while (this.#tokens >= 1) {
      const frame = this.#queue.shift();
      if (!frame) return;
      this.#tokens -= 1;
      this.#timers.set(String(frame.ref), timeoutMs, () => this.#settle(frame.ref)?.reject(new RequestTimeoutError()));
      this.#send(frame);
    }
    if (this.#queue.length > 0 && !this.#timers.has('flush')) {
      this.#timers.set('flush', Math.ceil(((1 - this.#tokens) / perSecond) * 1_000), () => this.#flush());
    }
  }
}
