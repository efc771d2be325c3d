import { z } from 'zod';
import { head } from '#protocol/frames';
import { fact, hostId, person, roomId, seqNumber } from '#protocol/models';

/** What nodes tell each other. Parsed as strictly as what clients say: whoever can reach the broker can write to it. */
const busFrame = z.discriminatedUnion('kind', [
  /** A room's log grew. */
  z.object({
    kind: z.literal('changed'), tenant: hostId, room: roomId, facts: z.array(fact), people: z.array(person), head,
  }),
  /** A person's marker moved. */
  z.object({
    kind: z.literal('read'), tenant: hostId, room: roomId, user: hostId,
    readSeq: seqNumber, readCount: seqNumber, unread: z.int(), bySession: z.string().optional(),
  }),
  /** Something was revoked, or taken back: what, stands in the database. */
  z.object({ kind: z.literal('revoked') }),
  z.object({ kind: z.literal('typing'), tenant: hostId, room: roomId, user: person, active: z.boolean() }),
  /** People who came to a node or left it; told again while they are there, because a node may die without a word. */
  z.object({ kind: z.literal('presence'), tenant: hostId, node: z.string(), online: z.array(hostId), offline: z.array(hostId) }),
  /** A node started, and asks who is where. */
  z.object({ kind: z.literal('presence.ask'), node: z.string() }),
]);
export type BusFrame = z.infer<typeof busFrame>;
export type BusFrameOf<K extends BusFrame['kind']> = Extract<BusFrame, { kind: K }>;

export function parseBusFrame(payload: string): BusFrame | undefined {
  try {
    return busFrame.safeParse(JSON.parse(payload)).data;
  } catch {
    return undefined; // Not JSON: somebody else's.
  }
}
