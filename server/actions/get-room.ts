import type { RequestOutput, RequestParsed } from '#protocol/frames';
import type { RoomSummary } from '#protocol/models';
import type { Actor, ServerContext } from '../context.ts';
import { noSuchRoom, roomFor } from './access.ts';

export async function getRoom(
  context: ServerContext, actor: Actor, input: RequestParsed<'room.get'>,
): Promise<RequestOutput<'room.get'>> {
  await roomFor(context, actor, 'read', input.room);
  return { room: await summaryFor(context, actor, input.room) };
}

/** The room as its list shows it to `actor`; for actions that have asked `Access` already. */
export async function summaryFor(context: ServerContext, actor: Actor, room: string): Promise<RoomSummary> {
  const summary = await context.store.summary(actor.tenant, room, actor.user.id);
  if (!summary) throw noSuchRoom();
  return summary;
}
