import type { Hono } from 'hono';
import type { BusMode } from '../bus/bus.ts';
import type { Clock } from '../clock.ts';
import type { Log } from '../log.ts';

/** A database that has not answered by then counts as away. */
const answerMs = 2_000;
/** A question that was never answered is asked anew after this long: the connection it went over may be dead. */
const askAgainMs = 10_000;

export interface HealthOptions {
  /** Resolves while the database answers. */
  check(): Promise<void>;
  busMode(): BusMode;
  /** The server sends its sessions away. */
  isClosing(): boolean;
  clock: Clock;
  log: Log;
}

/**
 * `/health`: whether the process does its work, for whatever restarts it. `/ready`: whether traffic should come here, for
 * whatever balances it. A bus that is down is no reason to stay away: the database is read instead.
 */
export function addHealth(app: Hono, { check, busMode, isClosing, clock, log }: HealthOptions): void {
  const database = new DatabaseCheck(check, clock, log);
  const answer = async (mayDrain: boolean) => {
    const isUp = await database.answers();
    const isDraining = !mayDrain && isClosing();
    const status = isDraining ? 'draining' : isUp ? 'ok' : 'unavailable';
    return [{ status, database: isUp ? 'up' : 'down', bus: busMode() }, status === 'ok' ? 200 : 503, { 'Cache-Control': 'no-store' }] as const;
  };
  app.get('/health', async (c) => c.json(...await answer(true)));
  app.get('/ready', async (c) => c.json(...await answer(false)));
}

/** Asks the database whether it is there: one question at a time, however many want to know. */
class DatabaseCheck {
  readonly #check: () => Promise<void>;
  readonly #clock: Clock;
  readonly #log: Log;
  #asked: { at: number; answer: Promise<unknown> } | undefined;
  #isUp = true;

  constructor(check: () => Promise<void>, clock: Clock, log: Log) {
    this.#check = check;
    this.#clock = clock;
    this.#log = log;
  }

  async answers(): Promise<boolean> {
    let stopWaiting = (): void => {};
    const patience = new Promise<unknown>((resolve) => {
      stopWaiting = this.#clock.after(answerMs, () => resolve(new Error(`It has not answered in ${answerMs} ms.`)));
    });
    const trouble = await Promise.race([this.#ask(), patience]);
    stopWaiting();
    this.#tell(trouble);
    return trouble === undefined;
  }

  /** Resolves to what is wrong, if anything is. */
  #ask(): Promise<unknown> {
    const now = this.#clock.now();
    if (this.#asked && Math.abs(now - this.#asked.at) < askAgainMs) return this.#asked.answer;
    const forget = () => {
      if (this.#asked === asked) this.#asked = undefined;
    };
    const asked = { at: now, answer: this.#check().catch((error: unknown) => error ?? new Error('unknown')).finally(forget) };
    this.#asked = asked;
    return asked.answer;
  }

  /** Once, however often it is asked. */
  #tell(trouble: unknown): void {
    if ((trouble === undefined) === this.#isUp) return;
    this.#isUp = trouble === undefined;
    if (this.#isUp) this.#log.info('The database answers again.');
    else this.#log.error('The database does not answer.', { error: trouble });
  }
}
