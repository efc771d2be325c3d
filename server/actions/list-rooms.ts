import type { RequestOutput, RequestParsed } from '#protocol/frames';
import type { Actor, ServerContext } from '../context.ts';
import { countFitting } from './page-budget.ts';

export async function listRooms(
  context: ServerContext, actor: Actor, input: RequestParsed<'rooms.list'>,
): Promise<RequestOutput<'rooms.list'>> {
  const { tenant, user } = actor;
  const page = await context.store.summaries(tenant, user.id, input);
  // Each shows its last message, and all of them may be long. Only the store knows where a shorter page ends.
  const fitting = countFitting(page.rooms.map(({ lastMessage }) => lastMessage));
  return fitting === page.rooms.length ? page : context.store.summaries(tenant, user.id, { ...input, limit: fitting });
}
