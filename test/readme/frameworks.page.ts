import { deepEqual, ok } from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import vue, { type Options } from '@vitejs/plugin-vue';
import type { Browser } from 'playwright-core';
import { build, type Plugin } from 'vite';
import { ensurePackages } from '../../.scripts/building/build.ts';
import type { Manifest } from '../../.scripts/building/custom-elements.ts';
import { run } from '../../.scripts/building/run.ts';
import { Chat, launchBrowser, openPage } from '../support/browser.ts';
import { snippet, withInstead } from '../support/readme.ts';
import { Site } from '../support/site.ts';
import { signToken, TokenServer } from '../support/token-server.ts';

/*
 * The components of the README in an app that has chatter-elements and the framework installed: checked by the compiler that
 * such an app has, bundled by Vite, and looked at.
 */

const root = fileURLToPath(new URL('../../', import.meta.url));
const compilerOptions = {
  noEmit: true, strict: true, target: 'es2022', module: 'esnext', moduleResolution: 'bundler', jsx: 'react-jsx',
  lib: ['es2023', 'dom', 'dom.iterable'], types: [],
};
let app: string;
let site: Site;
let server: TokenServer;
let browser: Browser;

before(async () => {
  await ensurePackages();
  app = await mkdtemp(join(tmpdir(), 'chatter-app-'));
  const installed = ['react', 'react-dom', '@types/react', 'vue'].map((name) => [name, join(root, 'node_modules', name)] as const);
  for (const [name, home] of [...installed, ['chatter-elements', join(root, 'dist/chatter-elements')] as const]) {
    await mkdir(dirname(join(app, 'node_modules', name)), { recursive: true });
    await symlink(home, join(app, 'node_modules', name));
  }
  site = await Site.start();
  site.files.set('/chat-token', async () => JSON.stringify({ token: await signToken('ada') }));
  [server, browser] = await Promise.all([TokenServer.start([site.url]), launchBrowser()]);
  await server.directRoom('ada', 'ben');
});
after(async () => {
  await browser.close();
  await server.close();
  await site.close();
  await rm(app, { recursive: true, force: true });
});

test('React: the component is well typed, and shows a chat that gets its token by the provider', async () => {
  await write('Chat.tsx', withInstead(snippet('In React, Vue, Angular, Svelte', 'tsx'), 'https://chat.example.com', server.url));
  await write('react.js', `
    import { createElement, StrictMode } from 'react';
    import { createRoot } from 'react-dom/client';
    import { Chat } from './Chat';
    createRoot(document.querySelector('#app')).render(createElement(StrictMode, null, createElement(Chat)));
  `);
  await checkTypes('tsc', 'Chat.tsx');
  await chatIn('react.js');
});

test('Vue: the component is well typed, and shows a chat', async () => {
  await write('Chat.vue', withInstead(snippet('In React, Vue, Angular, Svelte', 'vue'), 'https://chat.example.com', server.url));
  await write('vue.js', `
    import { createApp } from 'vue';
    import Chat from './Chat.vue';
    createApp(Chat).mount('#app');
  `);
  await checkTypes('vue-tsc', 'Chat.vue');
  const told = /`vue\((\{.*?\})\)`/.exec(await readFile(join(root, 'README.md'), 'utf8'))![1]!;
  const { options } = await import(`data:text/javascript,export const options = ${encodeURIComponent(told)}`) as { options: Options };
  await chatIn('vue.js', vue(options));
});

test('React and Vue know every attribute and property of the elements, and their events', async () => {
  const settings = documentedSettings();
  ok(settings.length > 50, `${settings.length} settings`);
  // Nothing takes a symbol: where a name is not known, there is no error, and the comment that expects one is the error.
  await write('every.tsx', `
    import 'chatter-elements';
    ${settings.map(({ element, name }) => `// @ts-expect-error\nvoid <${element} ${name}={Symbol()} />;`).join('\n')}
    // @ts-expect-error
    void <chatter-chat servr="" />;
    // @ts-expect-error
    void <chatter-room addStyles={() => () => {}} />;
    void <chatter-chat className="wide" style={{ height: '40rem' }} ref={(chat) => { chat?.addStyles(new CSSStyleSheet()); }}
      onchatter-send={(event) => { if (event.text.includes('password')) event.preventDefault(); }} />;
  `);
  await checkTypes('tsc', 'every.tsx');

  await write('every.vue', `
    <script setup lang="ts">
    import 'chatter-elements';
    const wrong = Symbol();
    </script>

    <template>
      ${settings.map(({ element, name }) => `<!-- @vue-expect-error -->\n<${element} :${name}="wrong" />`).join('\n')}
      <chatter-chat class="wide" @chatter-send="(event) => { if (event.text.includes('password')) event.preventDefault(); }" />
      <!-- @vue-expect-error -->
      <chatter-chat @chatter-send="(event) => event.txt" />
    </template>
  `);
  await checkTypes('vue-tsc', 'every.vue');
});

function write(file: string, text: string): Promise<void> {
  return writeFile(join(app, file), text);
}

async function checkTypes(compiler: 'tsc' | 'vue-tsc', file: string): Promise<void> {
  await write(`${file}.json`, JSON.stringify({ compilerOptions, files: [file] }));
  await run(compiler, ['-p', join(app, `${file}.json`)]);
}

/** Bundles a program, puts it on a page, and chats there. */
async function chatIn(entry: string, ...plugins: Plugin[]): Promise<void> {
  const outDir = join(app, 'built', entry);
  await build({
    root: app, configFile: false, logLevel: 'warn', plugins, define: { 'process.env.NODE_ENV': '"production"' },
    build: { outDir, lib: { entry, formats: ['es'], fileName: () => entry } },
  });
  for (const file of await readdir(outDir)) site.files.set(`/${file}`, await readFile(join(outDir, file), 'utf8'));
  const { page, problems } = await openPage(browser, site.addPage(`/in-${entry.replace('.js', '')}`, `<div id="app"></div><script type="module" src="/${entry}"></script>`));
  const chat = new Chat(page.locator('#app > chatter-chat'));
  await chat.open('Ben');
  await chat.say(`Hello from ${entry}`);
  await chat.message(`Hello from ${entry}`).waitFor();
  deepEqual(problems, []);
}

/** Every attribute and property that the elements' own description names. */
function documentedSettings(): { element: string; name: string }[] {
  const { modules } = JSON.parse(readFileSync(join(root, 'dist/chatter-elements/custom-elements.json'), 'utf8')) as Manifest;
  return modules.flatMap(({ declarations = [] }) => declarations).filter(({ tagName }) => tagName !== undefined).flatMap((element) => {
    const properties = (element.members ?? []).filter((member) => member.kind === 'field' && member.static !== true && member.description !== undefined);
    const names = new Set([...element.attributes ?? [], ...properties].map(({ name }) => name!));
    return [...names].map((name) => ({ element: element.tagName!, name }));
  });
}
