import type { RequestKind } from '#protocol/frames';

/** Requests of one session that have begun or wait. */
const maxUnderWay = 64;
/** Requests whose answer may be as long as a page. */
const pageKinds: ReadonlySet<RequestKind> = new Set([
  'rooms.list', 'room.open', 'room.changes', 'history', 'members.list', 'room.seen', 'people.search',
]);
/** Pages being made for one session: together they leave room under the hard mark (F7) for what is pushed meanwhile. */
const maxPages = 2;

/** Whoever takes the answers. */
export interface Reader {
  /** More than enough waits for them. */
  readonly isSlow: boolean;
  /** Calls back once, when they have taken what waits; or perhaps never, and then `proceed` is called now and then. */
  onceTaken(callback: () => void): void;
}

/** Requests of one session: which of them wait, and for what (F4). */
export class RequestLines {
  readonly #reader: Reader;
  /** Ends of the lines of requests that wait for each other. Most sessions stand idle: what they do not need is not there. */
  #lines: Map<string, Promise<void>> | undefined;
  /** Pages that wait for a reader who is slow, or for other pages. */
  #waiting: (() => void)[] | undefined;
  #underWay = 0;
  #pages = 0;
  #isOver = false;
  #onSettled: (() => void) | undefined;

  constructor(reader: Reader) {
    this.#reader = reader;
  }

  get isFull(): boolean {
    return this.#underWay >= maxUnderWay;
  }

  /** Runs `run`, which never rejects, when its turn has come. */
  begin(kind: RequestKind, input: { room?: string }, run: () => Promise<void>): void {
    const inTurn = pageKinds.has(kind) ? () => this.#asPage(run) : run;
    const line = lineOf(kind, input);
    this.#underWay += 1;
    void (line === undefined ? inTurn() : this.#inLine(line, inTurn)).finally(() => {
      this.#underWay -= 1;
      if (this.#underWay === 0) this.#onSettled?.();
    });
  }

  /** Lets go on what may. */
  proceed(): void {
    while (this.#waiting && this.#mayMakePage) {
      this.#pages += 1;
      const next = this.#waiting.shift()!;
      if (this.#waiting.length === 0) this.#waiting = undefined;
      next();
    }
    if (this.#waiting && this.#reader.isSlow) this.#reader.onceTaken(() => this.proceed());
  }

  /** There is no reader any more: what waits need not, and finds that out by itself. */
  end(): void {
    this.#isOver = true;
    this.proceed();
  }

  /** Resolves when all that has begun was answered. Asked once. */
  settled(): Promise<void> {
    return new Promise((resolve) => {
      if (this.#underWay === 0) resolve();
      else this.#onSettled = resolve;
    });
  }

  get #mayMakePage(): boolean {
    return this.#isOver || (this.#pages < maxPages && !this.#reader.isSlow);
  }

  async #asPage(run: () => Promise<void>): Promise<void> {
    await new Promise<void>((resolve) => {
      (this.#waiting ??= []).push(resolve);
      this.proceed();
    });
    await run();
    this.#pages -= 1;
    this.proceed();
  }

  /** Begins when the last one of the line has ended. */
  #inLine(line: string, run: () => Promise<void>): Promise<void> {
    const lines = (this.#lines ??= new Map<string, Promise<void>>());
    const before = lines.get(line);
    const done = before ? before.then(run) : run();
    lines.set(line, done);
    return done.finally(() => {
      if (lines.get(line) === done) lines.delete(line);
      if (lines.size === 0) this.#lines = undefined;
    });
  }
}

/** Requests of a session that wait for each other stand in one line. */
function lineOf(kind: RequestKind, { room }: { room?: string }): string | undefined {
  if (kind === 'message.send') return `send ${room}`;
  return kind === 'room.open' || kind === 'room.close' ? `open ${room}` : undefined;
}
