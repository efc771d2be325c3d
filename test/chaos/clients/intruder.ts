import { randomBytes } from 'node:crypto';
import type { Person } from '#protocol/models';
import type { Chance } from '../seeds.ts';
import { Line, type LineOptions } from './line.ts';
import { RawSession } from './raw-session.ts';

/** What one may say that is no frame. None of it may end a node, or anybody else's connection. */
const rubbish = [
  '', 'null', '[]', '{', '"hello"', '{"kind":42}', '{"kind":"message.send"}', '{"kind":"room.open","ref":-1}',
  '{"kind":"__proto__","ref":7}', `{"kind":"history","ref":8,"room":"${'x'.repeat(3_000)}"}`, '{"kind":"hello","ref":1,"version":1,"token":"x"}',
  '{"kind":"room.read","ref":9,"room":"a","seq":1e400}', '['.repeat(20_000),
];
/** Pages that it asks for and does not read: many times what may wait for one connection. */
const greedyRequests = 50;

/** Somebody with a good token and bad manners: asks for what is not theirs, talks rubbish, and asks for more than they read. */
export class Intruder {
  readonly line: Line;
  readonly #user: Person;
  readonly #chance: Chance;
  #session: RawSession | undefined;
  #isBusy = false;

  constructor({ user, chance, ...options }: Omit<LineOptions, 'user'> & { user: Person; chance: Chance }) {
    this.#user = user;
    this.#chance = chance;
    this.line = new Line({ ...options, user: user.id });
  }

  get tenant(): string {
    return this.line.options.tenant;
  }

  get user(): string {
    return this.#user.id;
  }

  /** `foreign` are rooms of others, `own` one that is theirs. */
  async act(foreign: readonly string[], own: string | undefined): Promise<void> {
    if (this.#isBusy) return;
    this.#isBusy = true;
    if (this.#session?.isOpen !== true) this.#session = await RawSession.open(this.line, this.#user);
    this.#isBusy = false;
    const session = this.#session;
    if (!session) return;
    const room = this.#chance.pick(foreign);
    const deed = this.#chance.whole(0, 9);
    if (deed < 3) session.say(this.#chance.pick(rubbish)!);
    else if (deed === 3) session.say(randomBytes(200).toString('latin1'));
    else if (deed === 4 && own !== undefined) this.#askWithoutReading(session, own);
    else if (room !== undefined) this.#askForForeign(session, room);
  }

  stop(): void {
    this.#session?.close();
  }

  #askForForeign(session: RawSession, room: string): void {
    void session.request('room.open', { room });
    void session.request('history', { room });
    void session.request('room.get', { room });
    void session.request('members.list', { room });
    void session.request('message.send', { room, clientMsgId: `intruder-${this.#chance.whole(1, 1e9)}`, text: 'Let me in.' });
    void session.request('message.delete', { room, seq: 3 });
    void session.request('room.read', { room, seq: 3 });
    void session.request('member.add', { room, users: [this.#user.id] });
    session.say({ kind: 'typing', room, active: true });
    void session.request('people.search', { query: 'a' });
  }

  #askWithoutReading(session: RawSession, room: string): void {
    this.line.pauseReading();
    for (let count = 0; count < greedyRequests; count += 1) void session.request('history', { room, limit: 100 });
  }
}
