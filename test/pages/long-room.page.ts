import { deepEqual, equal, ok } from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
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

/** What the page tells of a watched list: how far its messages have moved down since, and whether that ever was a jump. */
interface Watch {
  movedPx: number;
  jumps: string[];
  oldest: number;
}

const turnPx = 240;
const turns = 40;

test('a room of 100,000 messages opens on its newest page, and scrolls back page after page without a jump', async () => {
  const { page, problems } = await openPage(browser, `${app.url}/situations/long-room.html`);
  const log = page.getByRole('log');
  await log.getByText(/^100000\. /).waitFor({ timeout: 120_000 });
  ok((await log.getByRole('article').count()) < 100, 'only what is near is in the page');

  await watchMessages(page, turnPx);
  await log.hover();
  for (let turn = 1; turn <= turns; turn += 1) {
    // Where the next page is not here yet a turn would end at the top: that is a wait, and no jump.
    await log.evaluate((element, px) => new Promise<void>((resolve) => {
      const look = (): void => (element.scrollTop > px ? resolve() : void requestAnimationFrame(look));
      look();
    }), turnPx);
    await page.mouse.wheel(0, -turnPx);
    await page.waitForFunction((px) => (globalThis as unknown as { watch: Watch }).watch.movedPx >= px - 1, turn * turnPx);
  }
  const watch = await page.evaluate(() => (globalThis as unknown as { watch: Watch }).watch);
  deepEqual(watch.jumps, []);
  ok(Math.abs(watch.movedPx - turns * turnPx) <= 1, `the wheel turned ${turns * turnPx} px, the messages moved ${watch.movedPx} px`);
  ok(watch.oldest < 99_900, `pages were loaded: the oldest that was seen is ${watch.oldest}`);
  deepEqual(problems, []);
});

test('a room that is made already opens at once, and leads back to its end', async () => {
  const { page, problems } = await openPage(browser, `${app.url}/situations/long-room.html`);
  const log = page.getByRole('log');
  await log.getByText(/^100000\. /).waitFor();
  equal(await page.locator('#progress').isHidden(), true);
  await log.hover();
  await page.mouse.wheel(0, -3_000);
  await page.getByRole('button', { name: /^Jump to latest/ }).click();
  await log.getByText(/^100000\. /).waitFor();
  equal(await log.evaluate((element) => Math.round(element.scrollHeight - element.clientHeight - element.scrollTop)), 0);
  deepEqual(problems, []);
});

/**
 * Looks at every frame where the messages stand. Those that are in two frames both must have moved together, down, and no
 * further than the wheel was turned.
 */
async function watchMessages(page: Page, mostPx: number): Promise<void> {
  await page.getByRole('log').evaluate((log, most) => {
    const watch: Watch = { movedPx: 0, jumps: [], oldest: Number.POSITIVE_INFINITY };
    (globalThis as unknown as { watch: Watch }).watch = watch;
    const places = (): Map<string, number> => {
      const view = log.getBoundingClientRect();
      const found = new Map<string, number>();
      for (const row of log.querySelectorAll<HTMLElement>('[role="article"]')) {
        // By the bubble: a separator above it may come and go when older messages are known.
        const bubble = row.querySelector('.bubble')!.getBoundingClientRect();
        if (bubble.bottom < view.top || bubble.top > view.bottom) continue;
        const number = /^\s*(\d+)\./.exec(row.querySelector('.bubble')!.textContent ?? '')?.[1];
        if (number !== undefined) found.set(number, bubble.top);
      }
      return found;
    };
    let before = places();
    const look = (): void => {
      const now = places();
      const moves = [...now].filter(([number]) => before.has(number)).map(([number, top]) => top - before.get(number)!);
      const [least, greatest] = [Math.min(...moves), Math.max(...moves)];
      if (moves.length === 0) watch.jumps.push('nothing that was there is there any more');
      else if (greatest - least > 1 || least < -1 || greatest > most + 1) watch.jumps.push(`messages moved by ${least} to ${greatest} px in one frame`);
      else watch.movedPx += moves[0]!;
      watch.oldest = Math.min(watch.oldest, ...[...now.keys()].map(Number));
      before = now;
      requestAnimationFrame(look);
    };
    requestAnimationFrame(look);
  }, mostPx);
}
