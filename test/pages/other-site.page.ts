import { deepEqual, equal, notEqual } from 'node:assert/strict';
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

test('a plain page of another origin chats with nothing but the script tag and four lines', async () => {
  const { page, problems } = await openPage(browser, `${app.url}/situations/plain.html`);
  notEqual(new URL(page.url()).origin, app.url);
  equal(await page.locator('link, style').count(), 0);
  const mira = new Chat(page.locator('chatter-connection'));
  await mira.open('Balcony garden');

  const ben = new Chat((await openPage(browser, `${app.url}/?as=ben`)).page.locator('chatter-chat'));
  await ben.open('Balcony garden');
  await mira.say('Hello from another site');
  await ben.message('Hello from another site').waitFor();
  await ben.say('You are heard');
  await mira.message('You are heard').waitFor();
  deepEqual(problems, []);
});

test('C2: a page of an origin that is not allowed gets no connection', async () => {
  const { page } = await openPage(browser, `${app.url}/situations/plain.html`);
  const token = await page.evaluate(async () => ((await (await fetch('/chat-token')).json()) as { token: string }).token);
  // The same server by another name is another origin, and not one that is listed for a page of its own port.
  const stranger = await openPage(browser, 'data:text/html,<title>nowhere</title>');
  const outcome = await stranger.page.evaluate(([url, given]) => new Promise((resolve) => {
    const socket = new WebSocket(`${url.replace('http', 'ws')}/ws`, 'chatter.v1');
    socket.addEventListener('open', () => socket.send(JSON.stringify({ kind: 'hello', ref: 1, version: 1, token: given })));
    socket.addEventListener('message', () => resolve('let in'));
    socket.addEventListener('error', () => resolve('refused'));
  }), [app.url, token] as const);
  equal(outcome, 'refused');
});
