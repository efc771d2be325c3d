import { deepEqual } from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { after, before, test } from 'node:test';
import type { AxeResults } from 'axe-core';
import type { Browser, Page } from 'playwright-core';
import { App } from '../support/app.ts';
import { launchBrowser, openPage } from '../support/browser.ts';

const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const situations = readdirSync(new URL('../../demo/situations/', import.meta.url)).filter((file) => file.endsWith('.html'));

let app: App;
let browser: Browser;
before(async () => {
  [app, browser] = await Promise.all([App.start(), launchBrowser()]);
});
after(async () => {
  await browser.close();
  await app.close();
});

for (const path of ['/', '/?as=ada', ...situations.map((file) => `/situations/${file}`)]) {
  for (const colorScheme of ['light', 'dark'] as const) {
    test(`${path} in ${colorScheme}: axe finds nothing, the policy forbids nothing, the console is silent`, async (context) => {
      const { page, problems } = await openPage(browser, `${app.url}${path}`, { colorScheme });
      context.after(() => page.context().close());
      await settled(page);
      deepEqual(await axeFindings(page), []);
      if (await showLists(page)) deepEqual(await axeFindings(page), []);
      await openFirstRooms(page);
      deepEqual(await axeFindings(page), []);
      deepEqual(problems, []);
    });
  }
}

/** Every element shows what it has: rooms, messages, or what it says where there are none. */
async function settled(page: Page): Promise<void> {
  for (const list of await page.locator('chatter-room-list').all()) {
    // Behind the room where there is one pane, and a room was asked for.
    await list.locator('button.room, .notice').first().waitFor({ state: 'attached' });
  }
  for (const room of await page.locator('chatter-room[room]').all()) await room.getByRole('log').waitFor();
  // A room that the page's own script makes first.
  if (page.url().endsWith('long-room.html')) await page.getByRole('log').waitFor({ timeout: 120_000 });
}

/** Goes back where a room stands before its list. Whether it did. */
async function showLists(page: Page): Promise<boolean> {
  const backs = page.getByRole('button', { name: 'Back to conversations' });
  const count = await backs.count();
  // Each goes away when it is pressed.
  for (let pressed = 0; pressed < count; pressed++) await backs.first().click();
  return count > 0;
}

async function openFirstRooms(page: Page): Promise<void> {
  for (const list of await page.locator('chatter-room-list').all()) {
    if ((await list.locator('button.room').count()) === 0) continue;
    await list.locator('button.room').first().click();
  }
  const isAlone = (await page.locator('chatter-room-list button.room').count()) === 0;
  if (!isAlone) await page.getByRole('textbox', { name: /^(Message to|رسالة)/ }).first().waitFor();
}

/** What axe has to say, a line a node. */
async function axeFindings(page: Page): Promise<string[]> {
  // Through the debugger, which a page's policy does not hold back, as it would a script tag.
  await page.evaluate(axeSource);
  const results = await page.evaluate(() => (globalThis as unknown as { axe: { run(): Promise<AxeResults> } }).axe.run());
  return results.violations.flatMap(({ id, help, nodes }) =>
    nodes.map(({ target, failureSummary }) => `${id}: ${help}: ${target.join(' ')}: ${failureSummary}`));
}
