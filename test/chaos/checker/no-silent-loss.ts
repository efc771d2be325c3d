import type { RequestOutput } from '#protocol/frames';
import type { Case } from './case.ts';
import { grouped } from './case.ts';
import type { AskedRequest, Breach } from './evidence.ts';
import { differenceOf } from './view.ts';

/** How long the server has to bring a fact to a session that stands: the heads of open rooms are told every 10 s (R7). */
const bringMs = 12_000;

/** G6: who is there in the end has everything, and no session had a hole that nobody told it of. */
export function checkNoSilentLoss(court: Case): Breach[] {
  return [...views(court), ...streams(court)];
}

/** Each client shows what is stored. */
function views({ evidence, rooms, rowsOf, membersOf }: Case): Breach[] {
  return evidence.views.flatMap((view) => {
    const difference = differenceOf(view, { rooms, rowsOf, membersOf });
    if (difference === undefined) return [];
    const { client, room } = view;
    return [{
      guarantee: 'G6', about: { room, client, seq: difference.seq, clientMsgId: difference.clientMsgId },
      sentence: `${client} shows another room ${room} than is stored, ${Math.round((evidence.checkedAt - evidence.quietAt) / 1000)} s after all was well: ${difference.sentence}.`,
    }];
  });
}

interface Visit {
  session: string;
  room: string;
  epoch: string;
  openedAt: number;
  endedAt: number;
  /** The session had everything up to here. */
  from: number;
  told: Map<number, number>;
}

/**
 * Each visit of a session to a room, from the answer to `room.open`: every place up to the last it was told of was told to it,
 * but for those that are superseded; and so was everything that was stored while the session still stood long enough.
 */
function streams({ requests, facts, sessions, rooms, rowsOf, membersOf, evidence }: Case): Breach[] {
  const visits: Visit[] = [];
  for (const [session, asked] of grouped(requests.filter(({ kind }) => kind === 'room.open' || kind === 'room.close'), (request) => request.session)) {
    for (const [room, ones] of grouped(asked, ({ input }) => input.room ?? '')) {
      for (const [index, { kind, outcome, data, answeredAt }] of ones.entries()) {
        if (kind !== 'room.open' || outcome !== 'ok') continue;
        const { room: { epoch }, upTo, changes } = data as RequestOutput<'room.open'>;
        const endedAt = Math.min(ones[index + 1]?.sentAt ?? Infinity, sessions.get(session)?.disconnectedAt ?? Infinity);
        const isCut = changes?.more === true && !wasReadToItsEnd(requests, { session, room, from: answeredAt!, to: endedAt });
        if (!isCut) visits.push({ session, room, epoch, openedAt: answeredAt!, endedAt, from: upTo, told: new Map() });
      }
    }
  }
  const bySession = grouped(visits, ({ session, room }) => `${session} ${room}`);
  for (const { at, session, room, epoch, fact } of facts) {
    for (const visit of bySession.get(`${session} ${room}`) ?? []) {
      if (visit.epoch === epoch && at >= visit.openedAt && at <= visit.endedAt) visit.told.set(fact.seq, at);
    }
  }
  const gone = grouped(evidence.events.filter((event) => event.kind === 'received' && event.frame.kind === 'room.gone'), (event) =>
    event.kind === 'received' && event.frame.kind === 'room.gone' ? `${event.session} ${event.frame.room}` : '');

  const breaches: Breach[] = [];
  for (const visit of visits) {
    const room = rooms.get(visit.room);
    if (!room || room.epoch !== visit.epoch) continue;
    const wentAt = gone.get(`${visit.session} ${visit.room}`)?.find(({ at }) => at >= visit.openedAt)?.at ?? Infinity;
    const endedAt = Math.min(visit.endedAt, wentAt);
    // Who was still there when everything had been well for long enough must have the whole log.
    const isWhole = endedAt > evidence.checkedAt && evidence.checkedAt - evidence.quietAt > bringMs;
    const last = isWhole ? room.seq : Math.max(visit.from, ...visit.told.keys());
    const missing = unsuperseded(visit.room, { rowsOf, membersOf }, room.namedSeq).filter((seq) => seq > visit.from && seq <= last && !visit.told.has(seq));
    if (missing.length === 0) continue;
    breaches.push({
      guarantee: 'G6', about: { room: visit.room, seq: missing[0], session: visit.session, from: visit.openedAt, to: endedAt },
      sentence: `${visit.session} had room ${visit.room} open from ${visit.from} on and was told up to ${last}, but never of ${missing.slice(0, 5).join(', ')}.`,
    });
  }
  return breaches;
}

/** Whether the further pages of a long answer to `room.open` all came: a session that ended before has a hole, and knows it. */
function wasReadToItsEnd(requests: readonly AskedRequest[], { session, room, from, to }: { session: string; room: string; from: number; to: number }): boolean {
  return requests.some(({ session: by, kind, input, answeredAt, data }) =>
    by === session && kind === 'room.changes' && input.room === room && answeredAt !== undefined && answeredAt >= from && answeredAt <= to
    && (data as RequestOutput<'room.changes'> | undefined)?.changes?.more === false);
}

/** Places whose facts nothing has superseded: everyone who followed must have been told of exactly these. */
function unsuperseded(room: string, { rowsOf, membersOf }: Pick<Case, 'rowsOf' | 'membersOf'>, namedSeq: number): number[] {
  return [
    ...[...(rowsOf.get(room)?.values() ?? [])].map(({ changedSeq }) => changedSeq),
    ...(membersOf.get(room) ?? []).map(({ changedSeq }) => changedSeq),
    ...(namedSeq > 0 ? [namedSeq] : []),
  ].sort((a, b) => a - b);
}
