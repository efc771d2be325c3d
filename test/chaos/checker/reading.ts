import type { RequestOutput } from '#protocol/frames';
import type { Case } from './case.ts';
import type { Breach } from './evidence.ts';

/**
 * G10: a marker never moves back before anybody's eyes, and what is stored is at least what was acknowledged. Sessions may be
 * told of it out of order (P5). That unread equals a recount is part of what a client has to show in the end: see `view.ts`.
 */
export function checkReading({ evidence, requests, sessions, membersOf, rooms }: Case): Breach[] {
  const breaches: Breach[] = [];
  const furthest = new Map<string, number>();
  for (const event of evidence.events) {
    if (event.kind !== 'marker') continue;
    const { client, life, room, epoch, readSeq } = event;
    const key = `${client} ${life} ${room} ${epoch}`;
    const before = furthest.get(key) ?? 0;
    if (readSeq < before) {
      breaches.push({ guarantee: 'G10', sentence: `The marker that ${client} shows moved back from ${before} to ${readSeq}.`, about: { room, client } });
    }
    furthest.set(key, Math.max(before, readSeq));
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
