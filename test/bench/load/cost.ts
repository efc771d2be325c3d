import type { ChildServer } from '../servers/child-server.ts';
import { percentile } from './percentile.ts';

/** What one thing costs when nothing else is asked: half of the times took up to `…Ms`, and each `…Statements` of SQL. */
export async function costOf<Name extends string>(
  name: Name, server: ChildServer, times: number, work: (time: number) => Promise<void>,
): Promise<Record<`${Name}Ms` | `${Name}Statements`, number>> {
  const tookMs: number[] = [];
  const before = await server.statements();
  for (let time = 0; time < times; time++) {
    const startedAt = performance.now();
    await work(time);
    tookMs.push(performance.now() - startedAt);
  }
  const statements = (await server.statements() - before) / times;
  return { [`${name}Ms`]: percentile(tookMs, 0.5), [`${name}Statements`]: statements } as Record<`${Name}Ms` | `${Name}Statements`, number>;
}
