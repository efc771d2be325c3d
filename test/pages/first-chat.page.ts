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

test('two people side by side on the first page: what one writes the other reads, and answers', async () => {
  const { page, problems } = await openPage(browser, app.url, { viewport: { width: 1600, height: 900 } });
  const ada = new Chat(page.locator('chatter-chat').first());
  const ben = new Chat(page.locator('chatter-chat').last());
  await ada.open('Ben');
  await ada.say('Is the kettle on?');
  await ada.message('Is the kettle on?').waitFor();

  await ben.room('Ada').getByText('Is the kettle on?').waitFor();
  await ben.open('Ada');
  await ben.message('Is the kettle on?').waitFor();
  await ben.say('It sings already.');
  await ada.message('It sings already.').waitFor();
  deepEqual(problems, []);
});

test('two windows of the same person show the same', async () => {
  const [one, other] = await Promise.all([openPage(browser, `${app.url}/?as=ada`), openPage(browser, `${app.url}/?as=ada`)]);
  const [first, second] = [new Chat(one.page.locator('chatter-chat')), new Chat(other.page.locator('chatter-chat'))];
  await Promise.all([first.open('Notes to yourself'), second.open('Notes to yourself')]);
  await first.say('written in the one window');
  await second.message('written in the one window').waitFor();
  deepEqual([...one.problems, ...other.problems], []);
});

test('text is shown exactly as it was written: markup as text, an address as a link, a script as nothing but words', async () => {
  const [{ page: adaPage, problems }, { page: benPage }] = await Promise.all([
    openPage(browser, `${app.url}/?as=ada`), openPage(browser, `${app.url}/?as=ben`),
  ]);
  const [ada, ben] = [new Chat(adaPage.locator('chatter-chat')), new Chat(benPage.locator('chatter-chat'))];
  await Promise.all([ada.open('Ben'), ben.open('Ada')]);
  const text = '<img src=x onerror=alert(1)> & <b>bold</b> javascript:alert(1)';
  await ada.say(text);
  await ben.message(text).waitFor();
  await ada.say('see https://example.com/a?b=<c>&d=1 now');
  const link = ben.log.getByRole('link', { name: /^https:\/\/example\.com\/a\?b=/ });
  await link.waitFor();
  deepEqual(await ben.log.getByRole('img', { name: 'x' }).count(), 0);
  deepEqual(problems, []);
});

test('someone who is new finds somebody, and the first message arrives in a list that was empty', async () => {
  const newcomer = await openPage(browser, `${app.url}/situations/empty.html`);
  const chat = new Chat(newcomer.page.locator('chatter-chat'));
  await chat.root.getByText('No conversations yet').waitFor();
  await chat.startConversation(['Ben']);
  await chat.say('Hello, I am new here');

  const ben = await openPage(browser, `${app.url}/?as=ben`);
  const bens = new Chat(ben.page.locator('chatter-chat'));
  await bens.root.locator('chatter-room-list').getByText('Hello, I am new here').click();
  await bens.message('Hello, I am new here').waitFor();
  await bens.say('Welcome!');
  await chat.message('Welcome!').waitFor();
  deepEqual([...newcomer.problems, ...ben.problems], []);
});
