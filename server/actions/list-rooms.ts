import type { RequestOutput, RequestParsed } from '#protocol/frames';
import type { Actor, ServerContext } from '../context.ts';

export async function listRooms(
  context: ServerContext, actor: Actor, input: RequestParsed<'rooms.list'>,
): Promise<RequestOutput<'rooms.list'>> {
  return context.store.summaries(actor.tenant, actor.user.id, input);
}
