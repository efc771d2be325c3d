import { run } from '../building/run.ts';
import { problemsOfLockFile } from './lock-file.ts';
import type { Suite } from './suite.ts';
import { problemsOfTemplates } from './templates.ts';

/** What is checked without running anything of ours. Each counts as one test. */
const checks: Record<string, () => Promise<unknown>> = {
  lint: () => run('oxlint', ['--type-aware', '--format', 'unix']),
  types: () => run('tsc', ['--noEmit', '-p', '.']),
  templates: async () => throwProblems(await problemsOfTemplates()),
  docs: () => run('tsx', ['.scripts/docs.ts', '--check']),
  'lock file': async () => throwProblems(problemsOfLockFile()),
};

/** Runs them two at a time, as the larger ones keep a core busy. */
export async function runChecks(onSuite: (suite: Suite) => void): Promise<void> {
  const waiting = Object.entries(checks);
  const work = async (): Promise<void> => {
    for (let check = waiting.shift(); check !== undefined; check = waiting.shift()) onSuite(await asSuite(...check));
  };
  await Promise.all([work(), work()]);
}

/** Something that succeeds or throws, as a suite of one test. */
export async function asSuite(name: string, work: () => Promise<unknown>): Promise<Suite> {
  const startedAt = performance.now();
  const suite: Suite = { file: name, passed: 0, skipped: 0, failures: [], output: '', durationMs: 0 };
  try {
    await work();
    suite.passed = 1;
  } catch (error) {
    suite.failures.push({ name, detail: error instanceof Error ? error.message : String(error) });
  }
  suite.durationMs = performance.now() - startedAt;
  return suite;
}

function throwProblems(problems: readonly string[]): void {
  if (problems.length > 0) throw new Error(problems.join('\n'));
}
