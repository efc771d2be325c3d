/** What one test file came to. */
export interface Suite {
  /** Path from the root of the repository. */
  file: string;
  passed: number;
  skipped: number;
  failures: Failure[];
  /** What the file printed. */
  output: string;
  durationMs: number;
}

export interface Failure {
  /** The name of the test, after the names of the suites around it. */
  name: string;
  detail: string;
}

/** One line for a file that is well; everything there is to know for one that is not. */
export function printSuite(suite: Suite, showOutput: boolean): void {
  const { failures } = suite;
  const counts = [
    `${suite.passed} passed`,
    ...(failures.length === 0 ? [] : [`${failures.length} FAILED`]),
    ...(suite.skipped === 0 ? [] : [`${suite.skipped} skipped`]),
  ];
  console.log(`${failures.length === 0 ? '✓' : '✗'} ${suite.file}  ${counts.join(', ')}  ${seconds(suite.durationMs)}`);
  for (const { name, detail } of failures) console.log(`\n  ✗ ${name}\n${indent(detail)}\n`);
  if ((showOutput || failures.length > 0) && suite.output.trim() !== '') console.log(indent(`what it printed:\n${suite.output.trimEnd()}`));
}

/** Repeats the names of what failed, and ends with the one line that counts: `N passed, N failed`. Returns whether all is well. */
export function printSummary(suites: readonly Suite[], skippedParts: readonly string[]): boolean {
  const passed = sum(suites.map((suite) => suite.passed));
  const failed = sum(suites.map((suite) => suite.failures.length));
  const skipped = sum(suites.map((suite) => suite.skipped));
  console.log('');
  for (const suite of suites) for (const { name } of suite.failures) console.log(`✗ ${suite.file}: ${name}`);
  for (const part of skippedParts) console.log(`SKIPPED: ${part}`);
  console.log(`${passed} passed, ${failed} failed${skipped === 0 ? '' : `, ${skipped} skipped`}`);
  return failed === 0;
}

export function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

function indent(text: string): string {
  return text.replace(/^/gm, '    ');
}
