import { deepEqual, equal } from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Chat, launchBrowser, openPage } from '../support/browser.ts';
import { snippet } from '../support/readme.ts';
import { ServingProgram } from '../support/serving-program.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));

test('npm start: two people side by side, on a SQLite file, where the README says', async () => {
  const [install, start] = snippet('Chatter', 'sh').split(' && ');
  equal(install, 'npm install');
  const folder = await mkdtemp(join(tmpdir(), 'chatter-first-minute-'));
  const env = { PORT: '0', CHATTER_DATABASE: `sqlite:${join(folder, 'demo.sqlite3')}`, DEMO_CONVERSATIONS: '' };
  const [program, browser] = await Promise.all([ServingProgram.start(start!, { cwd: root, env }), launchBrowser()]);
  try {
    const documented = new URL(/Open <(.*)>/.exec(await readFile(join(root, 'README.md'), 'utf8'))![1]!);
    equal(new URL(program.url).hostname, documented.hostname);
    // The port is the one that holds where none is given; two of these at once would quarrel over it.
    equal(/PORT'\] \|\| '(\d+)'/.exec(await readFile(join(root, 'demo/server.ts'), 'utf8'))?.[1], documented.port);

    const { page, problems } = await openPage(browser, program.url);
    const [one, other] = [new Chat(page.locator('chatter-chat').first()), new Chat(page.locator('chatter-chat').last())];
    await one.say('Nothing to configure');
    await other.message('Nothing to configure').waitFor();
    deepEqual(problems, []);
  } finally {
    await browser.close();
    await program.stop();
    await rm(folder, { recursive: true, force: true });
  }
});
