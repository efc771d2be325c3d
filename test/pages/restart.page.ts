import { deepEqual, equal, ok } from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Browser, Locator } from 'playwright-core';
import { openSequelizeStore } from '../../server/store/sequelize-store.ts';
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

/** Fewer than a person may send in one go, and enough for some to be under way at any moment. */
const perPerson = 18;

test('G1, G2, G5: the server is killed in mid-conversation and started again: nothing is lost, doubled or out of order', async () => {
  // High enough for all of it to be in the page at once: the list holds only what is near.
  const viewport = { width: 1200, height: 4_000 };
  const [{ page: adaPage }, { page: benPage }] = await Promise.all([
    openPage(browser, `${app.url}/?as=ada`, { viewport }), openPage(browser, `${app.url}/?as=ben`, { viewport }),
  ]);
  const [ada, ben] = [new Chat(adaPage.locator('chatter-chat')), new Chat(benPage.locator('chatter-chat'))];
  await Promise.all([ada.open('Ben'), ben.open('Ada')]);

  const killAt = Math.floor(perPerson / 3);
  const restartAt = Math.floor((2 * perPerson) / 3);
  for (let number = 1; number <= perPerson; number += 1) {
    await Promise.all([ada.say(`ada ${number}`), ben.say(`ben ${number}`)]);
    // With these two still in flight.
    if (number === killAt) await app.kill();
    if (number === restartAt) await ada.underWay.first().waitFor();
    if (number === restartAt) await app.start();
  }

  const expected = new Set(['ada', 'ben'].flatMap((person) => Array.from({ length: perPerson }, (_, index) => `${person} ${index + 1}`)));
  for (const chat of [ada, ben]) {
    for (const text of expected) await chat.message(text).waitFor({ state: 'attached', timeout: 60_000 });
    await chat.underWay.first().waitFor({ state: 'detached' });
  }
  const shownToAda = await numbered(ada.log);
  const shownToBen = await numbered(ben.log);

  await app.stop();
  const stored = await storedTexts(app.databaseFile, /^(ada|ben) \d+$/);
  equal(stored.length, expected.size);
  deepEqual(new Set(stored), expected);
  deepEqual(shownToAda, stored, 'G4: what Ada sees is what is stored');
  deepEqual(shownToBen, stored, 'G4: what Ben sees is what is stored');
  for (const person of ['ada', 'ben']) {
    const numbers = stored.filter((text) => text.startsWith(person)).map((text) => Number(text.split(' ')[1]));
    deepEqual(numbers, numbers.toSorted((a, b) => a - b), `G5: the order of ${person}`);
  }
});

/** The numbered messages that a log shows, from top to bottom. */
function numbered(log: Locator): Promise<string[]> {
  return log.evaluate((element) => (element.textContent ?? '').match(/(ada|ben) \d+/g) ?? []);
}

async function storedTexts(file: string, pattern: RegExp): Promise<string[]> {
  const store = await openSequelizeStore({ url: `sqlite:${file}` });
  try {
    const { rooms } = await store.summaries('default', 'ada', { limit: 50 });
    const direct = rooms.find(({ kind, people }) => kind === 'direct' && people[0]?.id === 'ben');
    ok(direct, 'the direct room of the two is stored');
    const { messages } = await store.history('default', direct.id, { limit: 500 });
    return messages.map(({ text }) => text).filter((text) => pattern.test(text));
  } finally {
    await store.close();
  }
}
