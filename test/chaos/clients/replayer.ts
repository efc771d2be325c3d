import type { Person } from '#protocol/models';
import type { Chance } from '../seeds.ts';
import { pause } from '../time.ts';
import { Line, type LineOptions } from './line.ts';
import { RawSession } from './raw-session.ts';

/** How many it remembers, to send them once more much later. */
const remembered = 50;

/** What came of it is in the history; here it only matters that it does not hang for ever. */
const patienceMs = 25_000;

/**
 * Sends every message several times, as a bad network or a proxy that tries again would: at once over two connections (which
 * are most often on two nodes), again after the answer, much later, after it was deleted, and sometimes with another text.
 */
export class Replayer {
  readonly tenant: string;
  readonly #user: Person;
  readonly #chance: Chance;
  readonly #client: string;
  readonly #lines: readonly [Line, Line];
  readonly #sessions: Promise<RawSession | undefined>[] = [];
  readonly #sent: { room: string; clientMsgId: string; text: string }[] = [];
  #count = 0;
  #isOver = false;

  constructor({ user, chance, ...options }: Omit<LineOptions, 'user'> & { user: Person; chance: Chance }) {
    this.tenant = options.tenant;
    this.#user = user;
    this.#chance = chance;
    this.#client = options.client;
    const line = (which: string) => new Line({ ...options, client: `${options.client}.${which}`, user: user.id });
    this.#lines = [line('one'), line('other')];
  }

  get user(): string {
    return this.#user.id;
  }

  get lines(): readonly Line[] {
    return this.#lines;
  }

  /** One message, as often as chance will have it. Resolves when all of it has come to something. */
  async send(room: string, text: string): Promise<void> {
    const message = { room, clientMsgId: `${this.#client}-${++this.#count}`, text };
    const copies = 1 + this.#chance.whole(0, 5);
    const isAtOnce = this.#chance.happens(0.5);
    for (let copy = 0; copy < copies && !this.#isOver; copy += 1) {
      const sending = this.#say(copy % 2, message);
      if (!isAtOnce) await sending;
    }
    if (this.#chance.happens(0.2)) await this.#say(1, { ...message, text: `${text} and more` });
    this.#sent.push(message);
    if (this.#sent.length > remembered) this.#sent.shift();
    const old = this.#chance.happens(0.3) ? this.#chance.pick(this.#sent) : undefined;
    if (old) await this.#say(0, old);
  }

  /** Says no more than what is on its way. */
  rest(): void {
    this.#isOver = true;
  }

  stop(): void {
    this.rest();
    for (const opening of this.#sessions) void opening.then((session) => session?.close());
  }

  async #say(which: number, message: { room: string; clientMsgId: string; text: string }): Promise<void> {
    if (this.#isOver) return;
    const session = await this.#session(which);
    if (session) await Promise.race([session.request('message.send', message), pause(patienceMs)]);
  }

  /** The one session of a line: whoever comes while it is being opened waits for the same. */
  #session(which: number): Promise<RawSession | undefined> {
    const opening = (this.#sessions[which] ?? Promise.resolve(undefined)).then((session) =>
      (session?.isOpen === true ? session : RawSession.open(this.#lines[which]!, this.#user)));
    this.#sessions[which] = opening;
    return opening;
  }
}
