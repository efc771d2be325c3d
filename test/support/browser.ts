import { chromium, type Browser, type BrowserContext, type BrowserContextOptions, type Locator, type Page } from 'playwright-core';
import { findChromium } from '../../.scripts/testing/chromium.ts';

/** What a page did that it should not have: errors on the console, exceptions, and whatever its policy had to forbid. */
export interface WatchedPage {
  page: Page;
  problems: string[];
}

export function launchBrowser(): Promise<Browser> {
  return chromium.launch({ executablePath: findChromium(), args: ['--no-sandbox'] });
}

/** A page of its own storage, as a second person has it, with an eye on what goes wrong in it. */
export async function openPage(browser: Browser, url: string, options: BrowserContextOptions = {}): Promise<WatchedPage> {
  const context = await browser.newContext({ viewport: { width: 1200, height: 800 }, ...options });
  return watchPage(context, url);
}

async function watchPage(context: BrowserContext, url: string): Promise<WatchedPage> {
  const problems: string[] = [];
  const page = await context.newPage();
  page.on('pageerror', (error) => problems.push(`exception: ${error.message}`));
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') problems.push(`${message.type()}: ${message.text()}`);
  });
  await page.exposeBinding('tellViolation', (_source, violation: string) => problems.push(`policy: ${violation}`));
  // tsx keeps the names of functions by a helper of this name, also of those that are handed to the page.
  await page.addInitScript('globalThis.__name = (named) => named');
  await page.addInitScript(() => {
    document.addEventListener('securitypolicyviolation', ({ effectiveDirective, blockedURI, sourceFile, lineNumber }) => {
      const tell = (globalThis as unknown as { tellViolation(violation: string): void }).tellViolation;
      tell(`${effectiveDirective} forbids ${blockedURI} of ${sourceFile}:${lineNumber}`);
    });
  });
  await page.goto(url);
  return { page, problems };
}

/** One person's chat on a page: what is there to be seen and done, by the words that a person reads. */
export class Chat {
  readonly root: Locator;

  constructor(root: Locator) {
    this.root = root;
  }

  /** A room of the list, by its whole name. */
  room(name: string | RegExp): Locator {
    const list = this.root.locator('chatter-room-list');
    return list.locator('button.room').filter({ has: this.root.page().locator('.name').getByText(name, { exact: true }) });
  }

  get composer(): Locator {
    return this.root.getByRole('textbox', { name: /^Message to / });
  }

  get log(): Locator {
    return this.root.getByRole('log');
  }

  message(text: string): Locator {
    return this.log.getByText(text, { exact: true });
  }

  /** The marks of one's own messages that the server has not taken yet. */
  get underWay(): Locator {
    return this.log.getByTitle(/^(Sending|Waiting for a connection)$/);
  }

  async open(name: string): Promise<void> {
    await this.room(name).click();
    await this.root.getByRole('textbox', { name: `Message to ${name}`, exact: true }).waitFor();
  }

  async say(text: string): Promise<void> {
    await this.composer.fill(text);
    await this.composer.press('Enter');
  }

  /** By the dialog of the list: with one person their direct room, with several a group. */
  async startConversation(names: readonly string[], groupName?: string): Promise<void> {
    await this.root.getByRole('button', { name: 'New conversation' }).first().click();
    const dialog = this.root.getByRole('dialog');
    for (const name of names) {
      await dialog.getByRole('combobox').fill(name);
      await dialog.getByRole('option', { name, exact: true }).click();
    }
    if (groupName !== undefined) await dialog.getByRole('textbox', { name: 'Group name' }).fill(groupName);
    await dialog.getByRole('button', { name: /^(Chat with|Create group)/ }).click();
    // Until then the composer is that of the room before.
    await dialog.waitFor({ state: 'hidden' });
    await this.composer.waitFor();
  }
}
