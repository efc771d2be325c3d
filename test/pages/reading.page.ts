import { deepEqual } from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Browser } from 'playwright-core';
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

test('G10: what was not read is counted in the list, and reading it takes the count away and tells the author', async () => {
  const [{ page: adaPage, problems: adaProblems }, { page: benPage, problems: benProblems }] = await Promise.all([
    openPage(browser, `${app.url}/?as=ada`), openPage(browser, `${app.url}/?as=ben`),
  ]);
  const [ada, ben] = [new Chat(adaPage.locator('chatter-chat')), new Chat(benPage.locator('chatter-chat'))];
  // Ben reads something else meanwhile.
  await Promise.all([ada.open('Ben'), ben.open('Night train')]);
  for (const text of ['one', 'two', 'three']) await ada.say(text);
  await ben.room('Ada').getByText('3 unread').waitFor();
  const last = ada.log.getByRole('article').filter({ has: adaPage.getByText('three', { exact: true }) });
  deepEqual(await last.getByText('Seen').count(), 0);

  await ben.open('Ada');
  await ben.root.getByText('New messages', { exact: true }).waitFor();
  await ben.room('Ada').getByText('3 unread').waitFor({ state: 'detached' });
  await last.getByText('Seen').waitFor();
  deepEqual([...adaProblems, ...benProblems], []);
});

test('G10: a marker outlives a reload, and a second window of the reader knows of it at once', async () => {
  const [first, second, author] = await Promise.all([
    openPage(browser, `${app.url}/?as=lin`), openPage(browser, `${app.url}/?as=lin`), openPage(browser, `${app.url}/?as=mira`),
  ]);
  const [reading, beside, mira] = [first, second, author].map(({ page }) => new Chat(page.locator('chatter-chat'))) as [Chat, Chat, Chat];
  await reading.open('Night train');
  await beside.open('Night train');
  await mira.open('Balcony garden');
  await mira.say('The beans have reached the roof');
  const unread = (chat: Chat) => chat.room('Balcony garden').getByText(/unread$/);
  await Promise.all([unread(reading).waitFor(), unread(beside).waitFor()]);
  await reading.open('Balcony garden');
  await reading.message('The beans have reached the roof').scrollIntoViewIfNeeded();
  await Promise.all([unread(reading).waitFor({ state: 'detached' }), unread(beside).waitFor({ state: 'detached' })]);

  await second.page.reload();
  await beside.room('Balcony garden').getByText('The beans have reached the roof').waitFor();
  deepEqual(await unread(beside).count(), 0);
});
