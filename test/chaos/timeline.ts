import { isDeepStrictEqual } from 'node:util';
import type { About, Breach, Evidence } from './checker/evidence.ts';
import type { HistoryEvent } from './history.ts';

/** A timeline is read by people. */
const maxLines = 50;

/** What happened to that which the breach is about, in order, and what was seen of it where: nothing else. */
export function timelineOf({ about }: Breach, { events }: Evidence): string[] {
  const asked = new Set<string>();
  const concerned = events.filter((event) => isWithin(event, about) && concerns(event, about, asked));
  const from = about.from ?? concerned[0]?.at ?? 0;
  const to = about.to ?? concerned.at(-1)?.at ?? Infinity;
  const around = events.filter((event) => isTrouble(event) && event.at >= from - 3_000 && event.at <= to + 3_000);
  const lines = [...concerned, ...around].sort((a, b) => a.at - b.at).map((event) => `${(event.at / 1_000).toFixed(3).padStart(9)}  ${sentenceOf(event, about)}`);
  if (lines.length <= maxLines) return lines;
  const half = maxLines / 2;
  return [...lines.slice(0, half), `   ...     ${lines.length - maxLines} more`, ...lines.slice(-half)];
}

function isTrouble(event: HistoryEvent): boolean {
  return event.kind === 'fault' || event.kind === 'node' || event.kind === 'bus' || event.kind === 'revoked';
}

function isWithin({ at }: HistoryEvent, { from = -Infinity, to = Infinity }: About): boolean {
  return at >= from - 1_000 && at <= to + 1_000;
}

/** `asked` are the requests that concern it, so that their answers, which name no room, are known to. */
function concerns(event: HistoryEvent, about: About, asked: Set<string>): boolean {
  switch (event.kind) {
    case 'wrote': return event.clientMsgId === about.clientMsgId;
    case 'sent': {
      const { session, frame } = event;
      if (!isOf(session, about)) return false;
      const isAsked = about.room === undefined || frame.room === about.room;
      if (isAsked) asked.add(`${session} ${frame.ref}`);
      return isAsked && names(frame, about);
    }
    case 'received': {
      const { session, frame } = event;
      if (!isOf(session, about)) return false;
      const isAbout = about.room === undefined || JSON.stringify(frame).includes(`"${about.room}"`) || ('ref' in frame && asked.has(`${session} ${frame.ref}`));
      return isAbout && names(frame, about);
    }
    case 'connected':
    case 'disconnected':
    case 'reading': return event.session === about.session || (about.client !== undefined && event.session.startsWith(`${about.client}/`));
    case 'marker': return event.client === about.client && event.room === about.room;
    case 'memory': return event.node === about.node;
    default: return false;
  }
}

/** What concerns one message is looked at wherever it went; what concerns a session or a client, there alone. */
function isOf(session: string, { session: only, client, clientMsgId, user }: About): boolean {
  if (clientMsgId !== undefined) return true;
  if (only !== undefined) return session === only;
  if (client !== undefined) return session.startsWith(`${client}/`);
  return user === undefined || session.includes(`.${user}.`);
}

/** Whether the message or the place that it is about is named. */
function names(part: object, { seq, clientMsgId }: About): boolean {
  if (clientMsgId === undefined && seq === undefined) return true;
  const text = JSON.stringify(part);
  return (clientMsgId !== undefined && text.includes(`"${clientMsgId}"`)) || (seq !== undefined && new RegExp(`"(seq|changedSeq|after|upTo)":${seq}\\b`).test(text));
}

function sentenceOf(event: HistoryEvent, about: About): string {
  switch (event.kind) {
    case 'wrote': return `${event.client} writes ${event.clientMsgId} into ${event.room}`;
    case 'connected': return `${event.session} connects to ${event.node}`;
    case 'disconnected': return `${event.session} ends with ${event.code}`;
    case 'sent': return `${event.session} > ${short(event.frame, about)}`;
    case 'received': return `${event.session} < ${short(event.frame, about)}`;
    case 'reading': return `${event.session} ${event.isPaused ? 'stops reading' : 'reads again'}`;
    case 'marker': return `${event.client} shows ${event.room} as read up to ${event.readSeq}`;
    case 'revoked': return `--- ${event.user ?? 'everybody'} of ${event.tenant} ${event.isRevoked ? 'is shut out' : 'is let in again'} (${event.what})`;
    case 'fault': return `--- ${event.name} ${event.phase}${event.detail === '' ? '' : `: ${event.detail}`}`;
    case 'node': return `--- ${event.node} ${event.what}${event.detail === '' ? '' : `: ${event.detail}`}`;
    case 'bus': return `--- ${event.node}: the bus is ${event.mode}`;
    case 'stall': return `--- ${event.who} did not come to run for ${Math.round(event.ms)} ms`;
    case 'memory': return `--- ${event.node} has ${Math.round(event.rssBytes / 2 ** 20)} MiB and ${event.sessions} connections`;
  }
}

/** A frame in a line: texts are cut, and of a list only what matters stays. */
function short(frame: object, about: About): string {
  const text = JSON.stringify(frame, (_name, value: unknown) => {
    if (typeof value === 'string' && value.length > 40) return `${value.slice(0, 40)}…`;
    if (Array.isArray(value) && value.length > 3) {
      const kept = value.filter((item: unknown) => typeof item === 'object' && item !== null && names(item, about));
      if (!isDeepStrictEqual(kept, value)) return [...kept, `(${value.length - kept.length} more)`];
    }
    return value;
  });
  return text.length <= 300 ? text : `${text.slice(0, 300)}…`;
}
