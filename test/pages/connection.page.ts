import { deepEqual, equal, ok } from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Browser, WebSocket } from 'playwright-core';
import { App } from '../support/app.ts';
import { Chat, launchBrowser, openPage } from '../support/browser.ts';

let app: App;
let browser: Browser;
before(async () => {
  [app, browser] = await Promise.all([App.start(), launchBrowser()]);
});
after(async () => {
  await browser.close();
  await app.close();
});

test('several elements of one page with the same server and person share one socket', async () => {
  const { page, problems } = await openPage(browser, 'about:blank');
  const sockets: WebSocket[] = [];
  page.on('websocket', (socket) => sockets.push(socket));
  await page.goto(`${app.url}/situations/two-rooms.html`);
  const [garden, train] = [new Chat(page.locator('chatter-room').first()), new Chat(page.locator('chatter-room').last())];
  await garden.say('to the garden');
  await train.say('to the train');
  await garden.message('to the garden').waitFor();
  await train.message('to the train').waitFor();
  const list = new Chat(page.locator('main'));
  await list.room('Night train').getByText('You: to the train').waitFor();
  await list.room('Balcony garden').getByText('You: to the garden').waitFor();
  equal(sockets.length, 1);
  deepEqual(problems, []);
});

test('G2, G5: what is written while the line is cut waits, and arrives once and in order when it is back', async () => {
  const { page } = await openPage(browser, `${app.url}/situations/offline.html`, { viewport: { width: 1600, height: 2_000 } });
  const ada = new Chat(page.locator('chatter-chat').first());
  const ben = new Chat(page.locator('chatter-chat').last());
  await ada.open('Ben');
  await ben.open('Ada');
  await page.getByRole('button', { name: /^Cut/ }).click();
  await ada.root.getByText(/^(Reconnecting|Connecting)/).first().waitFor();
  for (const text of ['cut one', 'cut two', 'cut three']) await ada.say(text);
  await ben.say('are you there?');
  equal(await ben.message('cut one').count(), 0, 'the line is really cut');

  await ben.message('cut three').waitFor({ timeout: 60_000 });
  await ada.message('are you there?').waitFor();
  const seen = await ben.log.evaluate((element) => (element.textContent ?? '').match(/cut (one|two|three)/g));
  deepEqual(seen, ['cut one', 'cut two', 'cut three']);
});

test('on a slow line a message stands there at once, as one that is being sent', async () => {
  const { page, problems } = await openPage(browser, `${app.url}/situations/slow.html`, { viewport: { width: 1600, height: 1_000 } });
  const ada = new Chat(page.locator('chatter-chat').first());
  const ben = new Chat(page.locator('chatter-chat').last());
  await ada.open('Ben');
  await ben.open('Ada');
  const startedAt = Date.now();
  await ada.say('slowly');
  await ada.message('slowly').waitFor();
  await ada.underWay.waitFor();
  await ben.message('slowly').waitFor();
  ok(Date.now() - startedAt >= 700, 'the line is really slow');
  await ada.underWay.waitFor({ state: 'detached' });
  deepEqual(problems, []);
});
