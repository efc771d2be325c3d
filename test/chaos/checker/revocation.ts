import type { RequestKind, ServerFrame } from '#protocol/frames';
import type { EventOf } from '../history.ts';
import type { AskedRequest, Breach, SessionRecord } from './evidence.ts';
import type { Case } from './case.ts';
import { Memberships } from './membership.ts';
import { LostTime } from './times.ts';

/** What G7 allows, and what the way from the server's answer to our eyes may take besides. */
const withinMs = 2_000;
const withinBusDownMs = 32_000;
const wayMs = 500;

/**
 * G7: nothing of a room reaches who was taken out of it, and nothing at all reaches who was revoked, after this time; and nobody
 * writes into a room behind their own going.
 */
export function checkRevocation(court: Case): Breach[] {
  return [...checkToldTooLate(court), ...checkWrittenTooLate(court)];
}

function checkToldTooLate({ evidence, requests, sessions }: Case): Breach[] {
  const breaches: Breach[] = [];
  const memberships = new Memberships(requests, sessions);
  const shutOuts = new ShutOuts();
  const lostTime = new LostTime(evidence.events);
  const asked = new Map(requests.map((request) => [`${request.session} ${request.input.ref}`, request]));

  const judge = (event: EventOf<'received'>, session: SessionRecord, since: number | undefined, what: string, room?: string) => {
    if (since === undefined) return;
    const allowedMs = wayMs + (lostTime.wasBusDown(since - withinBusDownMs, event.at) ? withinBusDownMs : withinMs);
    const lateMs = event.at - since - lostTime.between(since, event.at, { session: session.id, node: session.node });
    if (lateMs <= allowedMs) return;
    breaches.push({
      guarantee: 'G7', about: { room, session: session.id, from: since - 1_000, to: event.at },
      sentence: `${session.id} was told ${room === undefined ? 'something' : `of room ${room}`} (${event.frame.kind}) ${(lateMs / 1_000).toFixed(1)} s after ${session.user} ${what}.`,
    });
  };
  for (const event of evidence.events) {
    if (event.kind === 'revoked') shutOuts.note(event);
    const session = event.kind === 'received' ? sessions.get(event.session) : undefined;
    if (event.kind !== 'received' || !session) continue;
    judge(event, session, shutOuts.since(session), 'was shut out');
    for (const room of roomsIn(event.frame, (ref) => asked.get(`${session.id} ${ref}`))) {
      judge(event, session, memberships.outSince(room, session.user, event.at), 'was taken out of it', room);
    }
  }
  return breaches;
}

/** Who is out by the database left at that place of the log, and nothing of theirs stands behind it. */
function checkWrittenTooLate({ membersOf, rowsOf }: Case): Breach[] {
  return [...rowsOf].flatMap(([room, rows]) => {
    const leftAt = new Map((membersOf.get(room) ?? []).filter(({ isPresent }) => !isPresent).map(({ user, changedSeq }) => [user, changedSeq]));
    return [...rows.values()].filter(({ senderId, seq }) => seq > (leftAt.get(senderId) ?? Infinity)).map(({ senderId, seq }): Breach => ({
      guarantee: 'G7', about: { room, seq },
      sentence: `Message ${seq} of room ${room} is by ${senderId}, who had left at ${leftAt.get(senderId)}.`,
    }));
  });
}

/** Since when whom no token lets in. */
class ShutOuts {
  readonly #since = new Map<string, number>();

  note({ at, tenant, user, what, isRevoked }: EventOf<'revoked'>): void {
    const key = JSON.stringify([what, tenant, user]);
    if (isRevoked) this.#since.set(key, at);
    else this.#since.delete(key);
  }

  since({ tenant, user, connectedAt }: SessionRecord): number | undefined {
    const ofTokens = this.#since.get(JSON.stringify(['tokens', tenant, user]));
    return this.#since.get(JSON.stringify(['person', tenant, user])) ?? this.#since.get(JSON.stringify(['tenant', tenant, undefined]))
      // Who came later came with a new token.
      ?? (ofTokens !== undefined && connectedAt < ofTokens - withinMs ? ofTokens : undefined);
  }
}

/** Answers that say nothing of what others do: of leaving and closing, and of one's own message, which may have been long on its way. */
const carriesNothing: readonly RequestKind[] = ['room.leave', 'room.close', 'message.send', 'message.delete'];

/** The rooms that a frame says anything of. That one is out of a room may be said for ever. */
function roomsIn(frame: ServerFrame, askedFor: (ref: number) => AskedRequest | undefined): string[] {
  switch (frame.kind) {
    case 'facts':
    case 'read':
    case 'seen':
    case 'typing': return [frame.room];
    case 'room': return [frame.room.id];
    case 'heads': return frame.heads.map(({ room }) => room);
    case 'ok': {
      const asked = askedFor(frame.ref);
      if (asked?.kind === 'rooms.list') return (frame.data as { rooms: { id: string }[] }).rooms.map(({ id }) => id);
      return asked?.input.room === undefined || carriesNothing.includes(asked.kind) ? [] : [asked.input.room];
    }
    default: return [];
  }
}
