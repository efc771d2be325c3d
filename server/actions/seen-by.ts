import type { RequestOutput, RequestParsed } from '#protocol/frames';
import type { Actor, ServerContext } from '../context.ts';
import { ChatterError } from '../errors.ts';
import { roomFor } from './access.ts';

const peopleNamed = 50;

/** Who has seen a message, its author left out. */
export async function seenBy(
  context: ServerContext, actor: Actor, input: RequestParsed<'room.seen'>,
): Promise<RequestOutput<'room.seen'>> {
  await roomFor(context, actor, 'read', input.room);
  const message = await context.store.message(actor.tenant, input.room, input.seq);
  if (!message) throw new ChatterError('not_found', 'There is no such message.');
  return context.store.seenBy(actor.tenant, input.room, input.seq, message.senderId, peopleNamed);
}
