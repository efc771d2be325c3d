import type { RequestOutput, RequestParsed } from '#protocol/frames';
import type { Actor, ServerContext } from '../context.ts';
import { roomFor } from './access.ts';

export async function markRead(
  context: ServerContext, actor: Actor, input: RequestParsed<'room.read'>,
): Promise<RequestOutput<'room.read'>> {
  await roomFor(context, actor, 'read', input.room);
  const { moved, ...state } = await context.store.markRead(actor.tenant, input.room, actor.user.id, input.seq);
  if (moved) context.announcer.read(actor.tenant, input.room, actor.user.id, state, actor.session);
  return { readSeq: state.readSeq, readCount: state.readCount, unread: state.unread };
}
