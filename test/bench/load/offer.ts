import type { Arrivals } from './arrivals.ts';
import { pace } from './pace.ts';
import { percentile } from './percentile.ts';
import { firstSenders, type Side } from './side.ts';

/** A message that comes later than this comes late. */
export const lateMs = 250;
/** The whole load stands on one moment where there are fewer. */
const fewestMessages = 10;

export interface Offer {
  perSecond: number;
  p50Ms: number;
  p99Ms: number;
  /** The same of the sockets of each node apart. */
  nodes: { p50Ms: number; p99Ms: number }[];
  holds: boolean;
  /** In a sentence, with what was busy meanwhile. */
  verdict: string;
}

/**
 * Offers a room so many messages a second for a while, whatever becomes of them (open loop), and counts from when each was
 * due: a server that makes the sender wait gains nothing by it. It holds where all arrived, and 99 of 100 within `lateMs`.
 * Ends early where it can hold no more.
 */
export async function offer(
  side: Side, arrivals: Arrivals, perSecond: number, seconds: number, senders = firstSenders(arrivals.sessions),
): Promise<Offer> {
  const count = Math.max(fewestMessages, Math.round(perSecond * seconds));
  const samples = count * arrivals.watchedCount;
  const startedAt = performance.now();
  const serverBeforeMs = await side.cpuMs();
  const loadBefore = process.cpuUsage();
  let refused = 0;
  let sent = 0;
  const answered: Promise<void>[] = [];

  /** More than a second behind, or too many late already. */
  const isLost = (): boolean => {
    const heard = arrivals.latenciesMs.flat();
    return sent * arrivals.watchedCount - heard.length > Math.max(2, perSecond) * arrivals.watchedCount
      || heard.filter((ms) => ms > lateMs).length > samples / 100;
  };
  let hasSeenEnough = false;
  const watch = setInterval(() => (hasSeenEnough ||= isLost()), 100);

  await pace({ count, perSecond, hasSeenEnough: () => hasSeenEnough || refused > 0 }, (dueAt) => {
    const message = arrivals.next(dueAt);
    answered.push(side.send(senders[sent++ % senders.length]!, message).catch(() => {
      refused += 1;
      arrivals.refused();
    }));
  });
  clearInterval(watch);
  const isCutShort = sent < count;
  await Promise.all(answered);
  await arrivals.complete();
  // Up to the last arrival: what a server has yet to do is part of what it was asked.
  const serverMs = await side.cpuMs() - serverBeforeMs;
  const elapsedMs = performance.now() - startedAt;
  const load = process.cpuUsage(loadBefore);
  const [serverBusy, loadBusy] = [serverMs / elapsedMs, (load.user + load.system) / 1000 / elapsedMs];

  const latencies = arrivals.takeLatencies();
  const nodes = latencies.map(percentilesOf);
  const { p50Ms, p99Ms } = percentilesOf(latencies.flat());
  const holds = p99Ms <= lateMs && refused === 0 && !isCutShort;
  const busy = `the server was ${percent(serverBusy)} busy, the load ${percent(loadBusy)}`;
  const why = refused > 0 ? `${refused} of ${sent} were refused` : `p50 ${p50Ms.toFixed(0)} ms, p99 ${p99Ms.toFixed(0)} ms${isCutShort ? ' and growing' : ''}`;
  return { perSecond, p50Ms, p99Ms, nodes, holds, verdict: `at ${perSecond.toLocaleString('en')} a second ${why}; ${busy}` };
}

function percentilesOf(latencies: readonly number[]): { p50Ms: number; p99Ms: number } {
  return { p50Ms: percentile(latencies, 0.5), p99Ms: percentile(latencies, 0.99) };
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}
