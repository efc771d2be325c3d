import { deepEqual, equal, notEqual, ok } from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Browser, Locator } from 'playwright-core';
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

type Colour = readonly [red: number, green: number, blue: number];

/** A colour as the browser paints it, so that `color-mix()` and names compare. */
async function painted(locator: Locator, property: string): Promise<Colour> {
  return locator.evaluate((element, name) => {
    const canvas = document.createElement('canvas').getContext('2d')!;
    canvas.fillStyle = getComputedStyle(element).getPropertyValue(name);
    canvas.fillRect(0, 0, 1, 1);
    const [red, green, blue] = canvas.getImageData(0, 0, 1, 1).data;
    return [red!, green!, blue!] as const;
  }, property);
}

/** Ends when it is painted so, up to rounding: colours may take a moment to get there. */
async function paintedAs(locator: Locator, property: string, expected: Colour): Promise<void> {
  for (;;) {
    const actual = await painted(locator, property);
    if (actual.every((value, at) => Math.abs(value - expected[at]!) <= 2)) return;
    const isMoving = await locator.evaluate((element) => element.getAnimations().length > 0);
    if (!isMoving) deepEqual(actual, expected);
  }
}

/** From 0 (black) to 1 (white), roughly as an eye sees it. */
function lightness([red, green, blue]: Colour): number {
  return (0.2126 * red + 0.7152 * green + 0.0722 * blue) / 255;
}

test('on a Bootstrap page the elements wear its primary colour, and its dark mode, with no code', async () => {
  const light = await openPage(browser, `${app.url}/situations/bootstrap.html`);
  const chat = new Chat(light.page.locator('chatter-chat'));
  await chat.open('Ben');
  const send = chat.root.getByRole('button', { name: 'Send' });
  await chat.composer.fill('a green one');
  await paintedAs(send, 'background-color', await painted(light.page.locator('.btn-primary'), 'background-color'));
  const ground = light.page.locator('chatter-message-list');
  await paintedAs(ground, 'background-color', await painted(light.page.locator('body'), 'background-color'));

  // The page changes its mind while the chat is open.
  await light.page.evaluate(() => document.documentElement.setAttribute('data-bs-theme', 'dark'));
  ok(lightness(await painted(chat.composer, 'color')) > 0.7, 'light text');
  ok(lightness(await painted(ground, 'background-color')) < 0.2, 'on a dark ground');
  await light.page.evaluate(() => document.documentElement.style.setProperty('--bs-primary', 'rgb(123, 44, 191)'));
  await paintedAs(send, 'background-color', [123, 44, 191]);
  deepEqual(light.problems, []);
});

test('data-bs-theme="dark" and color-scheme: dark each are enough for a dark chat', async () => {
  for (const situation of ['bootstrap-dark', 'dark']) {
    const { page } = await openPage(browser, `${app.url}/situations/${situation}.html`, { colorScheme: 'light' });
    const chat = new Chat(page.locator('chatter-chat'));
    await chat.open('Ben');
    ok(lightness(await painted(page.locator('chatter-message-list'), 'background-color')) < 0.2, `${situation}: the ground is dark`);
    ok(lightness(await painted(chat.log, 'color')) > 0.7, `${situation}: the text is light`);
    ok(lightness(await painted(page.locator('chatter-room-list').locator('.name').first(), 'color')) > 0.7, `${situation}: so are the names`);
  }
});

test('custom properties of the page win, in the whole of the element', async () => {
  const { page } = await openPage(browser, `${app.url}/situations/themed.html`, { colorScheme: 'light' });
  const chat = new Chat(page.locator('chatter-chat'));
  await chat.open('Ben');
  await chat.composer.fill('rust');
  await paintedAs(chat.root.getByRole('button', { name: 'Send' }), 'background-color', [0x9a, 0x34, 0x12]);
  await paintedAs(page.locator('chatter-message-list'), 'background-color', [0xff, 0xfa, 0xf3]);
});

test('in a narrow container list and room share one pane, with a way back to where one was', async () => {
  const { page, problems } = await openPage(browser, `${app.url}/situations/narrow.html`);
  const chat = new Chat(page.locator('chatter-chat'));
  equal(await chat.root.evaluate((element) => element.clientWidth), 320);
  await chat.room('Night train').waitFor();
  ok(await chat.composer.isHidden());

  await chat.room('Night train').click();
  await chat.composer.waitFor();
  ok(await chat.room('Night train').isHidden());
  await chat.say('A short one');
  await chat.message('A short one').waitFor();
  equal(await chat.log.evaluate((element) => element.scrollWidth - element.clientWidth), 0, 'nothing sticks out');

  await chat.root.getByRole('button', { name: 'Back to conversations' }).click();
  await chat.room('Night train').getByText('A short one').waitFor();
  ok(await chat.composer.isHidden());
  deepEqual(problems, []);
});

test('no style of the element leaks out, and none of the page leaks in', async () => {
  const { page } = await openPage(browser, `${app.url}/situations/dark.html`);
  const chat = new Chat(page.locator('chatter-chat'));
  await chat.open('Ben');
  const before = await painted(page.locator('h1'), 'color');
  await page.evaluate(() => {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync('button, .btn, .bubble, textarea, h2 { background: rgb(255, 0, 255) !important; display: none !important; }');
    document.adoptedStyleSheets.push(sheet);
  });
  ok(await chat.composer.isVisible());
  notEqual((await painted(chat.root.getByRole('button', { name: 'Send' }), 'background-color')).join(), '255,0,255');
  deepEqual(await painted(page.locator('h1'), 'color'), before);
});
