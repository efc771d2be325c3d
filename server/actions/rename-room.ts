import type { RequestOutput, RequestParsed } from '#protocol/frames';
import type { Actor, ServerContext } from '../context.ts';
import { groupFor } from './access.ts';

export async function renameRoom(
  context: ServerContext, actor: Actor, input: RequestParsed<'room.rename'>,
): Promise<RequestOutput<'room.rename'>> {
  await groupFor(context, actor, 'rename', input.room);
  const change = await context.store.renameRoom(actor.tenant, input.room, input.name ?? undefined, actor.user.id);
  context.announcer.changed(actor.tenant, input.room, change);
  return {};
}
