import type { RequestOutput, RequestParsed } from '#protocol/frames';
import type { Actor, ServerContext } from '../context.ts';
import { groupFor } from './access.ts';

/** Taking out who is not in is a success: the wish is fulfilled. */
export async function removeMember(
  context: ServerContext, actor: Actor, input: RequestParsed<'member.remove'>,
): Promise<RequestOutput<'member.remove'>> {
  const isLeaving = input.user === actor.user.id;
  await groupFor(context, actor, isLeaving ? 'leave' : 'remove-member', input.room);
  const change = await context.store.changeMembers(actor.tenant, input.room, { remove: [input.user] }, isLeaving ? undefined : actor.user.id);
  context.announcer.changed(actor.tenant, input.room, change);
  return {};
}
