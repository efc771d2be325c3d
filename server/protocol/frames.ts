import { z } from 'zod';
import { errorCodes, limits } from './codes.ts';
import {
  clientId, fact, hostId, member, message, messageText, person, roomId, roomName, roomSummary, seqNumber,
} from './models.ts';

/**
 * The wire. A request carries `ref` and is answered once, with `ok` or `error`; everything else is a push.
 * The server runs the inbound half on every frame; the outbound half is run by tests, on every frame of every test.
 * The browser imports the types only.
 */

const ref = z.int().min(1).max(2 ** 31 - 1);
const pageSize = z.int().min(1).max(limits.pageItems).default(50);
const userIds = z.array(hostId).min(1).max(limits.membersPerRequest);

const changes = z.object({ facts: z.array(fact), upTo: seqNumber, more: z.boolean(), people: z.array(person) });
const messagePage = z.object({
  messages: z.array(message), hasBefore: z.boolean(), hasAfter: z.boolean(), people: z.array(person),
});
const nothing = z.object({});

/** Every request: what it takes, and what its `ok` carries. */
export const requests = {
  /** Rooms of the person, most recently active first. `cursor` is `next` of the page before. */
  'rooms.list': {
    input: z.object({ cursor: z.string().max(200).optional(), limit: pageSize, query: z.string().max(100).optional() }),
    output: z.object({ rooms: z.array(roomSummary), next: z.string().optional() }),
  },
  /** One room as the list shows it, exactly counted. */
  'room.get': {
    input: z.object({ room: roomId }),
    output: z.object({ room: roomSummary }),
  },
  /**
   * From now on the session gets the room's facts. With the cursor of an earlier visit (`epoch`, `after`) the answer holds
   * `changes`; without one, or where the gap is too wide or the epoch another (`reset`), it holds the newest `page`.
   */
  'room.open': {
    input: z.object({ room: roomId, epoch: z.string().max(64).optional(), after: seqNumber.optional(), limit: pageSize }),
    output: z.object({
      room: roomSummary,
      /** Everyone, where the room has up to 100 members; the rest is had by `members.list`. */
      members: z.array(member),
      people: z.array(person),
      /** The cursor after this answer. */
      upTo: seqNumber,
      reset: z.boolean(),
      changes: changes.optional(),
      page: messagePage.optional(),
    }),
  },
  'room.close': { input: z.object({ room: roomId }), output: nothing },
  /** What changed after a cursor: how a client fills a gap, and reads on where `more` was said. */
  'room.changes': {
    input: z.object({ room: roomId, epoch: z.string().max(64), after: seqNumber }),
    output: z.object({ reset: z.boolean(), changes: changes.optional() }),
  },
  /** Messages by their place: exactly one of `before`, `after` (exclusive) and `around`, or none for the newest page. */
  'history': {
    input: z.object({
      room: roomId, before: seqNumber.optional(), after: seqNumber.optional(), around: seqNumber.optional(), limit: pageSize,
    }).refine(
      (input) => [input.before, input.after, input.around].filter((seq) => seq !== undefined).length <= 1,
      'give one of before, after, around',
    ),
    output: z.object({ page: messagePage }),
  },
  'message.send': {
    input: z.object({ room: roomId, clientMsgId: clientId, text: messageText }),
    /** `duplicate`: this was a retry, and `message` is what the first try made. */
    output: z.object({ message, duplicate: z.boolean() }),
  },
  /** Takes back one's own message; a tombstone stays. Deleting twice is a success. */
  'message.delete': {
    input: z.object({ room: roomId, seq: seqNumber }),
    output: z.object({ message }),
  },
  /** Everything up to `seq` was seen. Older markers than the stored one change nothing. */
  'room.read': {
    input: z.object({ room: roomId, seq: seqNumber }),
    output: z.object({ readSeq: seqNumber, readCount: seqNumber, unread: z.int() }),
  },
  /**
   * `direct`: finds or creates the room of two people; one's own id gives the room with oneself.
   * `group`: `clientRoomId` makes a retry find the room that the first try made.
   */
  'room.create': {
    input: z.discriminatedUnion('type', [
      z.object({ type: z.literal('direct'), user: hostId }),
      z.object({ type: z.literal('group'), clientRoomId: clientId, name: roomName.optional(), users: userIds }),
    ]),
    output: z.object({ room: roomSummary, created: z.boolean() }),
  },
  'room.rename': { input: z.object({ room: roomId, name: roomName.nullable() }), output: nothing },
  'room.leave': { input: z.object({ room: roomId }), output: nothing },
  'member.add': { input: z.object({ room: roomId, users: userIds }), output: nothing },
  'member.remove': { input: z.object({ room: roomId, user: hostId }), output: nothing },
  'members.list': {
    input: z.object({ room: roomId, cursor: hostId.optional(), limit: pageSize }),
    output: z.object({ members: z.array(member), people: z.array(person), next: z.string().optional() }),
  },
  /** Who has read up to `seq`: how many, and the first fifty (the sender is not counted). */
  'room.seen': {
    input: z.object({ room: roomId, seq: seqNumber }),
    output: z.object({ count: z.int(), people: z.array(person) }),
  },
  'people.search': {
    input: z.object({ query: z.string().max(100), limit: pageSize }),
    output: z.object({ people: z.array(person) }),
  },
  /** From now on `presence` tells of these people, and of no others. The answer is how they are now. */
  'presence.watch': {
    input: z.object({ users: z.array(hostId).max(limits.presenceWatch) }),
    output: z.object({ online: z.array(hostId) }),
  },
  /** A fresh token of the same person and tenant, in place. */
  'token.refresh': {
    input: z.object({ token: z.string().max(limits.helloBytes) }),
    output: z.object({ expiresAt: z.number().optional() }),
  },
} as const;

