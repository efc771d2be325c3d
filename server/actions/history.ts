import type { RequestOutput, RequestParsed } from '#protocol/frames';
import type { Actor, ServerContext } from '../context.ts';
import { roomFor } from './access.ts';
import { fittingPage } from './page-budget.ts';

export async function history(
  context: ServerContext, actor: Actor, input: RequestParsed<'history'>,
): Promise<RequestOutput<'history'>> {
  const { room, ...page } = input;
  await roomFor(context, actor, 'read', room);
  return { page: fittingPage(await context.store.history(actor.tenant, room, page), page) };
}
