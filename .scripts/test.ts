import { runBrowserTests } from './testing/browser-tests.ts';
import { findChromium } from './testing/chromium.ts';
import { collectTests } from './testing/collect-tests.ts';
import { runNodeTests } from './testing/node-tests.ts';
import { printSuite, printSummary, type Suite } from './testing/suite.ts';

// `npm test`: everything. `npm test -- pattern ...`: only the test files whose path holds a pattern.
const patterns = process.argv.slice(2);
const skipped = new Set((process.env.CHATTER_TEST_SKIP ?? '').split(',').map((word) => word.trim()).filter((word) => word !== ''));
const files = collectTests(patterns);
const suites: Suite[] = [];
const onSuite = (suite: Suite): void => {
  suites.push(suite);
  printSuite(suite, patterns.length > 0);
};

await runNodeTests(files.unit, { timeoutMs: 180_000 }, onSuite);
await runNodeTests(files.built, { timeoutMs: 300_000 }, onSuite);
if (!skipped.has('chromium') && files.browser.length + files.pages.length > 0) {
  const chromium = findChromium();
  process.env.CHATTER_CHROMIUM = chromium;
  if (files.browser.length > 0) await runBrowserTests(files.browser, chromium, onSuite);
  await runNodeTests(files.pages, { timeoutMs: 300_000, atOnce: 1 }, onSuite);
}
const isWell = printSummary(suites, [...skipped]);
process.exitCode = isWell && suites.length > 0 ? 0 : 1;
