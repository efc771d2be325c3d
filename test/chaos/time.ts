import { systemClock } from '../../elements/client/clock.ts';

/** A fault lasts, and people take their time: what goes on here is paced, and nothing is expected to have happened after it. */
export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => systemClock.after(ms, resolve));
}

/** Looks every `everyMs` whether it holds, up to `patienceMs`. Resolves to whether it did. */
export async function holds(condition: () => boolean | Promise<boolean>, patienceMs: number, everyMs = 200): Promise<boolean> {
  const until = performance.now() + patienceMs;
  while (!(await condition())) {
    if (performance.now() > until) return false;
    await pause(everyMs);
  }
  return true;
}