export type RequestKind = keyof typeof requests;
export type RequestInput<K extends RequestKind> = z.input<(typeof requests)[K]['input']>;
/** Input after parsing: defaults filled in. */
export type RequestParsed<K extends RequestKind> = z.output<(typeof requests)[K]['input']>;
export type RequestOutput<K extends RequestKind> = z.output<(typeof requests)[K]['output']>;

/** First frame of every connection. */
export const helloFrame = z.object({
  kind: z.literal('hello'),
  ref,
  version: z.int(),
  token: z.string().min(1).max(limits.helloBytes),
});

/** Not a request: may be dropped by either side, and is not answered. */
export const typingFrame = z.object({ kind: z.literal('typing'), room: roomId, active: z.boolean() });

/** The outside of any frame from a client; a request's own fields are parsed by `requests[kind].input`. */
export const clientEnvelope = z.looseObject({ kind: z.string().max(40), ref: ref.optional() });

/** A room's head, for lists and for noticing a lost last fact. */
export const head = z.object({
  room: roomId, epoch: z.string(), seq: seqNumber, messageCount: seqNumber, deletedCount: seqNumber,
  activeAt: z.number(), lastMessage: message.optional(), lastSender: person.optional(),
});
export type Head = z.infer<typeof head>;

export const serverFrame = z.discriminatedUnion('kind', [
  /** Answers `hello`. `limits` are this server's; see `codes.ts` for the defaults. */
  z.object({
    kind: z.literal('ready'), ref, version: z.int(), session: z.string(), user: person, tenant: hostId, now: z.number(),
    expiresAt: z.number().optional(), limits: z.object({ textCharacters: z.int(), frameBytes: z.int(), roomsPerConnection: z.int() }),
  }),
  z.object({ kind: z.literal('ok'), ref, data: z.looseObject({}) }),
  z.object({
    kind: z.literal('error'), ref: ref.optional(), code: z.enum(errorCodes), message: z.string(), retry: z.boolean(),
    afterMs: z.int().optional(),
  }),
  /** Facts of an open room, in order and without a hole. `people`: those named in them. */
  z.object({ kind: z.literal('facts'), room: roomId, epoch: z.string(), facts: z.array(fact).min(1), people: z.array(person) }),
  /** Newest state of rooms of the list; may skip states. */
  z.object({ kind: z.literal('heads'), heads: z.array(head).min(1) }),
  /** A room appeared in the person's list, or what the list shows of it changed. */
  z.object({ kind: z.literal('room'), room: roomSummary }),
  /** The person is no longer in this room. */
  z.object({ kind: z.literal('room.gone'), room: roomId }),
  /** The person's own marker moved, perhaps on another device. */
  z.object({ kind: z.literal('read'), room: roomId, readSeq: seqNumber, readCount: seqNumber, unread: z.int() }),
  /** Markers of others in an open room: `[user, readSeq]`. */
  z.object({ kind: z.literal('seen'), room: roomId, cursors: z.array(z.tuple([hostId, seqNumber])).min(1) }),
  /** Somebody began to type in an open room, or ended; and `others`, at about the same time (P8). */
  z.object({
    kind: z.literal('typing'), room: roomId, user: person, active: z.boolean(),
    others: z.array(z.object({ user: person, active: z.boolean() })).optional(),
  }),
  z.object({ kind: z.literal('presence'), online: z.array(hostId), offline: z.array(hostId) }),
  /** How many members of an open room are there, where it is too large to tell who (P7). */
  z.object({ kind: z.literal('occupancy'), room: roomId, online: z.int().min(0) }),
  z.object({ kind: z.literal('heartbeat') }),
  /** The token ends soon: `token.refresh` keeps the connection. */
  z.object({ kind: z.literal('token.expiring'), inMs: z.int() }),
  /** This server goes away: come back at a random moment of the window. */
  z.object({ kind: z.literal('goaway'), minMs: z.int(), maxMs: z.int() }),
]);
export type ServerFrame = z.infer<typeof serverFrame>;
export type ServerFrameOf<K extends ServerFrame['kind']> = Extract<ServerFrame, { kind: K }>;
