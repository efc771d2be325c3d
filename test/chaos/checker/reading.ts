import type { RequestOutput } from '#protocol/frames';
import type { Case } from './case.ts';
import type { Breach } from './evidence.ts';

/**
 * G10: a marker never moves back, neither in what a session is told of it nor in what a person sees, and what is stored is at
 * least what was acknowledged. (That unread equals a recount is part of what a client has to show in the end: see `view.ts`.)
 */
export function checkReading({ evidence, requests, sessions, membersOf, rooms }: Case): Breach[] {
  const breaches: Breach[] = [];
  const furthest = new Map<string, number>();
  const look = (who: string, key: string, readSeq: number, about: Breach['about']) => {
    const before = furthest.get(key) ?? 0;
    if (readSeq < before) breaches.push({ guarantee: 'G10', sentence: `The marker that ${who} was told moved back from ${before} to ${readSeq}.`, about });
    furthest.set(key, Math.max(before, readSeq));
  };
  for (const event of evidence.events) {
    if (event.kind === 'received' && event.frame.kind === 'read') {
      const { session, frame: { room, readSeq } } = event;
      look(session, `${session} ${room}`, readSeq, { room, session });
    } else if (event.kind === 'marker') {
      const { client, life, room, epoch, readSeq } = event;
      look(client, `${client} ${life} ${room} ${epoch}`, readSeq, { room, client });
    }
  }
  for (const { kind, outcome, data, input, session } of requests) {
    if (kind !== 'room.read' || outcome !== 'ok') continue;
    const user = sessions.get(session)?.user;
    const stored = membersOf.get(input.room ?? '')?.find((member) => member.user === user);
    const { readSeq } = data as RequestOutput<'room.read'>;
    // Who comes back into a room begins at the place where they came.
    if (!stored || !rooms.has(input.room!) || stored.readSeq >= readSeq) continue;
    breaches.push({ guarantee: 'G10', sentence: `${session} was told to have read up to ${readSeq}, and stored is ${stored.readSeq}.`, about: { room: input.room, session } });
  }
  return breaches;
}
