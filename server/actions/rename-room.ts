import type { RequestOutput, RequestParsed } from '#protocol/frames';
import type { Actor, ServerContext } from '../context.ts';
import { groupFor } from './access.ts';

export async function renameRoom(
  context: ServerContext, actor: Actor, input: RequestParsed<'room.rename'>,
): Promise<RequestOutput<'room.rename'>> {
  await groupFor(context, actor, 'rename', input.room);
  context.announcer.changed(actor.tenant, input.room, await context.store.renameRoom(actor.tenant, input.room, input.name ?? undefined));
  return {};
}
