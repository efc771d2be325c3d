import type { Clock } from '../clock.ts';
import type { Metrics } from '../metrics.ts';
import type { Reader } from './request-lines.ts';
import type { Session } from './session.ts';
import type { SessionSocket } from './session-socket.ts';
import type { SharedFrame } from './shared-frame.ts';

/**
 * Over the soft mark ephemeral frames are left out and pages wait; over the hard mark, or after a while without progress, it
 * is over (F7). Who is under the soft mark gets any one frame, however long it is.
 */
const softBytes = 64 * 1024;
const hardBytes = 1024 * 1024;
const stuckMs = 30_000;

/** What a session says, and whether the other end keeps up with it (G9). */
export class Outlet implements Reader {
  readonly #socket: SessionSocket;
  readonly #clock: Clock;
  readonly #metrics: Metrics;
  readonly #session: Pick<Session, 'endAsSlow'>;
  #sentBytes = 0;
  /** How much the other end had taken when it last took something, and when that was. */
  #takenBytes = 0;
  #tookAt: number;
  #hasLeftOut = false;
  #spokeAt: number;
  #isClosed = false;
  #isWaitingToTell = false;

  constructor(socket: SessionSocket, clock: Clock, metrics: Metrics, session: Pick<Session, 'endAsSlow'>) {
    this.#socket = socket;
    this.#clock = clock;
    this.#metrics = metrics;
    this.#session = session;
    this.#spokeAt = this.#tookAt = clock.monotonic();
  }

  get isSlow(): boolean {
    return this.#socket.bufferedBytes > softBytes;
  }

  /** When something was said last, by the clock that nobody sets. */
  get spokeAt(): number {
    return this.#spokeAt;
  }

  send(text: string): void {
    if (this.#takes(Buffer.byteLength(text))) this.#socket.send(text);
  }

  sendShared(frame: SharedFrame): void {
    if (!this.#takes(frame.byteLength)) return;
    if (this.#socket.sendShared) this.#socket.sendShared(frame);
    else this.#socket.send(frame.text);
  }

  onceTaken(callback: () => void): void {
    if (this.#isWaitingToTell || !this.#socket.onceTaken) return;
    this.#isWaitingToTell = true;
    this.#socket.onceTaken(() => {
      this.#isWaitingToTell = false;
      callback();
    });
  }

  /** Whether something that may be left out should be; it is remembered that it was. */
  leavesOut(): boolean {
    if (this.isSlow) this.#hasLeftOut = true;
    return this.isSlow;
  }

  /** Looks at the reader's progress. Answers `true` once when it has caught up after something was left out. */
  hasRecovered(monotonic: number): boolean {
    const { bufferedBytes } = this.#socket;
    const takenBytes = this.#sentBytes - bufferedBytes;
    if (bufferedBytes === 0 || takenBytes > this.#takenBytes) {
      this.#takenBytes = takenBytes;
      this.#tookAt = monotonic;
    } else if (monotonic - this.#tookAt >= stuckMs) {
      this.#session.endAsSlow();
    }
    if (!this.#hasLeftOut || this.isSlow || this.#isClosed) return false;
    this.#hasLeftOut = false;
    return true;
  }

  close(code: number, reason: string): void {
    this.#isClosed = true;
    this.#socket.close(code, reason);
  }

  #takes(bytes: number): boolean {
    if (this.#isClosed) return false;
    if (this.isSlow && this.#socket.bufferedBytes + bytes > hardBytes) {
      this.#session.endAsSlow();
      return false;
    }
    this.#sentBytes += bytes;
    this.#metrics.frameSent(bytes);
    this.#spokeAt = this.#clock.monotonic();
    return true;
  }
}
