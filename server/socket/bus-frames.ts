import { z } from 'zod';
import { head } from '#protocol/frames';
import { fact, hostId, person, roomId, seqNumber } from '#protocol/models';

const nodeId = z.string().min(1).max(64);
const userIds = z.array(hostId).max(500);

/** What nodes tell each other. Parsed as strictly as what clients say: whoever can reach the broker can write to it. */
const busFrame = z.discriminatedUnion('kind', [
  /** A room's log grew. */
  z.object({
    kind: z.literal('changed'), tenant: hostId, room: roomId, facts: z.array(fact), people: z.array(person), head,
  }),
  /** As `changed`, of facts that are long: they are in the log, but for those that are not messages. */
  z.object({
    kind: z.literal('moved'), tenant: hostId, room: roomId, epoch: z.string(), seqs: z.array(seqNumber).min(1).max(1_000), facts: z.array(fact),
  }),
  /** A person's marker moved. */
  z.object({
    kind: z.literal('read'), tenant: hostId, room: roomId, user: hostId,
    readSeq: seqNumber, readCount: seqNumber, unread: z.int(), bySession: z.string().optional(),
  }),
  /** Something was revoked, or taken back: what, stands in the database. */
  z.object({ kind: z.literal('revoked') }),
  /** People of a node began to type in a room, or ended. */
  z.object({
    kind: z.literal('typing'), tenant: hostId, room: roomId, typists: z.array(z.object({ user: person, active: z.boolean() })).max(20),
  }),
  /** A node's sign of life. `version`: how many `presence.changed` it has said; who has heard fewer asks for all. */
  z.object({ kind: z.literal('presence.alive'), node: nodeId, version: seqNumber }),
  /** People who came to a node or left it: its `version`-th such word. */
  z.object({ kind: z.literal('presence.changed'), node: nodeId, version: seqNumber, tenant: hostId, online: userIds, offline: userIds }),
  /** Everyone who was with a node at `version`, in so many `parts` of one `answer`; nobody, where it has no tenant. */
  z.object({
    kind: z.literal('presence.all'), node: nodeId, version: seqNumber, answer: seqNumber,
    part: z.int().min(0), parts: z.int().min(0).max(20_000), tenant: hostId.optional(), online: userIds,
  }),
  /** Asks `node` for all, or every node for a sign of life. */
  z.object({ kind: z.literal('presence.ask'), node: nodeId.optional() }),
  /** The node goes away, and its people with it. */
  z.object({ kind: z.literal('presence.gone'), node: nodeId }),
]);
export type BusFrame = z.infer<typeof busFrame>;
export type BusFrameOf<K extends BusFrame['kind']> = Extract<BusFrame, { kind: K }>;
export type PresenceFrame = Extract<BusFrame, { kind: `presence.${string}` }>;

/** No node says anything as long as that; whoever does would have each of them read it to its end. */
const maxCharacters = 1024 * 1024;

export function parseBusFrame(payload: string): BusFrame | undefined {
  if (payload.length > maxCharacters) return undefined;
  try {
    return busFrame.safeParse(JSON.parse(payload)).data;
  } catch {
    return undefined; // Not JSON: somebody else's.
  }
}
