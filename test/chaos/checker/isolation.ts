import { canariesIn } from '../canary.ts';
import type { Case } from './case.ts';
import type { Breach } from './evidence.ts';
import { Memberships } from './membership.ts';

/** G8: no canary of another tenant sings in any frame, and none of a room in which one has never been. */
export function checkIsolation({ evidence, requests, sessions }: Case): Breach[] {
  const breaches: Breach[] = [];
  const memberships = new Memberships(requests, sessions);
  const rooms = new Map<string, string>();
  for (const { kind, input, session, data } of requests) {
    const id = (data as { room?: { id: string } } | undefined)?.room?.id;
    // The label of a room is in the name it is made with, or in what the two of a direct room write.
    const tenant = sessions.get(session)?.tenant;
    if (kind === 'room.create' && id !== undefined) {
      const label = typeof input.name === 'string' ? canariesIn(input.name)[0]?.label : `direct.${[sessions.get(session)?.user, String(input.user)].sort().join('.')}`;
      rooms.set(`${tenant} ${label}`, id);
    }
  }
  for (const event of evidence.events) {
    if (event.kind !== 'received') continue;
    const session = sessions.get(event.session);
    if (!session) continue;
    for (const { tenant, label } of canariesIn(JSON.stringify(event.frame))) {
      const room = rooms.get(`${tenant} ${label}`);
      const isForeign = tenant !== session.tenant;
      if (!isForeign && (room === undefined || memberships.mayHaveBeenIn(room, session.user, event.at))) continue;
      breaches.push({
        guarantee: 'G8', about: { session: session.id, from: event.at, to: event.at },
        sentence: `${session.id} got ${isForeign ? `something of tenant ${tenant}` : `something of room ${label}, in which ${session.user} never was`} in a frame of kind ${event.frame.kind}.`,
      });
      break;
    }
  }
  return breaches;
}
