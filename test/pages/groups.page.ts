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

test('a group made by one appears for the others, under its name, and all of them hear each other', async () => {
  const opened = await Promise.all(['ada', 'ben', 'lin'].map((person) => openPage(browser, `${app.url}/?as=${person}`)));
  const [ada, ben, lin] = opened.map(({ page }) => new Chat(page.locator('chatter-chat'))) as [Chat, Chat, Chat];
  await ada.startConversation(['Ben', 'Lin'], 'Choir');
  await ada.say('First rehearsal on Tuesday');

  for (const other of [ben, lin]) {
    await other.room('Choir').getByText('First rehearsal on Tuesday').waitFor();
    await other.open('Choir');
    await other.message('First rehearsal on Tuesday').waitFor();
  }
  await ben.say('I bring the tenor');
  await lin.message('I bring the tenor').waitFor();
  await ada.message('I bring the tenor').waitFor();
  deepEqual(opened.flatMap(({ problems }) => problems), []);
});

test('a group without a name is called after its members', async () => {
  const { page } = await openPage(browser, `${app.url}/?as=oskar`);
  const oskar = new Chat(page.locator('chatter-chat'));
  await oskar.startConversation(['Ben', 'Mira']);
  await oskar.room(/^(Ben.*Mira|Mira.*Ben)$/).waitFor();
});
