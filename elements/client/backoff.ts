const baseMs = 1_000;
const capMs = 30_000;

/**
 * How long to wait before try number `attempt` (from 1): full jitter. The random part is taken of the capped bound, not
 * capped after it, so that clients which have waited long still come back spread over the whole 30 s and not in step.
 */
export function backoffMs(attempt: number, random: () => number): number {
  return Math.round(random() * Math.min(capMs, baseMs * 2 ** (attempt - 1)));
}
