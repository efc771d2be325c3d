import type { Case } from './case.ts';
import { grouped } from './case.ts';
import type { Breach } from './evidence.ts';

/** What a node may take before anybody comes: Node itself, the code, and what a loader of TypeScript adds to it. */
const baseBytes = 256 * 2 ** 20;
/** What waits for one connection (F7), twice over: as text and as bytes. */
const sessionBytes = 2 * 2 ** 20;

/** G9: a node's memory is bounded by its connections, whatever these do; and no node ends by itself. */
export function checkBounded({ evidence: { events } }: Case): Breach[] {
  const breaches: Breach[] = [];
  const samples = events.filter((event) => event.kind === 'memory');
  for (const [node, ofNode] of grouped(samples, (sample) => sample.node)) {
    const worst = ofNode.find(({ rssBytes, sessions }) => rssBytes > baseBytes + sessions * sessionBytes);
    if (!worst) continue;
    breaches.push({
      guarantee: 'G9', about: { node, from: worst.at - 5_000, to: worst.at },
      sentence: `${node} took ${Math.round(worst.rssBytes / 2 ** 20)} MiB for ${worst.sessions} connections.`,
    });
  }
  for (const event of events) {
    if (event.kind !== 'node' || event.what !== 'broke') continue;
    breaches.push({ guarantee: 'G9', sentence: `${event.node} ended by itself: ${event.detail}`, about: { node: event.node, from: event.at - 5_000, to: event.at } });
  }
  return breaches;
}
