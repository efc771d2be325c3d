import { ensurePackages, ensureScript, ensureStyles } from './building/build.ts';
import { main } from './main.ts';
import { asSuite, runChecks } from './testing/checks.ts';
import { findChromium } from './testing/chromium.ts';
import { collectTests } from './testing/collect-tests.ts';
import { runNodeTests } from './testing/node-tests.ts';
import { services, servicesOf } from './testing/services.ts';
import { printSuite, printSummary, type Suite } from './testing/suite.ts';

// `npm test`: everything. `npm test -- pattern ...`: only the test files whose path holds a pattern, and what they need.
await main(async () => {
  const patterns = process.argv.slice(2);
  const skipped = (process.env.CHATTER_TEST_SKIP ?? '').split(',').map((word) => word.trim()).filter((word) => word !== '');
  const files = collectTests(patterns);
  if (Object.values(files).flat().length === 0) throw new Error(`No test file has a path that holds ${patterns.join(' or ')}.`);

  const suites: Suite[] = [];
  const onSuite = (suite: Suite): void => {
    suites.push(suite);
    printSuite(suite, patterns.length > 0);
  };
  /** Tests that stand on something which cannot be made are not run: one failure says why. */
  const ensure = async (name: string, make: () => Promise<unknown>): Promise<boolean> => {
    const suite = await asSuite(name, make);
    if (suite.failures.length > 0 || patterns.length === 0) onSuite(suite);
    return suite.failures.length === 0;
  };

  const hasStyles = await ensure('styles', ensureStyles);
  if (patterns.length === 0) await runChecks(onSuite);
  const inNode = [...files.unit, ...files.contract, ...files.chaos, ...files.built];
  const missing = new Set<string>();
  for (const [service, find] of Object.entries(services)) {
    const isNeeded = inNode.some((file) => servicesOf(file).includes(service));
    if (isNeeded && (skipped.includes(service) || !await ensure(service, async () => find()))) missing.add(service);
  }
  const canRun = (file: string): boolean => !servicesOf(file).some((service) => missing.has(service));
  await runNodeTests([...files.unit, ...files.contract].filter(canRun), { timeoutMs: 600_000 }, onSuite);

  // One at a time, and nothing beside it: what is late must not be late because of us.
  await runNodeTests(files.chaos.filter(canRun), { timeoutMs: 600_000, atOnce: 1 }, onSuite);

  const built = files.built.filter(canRun);
  if (built.length > 0 && await ensure('build', ensurePackages)) await runNodeTests(built, { timeoutMs: 300_000 }, onSuite);

  if (!skipped.includes('chromium') && files.browser.length + files.pages.length > 0) {
    const hasChromium = await ensure('chromium', async () => { process.env.CHATTER_CHROMIUM = findChromium(); });
    if (hasChromium && hasStyles && files.browser.length > 0) {
      const { runBrowserTests } = await import('./testing/browser-tests.ts');
      await runBrowserTests(files.browser, process.env.CHATTER_CHROMIUM!, onSuite);
    }
    if (hasChromium && files.pages.length > 0 && await ensure('chatter.js', ensureScript)) {
      // One at a time: each has a server and pages of its own, and they share two cores with the browser.
      await runNodeTests(files.pages, { timeoutMs: 300_000, atOnce: 1 }, onSuite);
    }
  }
  const leftOut = (part: string): string => {
    const count = inNode.filter((file) => servicesOf(file).includes(part)).length;
    return count === 0 ? part : `${part}, and with it ${count} test files`;
  };
  if (!printSummary(suites, skipped.map(leftOut))) process.exitCode = 1;
});
