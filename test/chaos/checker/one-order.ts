import { type Case, grouped } from './case.ts';
import type { Breach, ToldMessage } from './evidence.ts';

/** G4: whoever was told of a place of a room was told the same, and in the same order. */
export function checkOneOrder(court: Case): Breach[] {
  return [...oneContent(court), ...oneDirection(court)];
}

/** What was told of one state of one message, by whom and in whatever frame, is one; and it is what is stored. */
function oneContent({ messages, row }: Case): Breach[] {
  const breaches: Breach[] = [];
  const first = new Map<string, ToldMessage>();
  for (const told of messages) {
    const { room, message, session } = told;
    const key = `${room} ${message.seq} ${message.changedSeq}`;
    const known = first.get(key);
    const stored = row(room, message.seq);
    const about = { room, seq: message.seq, session };
    if (!known) first.set(key, told);
    else if (stateOf(known.message) !== stateOf(message)) {
      breaches.push({ guarantee: 'G4', sentence: `Of place ${message.seq} of room ${room} ${known.session} and ${session} were told different things.`, about });
    }
    if (stored && stored.changedSeq === message.changedSeq && stateOf({ ...stored, deletedAt: stored.isDeleted ? 1 : undefined }) !== stateOf(message)) {
      breaches.push({ guarantee: 'G4', sentence: `Of place ${message.seq} of room ${room} ${session} was told another thing than is stored.`, about });
    }
  }
  return breaches;
}

type State = { ordinal: number; senderId: string; clientMsgId: string; text: string; deletedAt?: number | undefined };

function stateOf({ ordinal, senderId, clientMsgId, text, deletedAt }: State): string {
  return JSON.stringify([ordinal, senderId, clientMsgId, text, deletedAt !== undefined]);
}

/** Pages and frames are in order, and what is pushed to a session goes forward only. */
function oneDirection({ requests, evidence }: Case): Breach[] {
  const breaches: Breach[] = [];
  const positions = new Map<string, number>();
  const pages = grouped(requests, ({ session }) => session);
  for (const [session, asked] of pages) {
    for (const { data, input } of asked) {
      const { messages } = (data?.page ?? { messages: [] }) as { messages: { seq: number; ordinal: number }[] };
      const wrong = messages.find(({ seq, ordinal }, index) => index > 0 && (seq <= messages[index - 1]!.seq || ordinal !== messages[index - 1]!.ordinal + 1));
      if (wrong) breaches.push({ guarantee: 'G4', sentence: `A page for ${session} has ${wrong.seq} out of its place.`, about: { room: input.room, seq: wrong.seq, session } });
    }
  }
  for (const event of evidence.events) {
    if (event.kind === 'sent' && event.frame.kind === 'room.open') positions.delete(`${event.session} ${event.frame.room}`);
    if (event.kind !== 'received' || event.frame.kind !== 'facts') continue;
    const { session, frame: { room, epoch, facts } } = event;
    for (const { seq } of facts) {
      const key = `${session} ${room}`;
      const before = positions.get(key) ?? 0;
      if (seq <= before) {
        breaches.push({ guarantee: 'G4', sentence: `${session} was told of place ${seq} of room ${room} (${epoch}) after ${before}.`, about: { room, seq, session } });
      }
      positions.set(key, seq);
    }
  }
  return breaches;
}
