import { chmodSync, copyFileSync, cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { root } from '../root.ts';
import { analyzeElements } from './custom-elements.ts';
import { finishPackage } from './package-json.ts';
import { publishedProtocolPage } from './package-readme.ts';
import { flattenProtocolTypes } from './protocol-types.ts';
import { run } from './run.ts';

const server = 'dist/chatter-server';
const elements = 'dist/chatter-elements';

/** `dist/chatter-server`: the compiled server, its command, and the built elements that it serves. */
export async function buildServerPackage(): Promise<void> {
  rmSync(root + server, { recursive: true, force: true });
  await run('tsc', ['-p', '.scripts/building/tsconfig.server.json']);
  nameBuiltModules(server);
  cpSync(`${root}dist/script`, `${root}${server}/public`, { recursive: true });
  writeFileSync(`${root}${server}/protocol/README.md`, publishedProtocolPage());
  const command = `${root}${server}/cli/main.js`;
  if (!readFileSync(command, 'utf8').startsWith('#!/usr/bin/env node\n')) throw new Error('server/cli/main.ts must begin with #!/usr/bin/env node.');
  chmodSync(command, 0o755);
  finishPackage(server, {
    name: 'chatter-server',
    description: 'A chat server in one command: websocket and REST, SQLite by default, and the elements to put on a page.',
    bin: { 'chatter-server': './cli/main.js' },
    exports: { '.': './index.js', './package.json': './package.json' },
    imports: { '#protocol/*': './protocol/*.js' },
  });
}

/** `dist/chatter-elements`: the elements as modules, and as the one file for script tags. */
export async function buildElementsPackage(): Promise<void> {
  rmSync(root + elements, { recursive: true, force: true });
  await run('tsc', ['-p', '.scripts/building/tsconfig.elements.json']);
  // Compiled beside the protocol, of which the package takes the numbers as they are, and the types without zod.
  cpSync(`${root}dist/.elements/elements`, root + elements, { recursive: true });
  cpSync(`${root}dist/script`, root + elements, { recursive: true });
  mkdirSync(`${root}${elements}/protocol`);
  for (const file of ['codes.js', 'codes.d.ts']) copyFileSync(`${root}dist/.elements/server/protocol/${file}`, `${root}${elements}/protocol/${file}`);
  const types = flattenProtocolTypes();
  writeFileSync(`${root}${elements}/protocol/models.d.ts`, types.models);
  writeFileSync(`${root}${elements}/protocol/frames.d.ts`, types.frames);
  rmSync(`${root}dist/.elements`, { recursive: true });
  nameBuiltModules(elements);
  writeFileSync(`${root}${elements}/custom-elements.json`, `${JSON.stringify(await analyzeElements(), null, 2)}\n`);
  finishPackage(elements, {
    name: 'chatter-elements',
    description: 'Chat for any page: custom elements for a Chatter server, and the headless client beneath them.',
    customElements: 'custom-elements.json',
    // Everything else can be left out where nothing of it is used.
    sideEffects: ['./define.js', './chatter.js'],
    exports: {
      '.': './index.js',
      './define': './define.js',
      './client': './client/chat-client.js',
      './chatter.js': './chatter.js',
      './chatter-*.js': './chatter-*.js',
      './custom-elements.json': './custom-elements.json',
      './package.json': './package.json',
    },
    imports: { '#protocol/*': './protocol/*.js' },
    // For their types: package managers that link only what is named would hide the frameworks from `frameworks.d.ts`.
    optionalPeers: ['react', '@types/react', 'vue'],
  });
}

/**
 * Makes declarations name what a consumer has: built modules end in `.js`, where sources end in `.ts`; and types that were inferred
 * come from `lit`, not from the package beneath it that the compiler found them in.
 */
function nameBuiltModules(folder: string): void {
  for (const file of readdirSync(root + folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.d.ts'))) {
    const path = `${root}${folder}/${file}`;
    const text = readFileSync(path, 'utf8')
      .replace(/(\bfrom |\bimport\()(["'])(\.[^"']*)\.ts\2/g, '$1$2$3.js$2')
      .replace(/\bimport\("lit-html/g, 'import("lit');
    writeFileSync(path, text);
  }
}
