import { relative } from 'node:path';
import { startTestRunner, type Reporter, type TestRunnerConfig } from '@web/test-runner';
import { browserTests } from '../../test/web-test-runner.config.ts';
import { root } from '../root.ts';
import type { Suite } from './suite.ts';

type Session = Parameters<NonNullable<Reporter['reportTestFileResults']>>[0]['sessionsForTestFile'][number];
type SuiteResult = NonNullable<Session['testResults']>;

/** Runs files of web-test-runner in one Chromium. Hands each over as it ends. */
export async function runBrowserTests(files: readonly string[], chromium: string, onSuite: (suite: Suite) => void): Promise<void> {
  const config: TestRunnerConfig = {
    ...browserTests({ files: files.map((file) => root + file), chromium }),
    reporters: [{ reportTestFileResults: ({ sessionsForTestFile }) => sessionsForTestFile.forEach((session) => onSuite(toSuite(session))) }],
  };
  const runner = await startTestRunner({ config, readCliArgs: false, readFileConfig: false, autoExitProcess: false });
  if (runner === undefined) throw new Error('The browser tests did not start.');
  await new Promise<void>((resolve) => runner.on('stopped', () => resolve()));
}

function toSuite(session: Session): Suite {
  const file = relative(root, session.testFile);
  const suite: Suite = { file, passed: 0, skipped: 0, failures: [], output: '', durationMs: 0 };
  if (session.testResults !== undefined) countTests(suite, session.testResults, []);
  for (const error of session.errors) suite.failures.push({ name: file, detail: error.stack ?? error.message });
  for (const url of session.request404s) suite.output += `not found: ${url}\n`;
  for (const args of session.logs) suite.output += `${args.map((arg) => typeof arg === 'string' ? arg : JSON.stringify(arg)).join(' ')}\n`;
  if (suite.passed + suite.skipped + suite.failures.length === 0) suite.failures.push({ name: file, detail: `No tests ran in it.` });
  return suite;
}

function countTests(suite: Suite, results: SuiteResult, names: readonly string[]): void {
  for (const test of results.tests) {
    suite.durationMs += test.duration ?? 0;
    if (test.skipped) suite.skipped++;
    else if (test.passed) suite.passed++;
    else suite.failures.push({ name: [...names, test.name].join(' > '), detail: describeError(test.error) });
  }
  for (const inner of results.suites) countTests(suite, inner, [...names, inner.name]);
}

function describeError(error: { message: string; stack?: string; expected?: string; actual?: string } | undefined): string {
  if (error === undefined) return 'It failed without saying why.';
  const difference = error.expected === undefined ? '' : `\nexpected: ${error.expected}\nactual:   ${error.actual}`;
  return `${error.message}${difference}\n${error.stack ?? ''}`;
}
