import { z } from 'zod';
import { isBlank, limits } from './codes.ts';

/**
 * Ids that hosts choose (`sub`, `tenant`): printable, no control characters, short enough for an index. No halves of characters
 * either (`Cs`): databases make them all the same, and two people would be one.
 */
export const hostId = z
  .string()
  .min(1)
  .max(128)
  .regex(/^[^\p{Cc}\p{Cs}\p{Zl}\p{Zp}]+$/u, 'must not hold control characters');
/** Ids that Chatter makes: 128 random bits, base64url. */
export const roomId = z.string().min(1).max(64).regex(/^[\w-]+$/);
/** Made by the client before the first try and reused on every retry (G2). */
export const clientId = z.string().min(1).max(64).regex(/^[\w.:-]+$/);
export const seqNumber = z.int().min(0).max(Number.MAX_SAFE_INTEGER);
export const messageText = z
  .string()
  .max(limits.textCharacters)
  .refine((text) => !isBlank(text), 'must not be blank')
  .refine((text) => text.isWellFormed(), 'must be well-formed Unicode')
  .refine((text) => !text.includes('\u0000'), 'must not hold NUL');
export const roomName = z
  .string()
  .trim()
  .min(1)
  .max(limits.nameCharacters)
  .regex(/^[^\p{Cc}\p{Cs}\p{Zl}\p{Zp}]+$/u, 'must be one line')
  .refine((name) => !isBlank(name), 'must not be blank');

/** Someone who can chat. `name` is shown; where it is missing the id stands in. */
export const person = z.object({
  id: hostId,
  name: z.string(),
  /** https URL of a picture, if any. */
  avatar: z.string().optional(),
});
export type Person = z.infer<typeof person>;

/**
 * What a person wrote, in its latest state. `(room, seq)` names it, and `(room, senderId, clientMsgId)` does too (G2).
 * A deleted message stays as a tombstone: `text` is empty and `deletedAt` is set.
 */
export const message = z.object({
  seq: seqNumber,
  /** The fact that last changed it; equals `seq` until it is changed. */
  changedSeq: seqNumber,
  /** Its place among the room's messages, from 1; unread counts are differences of these. */
  ordinal: seqNumber,
  senderId: hostId,
  clientMsgId: z.string(),
  text: z.string(),
  /** Milliseconds since 1970, by the server's clock. For showing only: order is `seq`. */
  at: z.number(),
  editedAt: z.number().optional(),
  deletedAt: z.number().optional(),
});
export type Message = z.infer<typeof message>;

export const member = z.object({
  userId: hostId,
  changedSeq: seqNumber,
  joinedAt: z.number(),
  /** Set when the person is no longer in the room. */
  leftAt: z.number().optional(),
  /** Everything up to this `seq` was seen by this member; never moves back (G10). */
  readSeq: seqNumber,
});
export type Member = z.infer<typeof member>;

export const roomKind = z.enum(['direct', 'group']);
export type RoomKind = z.infer<typeof roomKind>;

/** A room as one person sees it in a list. */
export const roomSummary = z.object({
  id: roomId,
  kind: roomKind,
  /** Given name of a group. A room without one is named by `people` (see the client's `displayName`). */
  name: z.string().optional(),
  /** Changes when `seq` may have gone back (a restored backup): every cursor of an older epoch is void. */
  epoch: z.string(),
  /** Head of the room's log. */
  seq: seqNumber,
  messageCount: seqNumber,
  /** Messages ever deleted. A change of it tells a client that its own count of unread needs a fresh answer. */
  deletedCount: seqNumber,
  memberCount: z.int(),
  /** Up to five other members (for a name and a picture), or none in a room with oneself. */
  people: z.array(person),
  lastMessage: message.optional(),
  /** Name of the author of `lastMessage`. */
  lastSender: person.optional(),
  /** Milliseconds since 1970 of the last message, or of the room's creation. Lists are ordered by it, newest first. */
  activeAt: z.number(),
  readSeq: seqNumber,
  /** Ordinal of the last message this person has read. */
  readCount: seqNumber,
  /** Messages after `readCount` that are not deleted (exact when told). */
  unread: z.int(),
});
export type RoomSummary = z.infer<typeof roomSummary>;

/**
 * A durable change of a room: the new state of one thing, at its place in the room's log.
 * Applying one twice, or an older one after a newer one, changes nothing: the higher `seq` wins.
 */
export const fact = z.discriminatedUnion('kind', [
  z.object({ seq: seqNumber, kind: z.literal('message'), message }),
  z.object({ seq: seqNumber, kind: z.literal('member'), member, person }),
  z.object({ seq: seqNumber, kind: z.literal('room'), name: z.string().optional() }),
]);
export type Fact = z.infer<typeof fact>;

/** What changed in a room after a cursor, oldest first. */
export interface Changes {
  /** Superseded facts are left out: only the latest state of each thing is told. */
  facts: Fact[];
  /** The cursor after applying `facts`. */
  upTo: number;
  /** There are more; ask again after `upTo`. */
  more: boolean;
  people: Person[];
}

/** A page of messages in the room's order, oldest first. */
export interface MessagePage {
  messages: Message[];
  hasBefore: boolean;
  hasAfter: boolean;
  /** Everyone who wrote one of `messages`. */
  people: Person[];
}
