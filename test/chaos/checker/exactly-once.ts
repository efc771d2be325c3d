import type { Message } from '#protocol/models';
import { type Case, grouped } from './case.ts';
import type { AskedRequest, Breach } from './evidence.ts';

/** G2: one `(tenant, room, sender, clientMsgId)` is one message, whatever was sent how often, and where. */
export function checkExactlyOnce(court: Case): Breach[] {
  return [...twins(court), ...answersThatDiffer(court)];
}

function twins({ evidence }: Case): Breach[] {
  const byKey = grouped(evidence.dump.messages, ({ tenant, room, senderId, clientMsgId }) => JSON.stringify([tenant, room, senderId, clientMsgId]));
  return [...byKey.values()].filter((rows) => rows.length > 1).map(([first, second]) => ({
    guarantee: 'G2', sentence: `Message ${first!.clientMsgId} is there twice: as ${first!.seq} and as ${second!.seq}.`,
    about: { room: first!.room, clientMsgId: first!.clientMsgId },
  }));
}

function answersThatDiffer({ requests, sessions, row }: Case): Breach[] {
  const breaches: Breach[] = [];
  const sends = requests.filter(({ kind, outcome, session }) => kind === 'message.send' && outcome !== 'indeterminate' && sessions.has(session));
  const keyOf = ({ session, input }: AskedRequest) => JSON.stringify([sessions.get(session)!.tenant, input.room, sessions.get(session)!.user, input.clientMsgId]);
  for (const group of grouped(sends, keyOf).values()) {
    const { room, clientMsgId } = group[0]!.input as { room?: string; clientMsgId?: string };
    const about = { room, clientMsgId };
    const acknowledged = group.filter(({ outcome }) => outcome === 'ok');
    const first = acknowledged[0];
    if (!first) continue;
    const { seq } = messageOf(first);
    const other = acknowledged.find((request) => messageOf(request).seq !== seq);
    if (other) {
      breaches.push({ guarantee: 'G2', sentence: `Message ${clientMsgId} was acknowledged as ${seq} and as ${messageOf(other).seq}.`, about });
    }
    const isNew = acknowledged.filter(({ data }) => data!.duplicate === false);
    if (isNew.length > 1) breaches.push({ guarantee: 'G2', sentence: `Message ${clientMsgId} was told ${isNew.length} times to be new.`, about });
    // What a later request with the same id says is not what is stored: it has to be refused.
    const stored = row(room, seq);
    const changed = acknowledged.find(({ input }) => stored?.isDeleted === false && input.text !== stored.text);
    if (changed) breaches.push({ guarantee: 'G2', sentence: `Message ${clientMsgId} was acknowledged with two texts.`, about });
    const refused = group.find(({ outcome, code, input }) => outcome === 'error' && code === 'conflict' && input.text === first.input.text);
    if (refused) breaches.push({ guarantee: 'G2', sentence: `A retry of message ${clientMsgId} with the same text was refused as a conflict.`, about });
  }
  return breaches;
}

function messageOf({ data }: AskedRequest): Message {
  return (data as { message: Message }).message;
}
