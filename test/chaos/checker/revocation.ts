import type { ServerFrame } from '#protocol/frames';
import type { AskedRequest, Breach } from './evidence.ts';
import type { Case } from './case.ts';
import { Memberships } from './membership.ts';
import { LostTime } from './times.ts';

/** What G7 allows, and what the way from the server's answer to our eyes may take besides. */
const withinMs = 2_000;
const withinBusDownMs = 32_000;
const wayMs = 500;

/** G7: nothing of a room reaches who was taken out of it, and nothing at all reaches who was revoked, after this time. */
export function checkRevocation({ evidence, requests, sessions }: Case): Breach[] {
  const breaches: Breach[] = [];
  const memberships = new Memberships(requests, sessions);
  const lostTime = new LostTime(evidence.events);
  const roomOf = new Map(requests.map((request) => [`${request.session} ${request.input.ref}`, request]));
  for (const event of evidence.events) {
    if (event.kind !== 'received') continue;
    const session = sessions.get(event.session);
    if (!session) continue;
    for (const room of roomsIn(event.frame, (ref) => roomOf.get(`${session.id} ${ref}`))) {
      const since = memberships.outSince(room, session.user, event.at);
      if (since === undefined) continue;
      const allowedMs = wayMs + (lostTime.wasBusDown(since - withinBusDownMs, event.at) ? withinBusDownMs : withinMs);
      const lateMs = event.at - since - lostTime.between(since, event.at, { session: session.id, node: session.node });
      if (lateMs <= allowedMs) continue;
      breaches.push({
        guarantee: 'G7', about: { room, session: session.id, from: since - 1_000, to: event.at },
        sentence: `${session.id} was told of room ${room} (${event.frame.kind}) ${(lateMs / 1_000).toFixed(1)} s after ${session.user} was taken out of it.`,
      });
    }
  }
  return breaches;
}

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
      // Leaving and closing are answered to whoever is out.
      return asked?.input.room === undefined || asked.kind === 'room.leave' || asked.kind === 'room.close' ? [] : [asked.input.room];
    }
    default: return [];
  }
}
