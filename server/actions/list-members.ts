import type { RequestOutput, RequestParsed } from '#protocol/frames';
import type { Actor, ServerContext } from '../context.ts';
import { roomFor } from './access.ts';

export async function listMembers(
  context: ServerContext, actor: Actor, input: RequestParsed<'members.list'>,
): Promise<RequestOutput<'members.list'>> {
  const { room, ...page } = input;
  await roomFor(context, actor, 'read', room);
  return context.store.members(actor.tenant, room, page);
}
