import { deepEqual, equal, notEqual } from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Browser, Locator } from 'playwright-core';
import { Chat, launchBrowser, openPage } from '../support/browser.ts';
import { snippet, withInstead } from '../support/readme.ts';
import { Site } from '../support/site.ts';
import { signToken, TokenServer } from '../support/token-server.ts';

/* What the README puts on a page, on a page: the page is of another origin, where Ada is logged in. */

let site: Site;
let server: TokenServer;
let browser: Browser;
let script: string;
const here = (text: string): string => withInstead(text, 'https://chat.example.com', server.url);

before(async () => {
  site = await Site.start();
  site.files.set('/chat-token', async () => JSON.stringify({ token: await signToken('ada') }));
  [server, browser] = await Promise.all([TokenServer.start([site.url]), launchBrowser()]);
  script = /<script.*<\/script>/.exec(here(snippet('On your page', 'html', 1)))![0];
});
after(async () => {
  await browser.close();
  await server.close();
  await site.close();
});

test('a list and a room under a connection: a room is chosen on the left, opens on the right, and takes a message', async () => {
  const room = await server.directRoom('ada', 'ben');
  await server.say('ben', room.id, 'Is it here yet?');
  const { page, problems } = await openPage(browser, site.addPage('/', here(snippet('On your page', 'html', 1))));
  notEqual(new URL(page.url()).origin, server.url);
  const chat = new Chat(page.locator('chatter-connection'));
  await chat.open('Ben');
  await chat.message('Is it here yet?').waitFor();
  const [list, opened] = await Promise.all(['chatter-room-list', 'chatter-room'].map((tag) => page.locator(tag).boundingBox()));
  equal(list!.x + list!.width <= opened!.x, true, 'The list is on the left of the room.');
  await send(chat, 'On its way');
  deepEqual(await textsIn(room.id), ['Is it here yet?', 'On its way']);
  deepEqual(problems, []);
});

test('<chatter-chat> is both in one, and a single pane with a back button where its container is narrow', async () => {
  const room = await server.directRoom('ada', 'cleo');
  const element = here(snippet('On your page', 'html', 2));
  const { page, problems } = await openPage(browser, site.addPage('/chat', `${script}<main>${element}</main>`));
  const chat = new Chat(page.locator('chatter-chat'));
  await chat.open('Cleo');
  await send(chat, 'Both in one');
  deepEqual(await textsIn(room.id), ['Both in one']);
  equal((await page.locator('chatter-chat').boundingBox())!.height, 40 * 16);
  equal(await chat.root.getByRole('button', { name: 'Back to conversations' }).count(), 0);
  await page.locator('main').evaluate((main) => { main.style.width = '400px'; });
  await chat.room('Cleo').waitFor({ state: 'hidden' });
  await chat.root.getByRole('button', { name: 'Back to conversations' }).click();
  await chat.room('Cleo').waitFor();
  deepEqual(problems, []);
});

test('the style sheet of the README makes the chat its own', async () => {
  await server.directRoom('ada', 'cleo');
  const element = here(snippet('On your page', 'html', 2));
  const looks = async (path: string, css: string) => {
    const { page } = await openPage(browser, site.addPage(path, script + element, `<style>${css}</style>`), { reducedMotion: 'reduce' });
    const chat = new Chat(page.locator('chatter-chat'));
    await chat.open('Cleo');
    await chat.composer.fill('text');
    await chat.root.locator('[part=send]:enabled').waitFor();
    return {
      button: await styleOf(chat.root.locator('[part=send]'), 'background-color'),
      field: await styleOf(chat.root.locator('[part=composer-field]'), 'border-radius'),
      frame: await styleOf(chat.root, 'border-radius'),
    };
  };
  const plain = await looks('/plain', '');
  const own = await looks('/own', snippet('Make it yours', 'css'));
  deepEqual(own, { button: 'rgb(102, 51, 153)', field: '8px', frame: '24px' });
  for (const what of ['button', 'field', 'frame'] as const) notEqual(plain[what], own[what], `${what} was so before`);
});

test('the page listens in: its title counts what is unread, and a message with a password stays in the composer', async () => {
  const other = await server.directRoom('ada', 'dora');
  const room = await server.directRoom('ada', 'eve');
  const program = `<script type="module">${snippet('Listen in', 'js')}</script>`;
  const { page, problems } = await openPage(browser, site.addPage('/listening', script + here(snippet('On your page', 'html', 2)) + program));
  const chat = new Chat(page.locator('chatter-chat'));
  await chat.open('Eve');
  const before = await server.ask<{ rooms: { unread: number }[] }>('ada', 'GET', '/rooms');
  const unread = before.rooms.reduce((sum, each) => sum + each.unread, 0);
  await server.say('dora', other.id, 'Psst');
  await page.waitForFunction((title) => document.title === title, `(${unread + 1}) Shop`);
  await chat.open('Dora');
  await chat.message('Psst').waitFor();
  await page.waitForFunction((title) => document.title === title, unread === 0 ? 'Shop' : `(${unread}) Shop`);

  await chat.open('Eve');
  await chat.say('my password is 1234');
  equal(await chat.composer.inputValue(), 'my password is 1234');
  await send(chat, 'my lips are sealed');
  deepEqual(await textsIn(room.id), ['my lips are sealed']);
  equal(await chat.composer.inputValue(), '');
  deepEqual(problems, []);
});

async function styleOf(locator: Locator, property: string): Promise<string> {
  return locator.evaluate(async (element, name) => {
    const valueOf = () => getComputedStyle(element).getPropertyValue(name);
    // Also the shortest transition shows where it comes from first.
    valueOf();
    await Promise.all(element.getAnimations().map(({ finished }) => finished));
    return valueOf();
  }, property);
}

/** Sends, and waits until the page is told that the message was stored. */
async function send(chat: Chat, text: string): Promise<void> {
  const sent = chat.root.evaluate((root) => new Promise((resolve) => {
    root.addEventListener('chatter-sent', (event) => resolve((event as Event & { message: { text: string } }).message.text), { once: true });
  }));
  await chat.say(text);
  equal(await sent, text);
}

async function textsIn(room: string): Promise<string[]> {
  return (await server.messages('ada', room)).map(({ text }) => text);
}
