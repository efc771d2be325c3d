import type { RequestOutput, RequestParsed } from '#protocol/frames';
import type { Actor, ServerContext } from '../context.ts';
import { ChatterError } from '../errors.ts';
import { roomFor } from './access.ts';

export async function sendMessage(
  context: ServerContext, actor: Actor, input: RequestParsed<'message.send'>,
): Promise<RequestOutput<'message.send'>> {
  const { tenant, user } = actor;
  if (input.text.length > context.limits.textCharacters) {
    throw new ChatterError('too_large', `A message may have up to ${context.limits.textCharacters} characters; this one has ${input.text.length}.`);
  }
  await roomFor(context, actor, 'send', input.room);
  context.rates.takeSend(tenant, input.room, user.id);

  const { message, head, duplicate } = await context.store.appendMessage(tenant, {
    room: input.room, senderId: user.id, clientMsgId: input.clientMsgId, text: input.text,
  });
  // A retry is told too: whoever took the first one may have died before they told it.
  context.announcer.changed(tenant, input.room, {
    facts: [{ seq: message.changedSeq, kind: 'message', message }], people: [user], head,
  });
  if (!duplicate) {
    context.metrics.messageStored();
    // Sending reads up to it (P1), and one's other sessions should know.
    const state = { readSeq: message.seq, readCount: message.ordinal, unread: 0 };
    context.announcer.read(tenant, input.room, user.id, state, actor.session);
  }
  return { message, duplicate };
}
