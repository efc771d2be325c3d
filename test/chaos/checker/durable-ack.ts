import type { Message } from '#protocol/models';
import type { ClientFrame } from '../history.ts';
import type { Case } from './case.ts';
import type { Breach } from './evidence.ts';

/** G1: what was acknowledged is in the database, as it was acknowledged. */
export function checkDurableAck(court: Case): Breach[] {
  const breaches: Breach[] = [];
  for (const { kind, input, outcome, data, session } of court.requests) {
    if (outcome !== 'ok' || (kind !== 'message.send' && kind !== 'message.delete')) continue;
    const { message } = data as { message: Message };
    const row = court.row(input.room, message.seq);
    const wrong = kind === 'message.send' ? wrongSend(row, input, message) : row?.isDeleted !== true ? 'still there after its deletion' : undefined;
    if (wrong === undefined) continue;
    const clientMsgId = kind === 'message.send' ? String(input.clientMsgId) : message.clientMsgId;
    breaches.push({
      guarantee: 'G1', sentence: `Message ${clientMsgId} was acknowledged as ${message.seq}, and is ${wrong}.`,
      about: { room: input.room, seq: message.seq, clientMsgId, session },
    });
  }
  return breaches;
}

function wrongSend(row: ReturnType<Case['row']>, input: ClientFrame, message: Message): string | undefined {
  if (!row) return 'not in the database';
  if (row.clientMsgId !== input.clientMsgId) return `not in the database: ${row.clientMsgId} has its place`;
  if (row.senderId !== message.senderId) return `stored as ${row.senderId}'s`;
  if (!row.isDeleted && row.text !== input.text) return 'stored with another text';
  return undefined;
}
