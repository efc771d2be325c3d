import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'chrome'];
const macApps = [
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
];

/** Path of a Chromium to test in: `CHATTER_CHROMIUM`, or the first on the PATH, or the app of macOS. Throws the line that installs one. */
export function findChromium(): string {
  const named = process.env.CHATTER_CHROMIUM;
  if (named !== undefined) {
    if (existsSync(named)) return named;
    throw new Error(`CHATTER_CHROMIUM is ${named}, and there is no such file.`);
  }
  const folders = (process.env.PATH ?? '').split(delimiter);
  const found = [...folders.flatMap((folder) => names.map((name) => join(folder, name))), ...macApps].find((path) => existsSync(path));
  if (found !== undefined) return found;
  throw new Error(
    'The browser tests need Chromium, and there is none. Install it (Debian, Ubuntu: `sudo apt-get install -y chromium`; macOS: '
    + '`brew install --cask chromium`), or name one with CHATTER_CHROMIUM=/path/to/chrome, or leave these tests out with CHATTER_TEST_SKIP=chromium.',
  );
}
