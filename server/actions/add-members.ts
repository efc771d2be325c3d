import type { RequestOutput, RequestParsed } from '#protocol/frames';
import type { Actor, ServerContext } from '../context.ts';
import { groupFor } from './access.ts';
import { mustFind } from './directory.ts';

export async function addMembers(
  context: ServerContext, actor: Actor, input: RequestParsed<'member.add'>,
): Promise<RequestOutput<'member.add'>> {
  await groupFor(context, actor, 'add-members', input.room);
  await mustFind(context, actor, input.users);
  const change = await context.store.changeMembers(actor.tenant, input.room, { add: input.users }, actor.user.id);
  context.announcer.changed(actor.tenant, input.room, change);
  return {};
}
