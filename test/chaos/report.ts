import { writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { requestsOf, toldFacts } from './checker/evidence.ts';
import type { ChaosOptions } from './options.ts';
import type { RoundResult } from './round.ts';
import { timelineOf } from './timeline.ts';

/** What the round was: a verdict without numbers may have looked at nothing. */
export function countsOf({ evidence: { events, dump }, faults, healedMs }: RoundResult): string {
  const requests = requestsOf(events);
  const sends = requests.filter(({ kind }) => kind === 'message.send');
  const count = (outcome: string): number => sends.filter((send) => send.outcome === outcome).length;
  const memory = events.filter((event) => event.kind === 'memory').map(({ rssBytes }) => rssBytes);
  const made = [...faults].map(([name, times]) => `${name} ${times}`).join(', ');
  return [
    `sends         ${count('ok')} acknowledged, ${count('indeterminate')} indeterminate, ${count('error')} refused`,
    `seen          ${toldFacts(events, requests).length} facts over ${events.filter(({ kind }) => kind === 'connected').length} sessions`,
    `stored        ${dump.messages.length} messages in ${dump.rooms.length} rooms, ${(dump.bytes / 1024).toFixed(0)} KiB`,
    `faults        ${made === '' ? 'none' : made}`,
    `memory        ${Math.round(Math.max(0, ...memory) / 2 ** 20)} MiB at most in a node`,
    `healed        ${(healedMs / 1_000).toFixed(1)} s after the last fault`,
  ].join('\n');
}

export function acknowledgedSends({ evidence }: RoundResult): number {
  return requestsOf(evidence.events).filter(({ kind, outcome }) => kind === 'message.send' && outcome === 'ok').length;
}

/** What a round has to be given to be the same again. */
type Repeatable = Pick<ChaosOptions, 'store' | 'nodes' | 'seed' | 'minutes'> & Partial<Pick<ChaosOptions, 'faults' | 'plant'>>;

/** The first breach of each guarantee, with what happened to it, and the line that repeats the round. */
export function breachesOf({ breaches, evidence }: RoundResult, round: Repeatable): string {
  const parts: string[] = [];
  for (const guarantee of new Set(breaches.map((breach) => breach.guarantee))) {
    const same = breaches.filter((breach) => breach.guarantee === guarantee);
    parts.push(`${guarantee} is broken${same.length > 1 ? ` (${same.length} times)` : ''}: ${same[0]!.sentence}`);
    parts.push(...timelineOf(same[0]!, evidence), '');
  }
  const file = join(tmpdir(), `chatter-chaos-${round.seed}.ndjson`);
  writeFileSync(file, evidence.events.map((event) => `${JSON.stringify(event)}\n`).join(''));
  parts.push(`All that happened is in ${file}.`, `To repeat it: ${commandOf(round)}`);
  return parts.join('\n');
}

function commandOf({ store, nodes, seed, minutes, faults, plant }: Repeatable): string {
  const more = [...(faults ? [`--faults ${faults.length === 0 ? 'none' : faults.join(',')}`] : []), ...(plant === undefined ? [] : [`--plant ${plant}`])];
  return ['npm run chaos --', `--store ${store}`, `--nodes ${nodes}`, `--seed ${seed}`, `--minutes ${minutes}`, ...more].join(' ');
}
