import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { run } from 'node:test';
import { inspect } from 'node:util';
import { root } from '../root.ts';
import type { Failure, Suite } from './suite.ts';

interface TestEvent {
  name: string;
  nesting: number;
  skip?: string | boolean;
  todo?: string | boolean;
  details: { type?: string | undefined; error?: Error & { failureType?: string; cause?: unknown } };
}

/** Runs files of node:test, each in a process of its own, a few at once. Hands each over as it ends. */
export async function runNodeTests(
  files: readonly string[], options: { timeoutMs: number; atOnce?: number }, onSuite: (suite: Suite) => void,
): Promise<void> {
  const waiting = [...files];
  const work = async (): Promise<void> => {
    for (let file = waiting.shift(); file !== undefined; file = waiting.shift()) onSuite(await runFile(file, options.timeoutMs));
  };
  await Promise.all(Array.from({ length: options.atOnce ?? Math.max(2, availableParallelism()) }, work));
}

/** One run per file, so that each result belongs to a file for sure: a test made by a contract suite names the suite's file. */
async function runFile(file: string, timeoutMs: number): Promise<Suite> {
  const path = join(root, file);
  const startedAt = performance.now();
  const suite: Suite = { file, passed: 0, skipped: 0, failures: [], output: '', durationMs: 0 };
  const names: string[] = [];
  // The child runs under the same loader as this process (tsx): node:test hands `process.execArgv` on.
  for await (const event of run({ files: [path], concurrency: 1, timeout: timeoutMs })) {
    if (event.type === 'test:stdout' || event.type === 'test:stderr') suite.output += event.data.message;
    if (event.type === 'test:start') names.splice(event.data.nesting, Infinity, event.data.name);
    if (event.type === 'test:pass') countPass(suite, event.data as TestEvent, path);
    if (event.type === 'test:fail') countFailure(suite, event.data as TestEvent, names, path);
  }
  suite.durationMs = performance.now() - startedAt;
  if (suite.passed + suite.skipped + suite.failures.length === 0) suite.failures.push({ name: file, detail: 'No tests in it.' });
  return suite;
}

function countPass(suite: Suite, test: TestEvent, path: string): void {
  // A file without tests passes as a test that has the file's own name.
  if (test.details.type === 'suite' || test.name === path) return;
  if (test.skip !== undefined || test.todo !== undefined) suite.skipped++;
  else suite.passed++;
}

function countFailure(suite: Suite, test: TestEvent, names: readonly string[], path: string): void {
  const { error } = test.details;
  if (error?.failureType === 'subtestsFailed') return;
  const failure: Failure = {
    name: test.name === path ? suite.file : names.slice(0, test.nesting + 1).join(' > '),
    detail: describeError(error?.cause ?? error),
  };
  suite.failures.push(failure);
}

function describeError(error: unknown): string {
  // The message of a failed assertion holds the difference already; its fields would say it twice more.
  const isAssertion = error instanceof Error && 'code' in error && error.code === 'ERR_ASSERTION';
  const text = isAssertion ? error.stack ?? error.message : inspect(error, { depth: 5 });
  return text.split('\n').filter((line) => !/^\s+at .*node:internal/.test(line)).join('\n');
}
