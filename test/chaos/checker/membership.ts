import type { RequestOutput } from '#protocol/frames';
import { grouped } from './case.ts';
import { type AskedRequest, mayHaveHappened, type SessionRecord } from './evidence.ts';

/** One thing that was asked for and that lets somebody into a room or takes them out. */
interface Step {
  user: string;
  isIn: boolean;
  askedAt: number;
  /** Infinity where nobody was told how it ended: it may still come. */
  endedAt: number;
  isCertain: boolean;
}

/** Who was in which room when, as far as it can be known from outside. What is not certain is in nobody's disfavour. */
export class Memberships {
  readonly #steps: ReadonlyMap<string, readonly Step[]>;

  constructor(requests: readonly AskedRequest[], sessions: ReadonlyMap<string, SessionRecord>) {
    const steps: (Step & { room: string })[] = [];
    for (const request of requests) {
      const { kind, input, sentAt, answeredAt, outcome, data, session } = request;
      const actor = sessions.get(session);
      if (!actor || !mayHaveHappened(request)) continue;
      const common = { askedAt: sentAt, endedAt: outcome === 'indeterminate' ? Infinity : answeredAt!, isCertain: outcome === 'ok' };
      const add = (room: string, users: readonly string[], isIn: boolean) => steps.push(...users.map((user) => ({ ...common, room, user, isIn })));
      if (kind === 'room.create') {
        const made = (data as RequestOutput<'room.create'> | undefined)?.room;
        if (made) add(made.id, [actor.user, ...(Array.isArray(input.users) ? (input.users as string[]) : [String(input.user)])], true);
      } else if (kind === 'member.add') add(input.room!, input.users as string[], true);
      else if (kind === 'member.remove') add(input.room!, [String(input.user)], false);
      else if (kind === 'room.leave') add(input.room!, [actor.user], false);
    }
    this.#steps = grouped(steps, ({ room }) => room);
  }

  /** Whether anybody asked for this person to be in the room before `at`. Of rooms whose making nobody was told of, anybody may be. */
  mayHaveBeenIn(room: string, user: string, at: number): boolean {
    const steps = this.#steps.get(room);
    return !steps || !steps.some(({ isIn, isCertain }) => isIn && isCertain) || steps.some((step) => step.user === user && step.isIn && step.askedAt <= at);
  }

  /** Since when the person has certainly been out of the room, at this moment; undefined where they may be in it. */
  outSince(room: string, user: string, at: number): number | undefined {
    const own = this.#steps.get(room)?.filter((step) => step.user === user && step.askedAt <= at) ?? [];
    const out = own.findLast(({ isIn, isCertain, endedAt }) => !isIn && isCertain && endedAt <= at);
    if (!out || own.some(({ isIn, endedAt }) => isIn && endedAt >= out.askedAt)) return undefined;
    return out.endedAt;
  }
}
