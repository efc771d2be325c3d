import { ensureStyles } from './building/build.ts';
import { main } from './main.ts';
import { runChecks } from './testing/checks.ts';
import { collectTests } from './testing/collect-tests.ts';
import { runNodeTests } from './testing/node-tests.ts';
import { printSuite, printSummary, type Suite } from './testing/suite.ts';

// `npm run check`: lint, types, templates, docs, lock file, architecture and unit tests: all that needs no browser and no build.
await main(async () => {
  const suites: Suite[] = [];
  const onSuite = (suite: Suite): void => {
    suites.push(suite);
    printSuite(suite, false);
  };
  await ensureStyles();
  await runChecks(onSuite);
  await runNodeTests(collectTests().unit, { timeoutMs: 120_000 }, onSuite);
  if (!printSummary(suites, [])) process.exitCode = 1;
});
