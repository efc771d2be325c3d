import type { RequestOutput, RequestParsed } from '#protocol/frames';
import type { Actor, ServerContext } from '../context.ts';
import { ChatterError } from '../errors.ts';
import { roomFor } from './access.ts';

/** Takes back one's own message (R11). */
export async function deleteMessage(
  context: ServerContext, actor: Actor, input: RequestParsed<'message.delete'>,
): Promise<RequestOutput<'message.delete'>> {
  await roomFor(context, actor, 'delete', input.room);
  const message = await context.store.message(actor.tenant, input.room, input.seq);
  if (!message) throw new ChatterError('not_found', 'There is no such message.');
  if (message.senderId !== actor.user.id) throw new ChatterError('forbidden', 'Only the author of a message may delete it.');
  const change = await context.store.deleteMessage(actor.tenant, input.room, input.seq, actor.user.id);
  context.announcer.changed(actor.tenant, input.room, change);
  return { message: change.message };
}
