import { deepEqual, equal, ok } from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Browser, Locator } from 'playwright-core';
import { App } from '../support/app.ts';
import { launchBrowser, openPage } from '../support/browser.ts';

let app: App;
let browser: Browser;
before(async () => {
  [app, browser] = await Promise.all([App.start(), launchBrowser()]);
});
after(async () => {
  await browser.close();
  await app.close();
});

test('a room of 100,000 messages opens on its newest page, and scrolls back page after page without a jump', async () => {
  const { page, problems } = await openPage(browser, `${app.url}/situations/long-room.html`);
  const room = page.locator('chatter-room');
  const log = room.getByRole('log');
  await log.getByText(/^100000\. /).waitFor({ timeout: 120_000 });
  ok((await log.locator('[data-key], [data-seq]').count()) < 200, 'only what is near is in the page');

  const scroller = await scrollerOf(room);
  let oldest = 100_000;
  // Three pages back, by the wheel, a little more than a screen at a time.
  await log.hover();
  while (oldest > 99_850) {
    const before = await firstVisible(scroller);
    await page.mouse.wheel(0, -300);
    await page.waitForFunction(([element, top]) => (element as HTMLElement).scrollTop !== top, [scroller, before.scrollTop] as const);
    const after = await settledPlace(scroller, before.number);
    if (after !== undefined) {
      const moved = after - before.top;
      ok(Math.abs(moved - 300) <= 1.5, `message ${before.number} moved by ${moved} px where the wheel turned 300`);
    }
    oldest = (await firstVisible(scroller)).number;
  }
  deepEqual(problems, []);
});

test('coming back to a room that is made already is as quick as to any other', async () => {
  const { page, problems } = await openPage(browser, `${app.url}/situations/long-room.html`);
  await page.getByRole('log').getByText(/^100000\. /).waitFor();
  equal(await page.locator('#progress').isHidden(), true);
  deepEqual(problems, []);
});

async function scrollerOf(room: Locator) {
  const handle = await room.evaluateHandle((element) => {
    const root = element.shadowRoot!;
    return [...root.querySelectorAll<HTMLElement>('*')].find((child) => {
      const { overflowY } = getComputedStyle(child);
      return (overflowY === 'auto' || overflowY === 'scroll') && child.scrollHeight > child.clientHeight + 100;
    })!;
  });
  return handle;
}
