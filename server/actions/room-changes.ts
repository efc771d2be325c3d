import { limits } from '#protocol/codes';
import type { RequestOutput, RequestParsed } from '#protocol/frames';
import type { Actor, ServerContext } from '../context.ts';
import { noSuchRoom, roomFor } from './access.ts';
import { fittingChanges } from './page-budget.ts';

/** What changed after a cursor, or `reset` where the way from it is too long, or leads nowhere (R3). */
export async function roomChanges(
  context: ServerContext, actor: Actor, input: RequestParsed<'room.changes'>,
): Promise<RequestOutput<'room.changes'>> {
  await roomFor(context, actor, 'read', input.room);
  const room = await context.store.room(actor.tenant, input.room);
  if (!room) throw noSuchRoom();
  if (!isWithinReach(input, room)) {
    context.metrics.reset();
    return { reset: true };
  }
  const changes = await context.store.changes(actor.tenant, input.room, input.after, limits.changesPage);
  return { reset: false, changes: fittingChanges(changes) };
}

export function isWithinReach(cursor: { epoch: string; after: number }, room: { epoch: string; seq: number }): boolean {
  return cursor.epoch === room.epoch && cursor.after <= room.seq && room.seq - cursor.after <= limits.resetAfter;
}
