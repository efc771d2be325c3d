import type { RequestOutput } from '#protocol/frames';
import type { Case } from './case.ts';
import { grouped } from './case.ts';
import type { Breach } from './evidence.ts';

/** G5: what a client wrote into a room is stored in the order in which it was written, over all its connections and restarts. */
export function checkSendersOrder({ evidence, requests, sessions }: Case): Breach[] {
  const breaches: Breach[] = [];
  const stored = new Map(evidence.dump.messages.map((message) => [`${message.room} ${message.clientMsgId}`, message.seq]));
  const wrote = evidence.events.filter((event) => event.kind === 'wrote');
  for (const [key, written] of grouped(wrote, ({ client, room }) => `${client} ${room}`)) {
    let last: { seq: number; clientMsgId: string } | undefined;
    for (const { room, clientMsgId } of written) {
      const seq = stored.get(`${room} ${clientMsgId}`);
      if (seq === undefined) continue;
      if (last && seq < last.seq) {
        breaches.push({
          guarantee: 'G5', sentence: `${key.split(' ')[0]} wrote ${last.clientMsgId} before ${clientMsgId}, and they are stored as ${last.seq} and ${seq}.`,
          about: { room, clientMsgId },
        });
      }
      last = { seq, clientMsgId };
    }
  }
  // One who speaks the protocol without an outbox: of the sends of one connection that were new, and taken.
  const raw = requests.filter(({ kind, outcome, data, session }) =>
    kind === 'message.send' && outcome === 'ok' && data!.duplicate === false && sessions.has(session));
  for (const sends of grouped(raw, ({ session, input }) => `${session} ${input.room}`).values()) {
    const messages = sends.map(({ data }) => (data as RequestOutput<'message.send'>).message);
    const wrong = messages.findIndex(({ seq }, index) => index > 0 && seq < messages[index - 1]!.seq);
    if (wrong < 0) continue;
    const [before, after] = [messages[wrong - 1]!, messages[wrong]!];
    const { session, input } = sends[wrong]!;
    breaches.push({
      guarantee: 'G5', sentence: `${session} sent ${before.clientMsgId} before ${after.clientMsgId}, and they are stored as ${before.seq} and ${after.seq}.`,
      about: { room: input.room, clientMsgId: after.clientMsgId, session },
    });
  }
  return breaches;
}
