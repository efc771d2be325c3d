import { fileURLToPath } from 'node:url';
import { esbuildPlugin } from '@web/dev-server-esbuild';
import type { TestRunnerConfig } from '@web/test-runner';
import { chromeLauncher } from '@web/test-runner-chrome';

const root = fileURLToPath(new URL('..', import.meta.url));

/** How `*.browser.ts` files run: served one by one as ES modules, with the decorators of `tsconfig.json`, in real Chromium. */
export function browserTests(options: { files: string[]; chromium: string }): TestRunnerConfig {
  const isRoot = process.getuid?.() === 0;
  return {
    rootDir: root,
    files: options.files,
    // Also finds `#protocol/*`, by the `imports` of package.json. "development" gives Lit's own warnings, such as for a class
    // field that hides a reactive property.
    nodeResolve: { exportConditions: ['development', 'browser'] },
    plugins: [esbuildPlugin({ ts: true, target: 'es2022', tsconfig: `${root}tsconfig.json` })],
    browsers: [
      // Chromium's sandbox refuses to run as root (containers, CI).
      chromeLauncher({ launchOptions: { executablePath: options.chromium, args: isRoot ? ['--no-sandbox'] : [] } }),
    ],
    // One page at a time: a page in the background has no focus, and its frames and observers are throttled.
    concurrency: 1,
    browserStartTimeout: 60_000,
    testsStartTimeout: 60_000,
    testsFinishTimeout: 180_000,
    testFramework: { config: { ui: 'bdd', timeout: 15_000 } },
    filterBrowserLogs: ({ args }) => !args.some((arg) => typeof arg === 'string' && arg.includes('Lit is in dev mode')),
  };
}
