import type { RequestOutput, RequestParsed } from '#protocol/frames';
import type { Actor, ServerContext } from '../context.ts';
import { groupFor } from './access.ts';

/** Who was taken out meanwhile, or has left from elsewhere, is out as they wished: the store is not told who asks. */
export async function leaveRoom(
  context: ServerContext, actor: Actor, input: RequestParsed<'room.leave'>,
): Promise<RequestOutput<'room.leave'>> {
  await groupFor(context, actor, 'leave', input.room);
  const change = await context.store.changeMembers(actor.tenant, input.room, { remove: [actor.user.id] });
  context.announcer.changed(actor.tenant, input.room, change);
  return {};
}
