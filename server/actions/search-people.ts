import type { RequestOutput, RequestParsed } from '#protocol/frames';
import type { Actor, ServerContext } from '../context.ts';

export async function searchPeople(
  context: ServerContext, actor: Actor, input: RequestParsed<'people.search'>,
): Promise<RequestOutput<'people.search'>> {
  const policy = context.access.directory(actor);
  if (policy === 'none') return { people: [] };
  const sharingRoomWith = policy === 'shared' ? actor.user.id : undefined;
  return { people: await context.store.searchPeople(actor.tenant, input.query, input.limit, sharingRoomWith) };
}
