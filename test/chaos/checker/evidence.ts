import type { RequestKind } from '#protocol/frames';
import type { Fact, Message, RoomSummary } from '#protocol/models';
import type { Dump } from '../dump.ts';
import type { ClientFrame, EventOf, HistoryEvent } from '../history.ts';

/** All that a verdict goes by: what was seen from outside, what the database holds, and what people see in the end. */
export interface Evidence {
  readonly events: readonly HistoryEvent[];
  readonly dump: Dump;
  readonly views: readonly View[];
  /** When all faults had ended. What was not well by `checkedAt` was given all the time that it may take. */
  readonly quietAt: number;
  readonly checkedAt: number;
}

/** One room on one client, when everything has come to rest. */
export interface View {
  client: string;
  tenant: string;
  user: string;
  room: string;
  status: string;
  messages: readonly Message[];
  /** There is more after these, though nobody has scrolled away from the end. */
  hasAfter: boolean;
  /** Own messages that still wait to be sent, and those that were refused for good. */
  pending: readonly string[];
  summary: RoomSummary | undefined;
  members: readonly string[];
}

/** A guarantee that does not hold, and where to look. */
export interface Breach {
  guarantee: string;
  sentence: string;
  about: About;
}

/** What a breach is about: the events that have to do with all of it are its timeline. */
export interface About {
  room?: string;
  seq?: number;
  clientMsgId?: string;
  session?: string;
  client?: string;
  user?: string;
  node?: string;
  /** Only what happened around then matters. */
  from?: number;
  to?: number;
}

export interface SessionRecord {
  id: string;
  client: string;
  tenant: string;
  user: string;
  node: string;
  connectedAt: number;
  /** Infinity where it outlived the round. */
  disconnectedAt: number;
}

export function sessionsOf(events: readonly HistoryEvent[]): Map<string, SessionRecord> {
  const sessions = new Map<string, SessionRecord>();
  for (const event of events) {
    if (event.kind === 'connected') {
      const { session: id, client, tenant, user, node, at } = event;
      sessions.set(id, { id, client, tenant, user, node, connectedAt: at, disconnectedAt: Infinity });
    } else if (event.kind === 'disconnected') {
      const session = sessions.get(event.session);
      if (session) session.disconnectedAt = event.at;
    }
  }
  return sessions;
}

/** A request and how it ended. Neither answered nor refused is `indeterminate`: it may have happened once, or not at all. */
export interface AskedRequest {
  session: string;
  kind: RequestKind;
  input: ClientFrame;
  sentAt: number;
  outcome: 'ok' | 'error' | 'indeterminate';
  answeredAt?: number;
  data?: Record<string, unknown>;
  code?: string;
}

export function requestsOf(events: readonly HistoryEvent[]): AskedRequest[] {
  const requests: AskedRequest[] = [];
  const open = new Map<string, AskedRequest>();
  for (const event of events) {
    if (event.kind === 'sent' && event.frame.ref !== undefined) {
      const { session, frame, at } = event;
      const request: AskedRequest = { session, kind: frame.kind as RequestKind, input: frame, sentAt: at, outcome: 'indeterminate' };
      requests.push(request);
      open.set(`${session} ${frame.ref}`, request);
    } else if (event.kind === 'received' && (event.frame.kind === 'ok' || event.frame.kind === 'error')) {
      const request = open.get(`${event.session} ${event.frame.ref}`);
      if (!request) continue;
      request.answeredAt = event.at;
      request.outcome = event.frame.kind;
      if (event.frame.kind === 'ok') request.data = event.frame.data;
      else request.code = event.frame.code;
    }
  }
  return requests;
}

/** A state of a message that a session was told, in whatever frame. */
export interface ToldMessage {
  at: number;
  session: string;
  room: string;
  message: Message;
}

/** A fact that a session was told, pushed or as part of changes. */
export interface ToldFact {
  at: number;
  session: string;
  room: string;
  epoch: string;
  fact: Fact;
}

type Answer = {
  room?: RoomSummary; rooms?: RoomSummary[]; message?: Message; page?: { messages: Message[] }; changes?: { facts: Fact[] };
};

/** Every fact that was told to anybody, in the order it came. */
export function toldFacts(events: readonly HistoryEvent[], requests: readonly AskedRequest[]): ToldFact[] {
  const answered = new Map(requests.filter(({ outcome }) => outcome === 'ok').map((request) => [request.data, request]));
  const told: ToldFact[] = [];
  for (const event of events) {
    if (event.kind !== 'received') continue;
    const { at, session, frame } = event;
    if (frame.kind === 'facts') {
      for (const fact of frame.facts) told.push({ at, session, room: frame.room, epoch: frame.epoch, fact });
    } else if (frame.kind === 'ok') {
      const { room, changes } = frame.data as Answer;
      const input = answered.get(frame.data)?.input;
      const epoch = room?.epoch ?? String(input?.epoch);
      for (const fact of changes?.facts ?? []) told.push({ at, session, room: input?.room ?? '', epoch, fact });
    }
  }
  return told;
}

/** Every state of a message that was told to anybody. */
export function toldMessages(requests: readonly AskedRequest[], facts: readonly ToldFact[], events: readonly HistoryEvent[]): ToldMessage[] {
  const told: ToldMessage[] = [];
  for (const { at, session, room, fact } of facts) if (fact.kind === 'message') told.push({ at, session, room, message: fact.message });
  const add = (at: number, session: string, room: string | undefined, message: Message | undefined) => {
    if (message && room !== undefined) told.push({ at, session, room, message });
  };
  for (const { session, input, data, answeredAt } of requests) {
    if (!data) continue;
    const { room, rooms, message, page } = data as Answer;
    add(answeredAt!, session, input.room, message);
    for (const one of page?.messages ?? []) add(answeredAt!, session, input.room, one);
    for (const summary of [...(rooms ?? []), ...(room ? [room] : [])]) add(answeredAt!, session, summary.id, summary.lastMessage);
  }
  for (const event of pushesOf(events)) {
    const { at, session, frame } = event;
    if (frame.kind === 'room') add(at, session, frame.room.id, frame.room.lastMessage);
    if (frame.kind === 'heads') for (const head of frame.heads) add(at, session, head.room, head.lastMessage);
  }
  return told;
}

function pushesOf(events: readonly HistoryEvent[]): EventOf<'received'>[] {
  return events.filter((event) => event.kind === 'received');
}

/**
 * A refusal by the rules has changed nothing. Trouble of the server (`unavailable`: the database went away, perhaps just after
 * it had committed) is as good as no answer.
 */
export function mayHaveHappened({ outcome, code }: AskedRequest): boolean {
  return outcome !== 'error' || code === 'unavailable' || code === 'internal';
}
