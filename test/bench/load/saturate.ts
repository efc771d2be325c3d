import type { Arrivals } from './arrivals.ts';
import { firstSenders, type Side } from './side.ts';

/** Messages of one sender that may be unanswered. */
export const window = 8;

/** Each of the senders keeps `window` messages unanswered for `ms`: as fast as the server goes, and no faster. Resolves when all are answered. */
export async function saturate(senders: readonly number[], ms: number, send: (sender: number) => Promise<unknown>): Promise<void> {
  const endsAt = performance.now() + ms;
  await Promise.all(Array.from({ length: senders.length * window }, async (_, lane) => {
    while (performance.now() < endsAt) await send(senders[lane % senders.length]!);
  }));
}

export interface Saturated {
  messagesPerSecond: number;
  deliveriesPerSecond: number;
  /** Processor time of the server. */
  serverMicrosecondsPerDelivery: number;
}

/** A room in which everybody who writes does so as fast as they are answered, up to the last arrival. */
export async function saturateRoom(side: Side, arrivals: Arrivals, ms: number): Promise<Saturated> {
  const before = arrivals.sent;
  const serverBeforeMs = await side.cpuMs();
  const startedAt = performance.now();
  await saturate(firstSenders(arrivals.sessions), ms, (sender) => side.send(sender, arrivals.next(performance.now())));
  await arrivals.complete();
  const seconds = (performance.now() - startedAt) / 1000;
  const serverMs = await side.cpuMs() - serverBeforeMs;
  arrivals.takeLatencies();
  const messages = arrivals.sent - before;
  const deliveries = messages * arrivals.sessions;
  return {
    messagesPerSecond: messages / seconds, deliveriesPerSecond: deliveries / seconds,
    serverMicrosecondsPerDelivery: serverMs * 1000 / deliveries,
  };
}
