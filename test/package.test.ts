import assert from 'node:assert/strict';
import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { SignJWT } from 'jose';
import { Asker } from './support/asker.ts';

/*
 * What people get from `npm install`: both packages are packed, installed in an empty folder, and used there. Runs on what
 * `npm run build` made; the dependencies come from where npm gets them.
 */

const root = fileURLToPath(new URL('..', import.meta.url));
const execute = promisify(execFile);
const secret = 'a secret for this test alone that has 32 bytes or more';
const names = ['chatter-elements', 'chatter-server'];
let tarballs: string[] = [];
let packed = '';

before(async () => {
  packed = mkdtempSync(join(tmpdir(), 'chatter-packed-'));
  tarballs = await Promise.all(names.map(async (name) => {
    const { stdout } = await execute('npm', ['pack', '--silent', '--pack-destination', packed, join(root, 'dist', name)]);
    return join(packed, stdout.trim());
  }));
});
after(() => rmSync(packed, { recursive: true, force: true }));

it('every file that was built is a module that an engine can parse', async () => {
  const files = names.flatMap((name) => readdirSync(join(root, 'dist', name), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.js')).map((file) => join(root, 'dist', name, file)));
  assert.ok(files.length > 50, `${files.length} files`);
  // A decorator that no tool has compiled is a syntax error, here as in every browser, and bundlers hand it on without a word.
  const program = `
    import { readFileSync } from 'node:fs';
    import { SourceTextModule } from 'node:vm';
    for (const identifier of process.argv.slice(1)) new SourceTextModule(readFileSync(identifier, 'utf8'), { identifier });
  `;
  await execute(process.execPath, ['--experimental-vm-modules', '--no-warnings', '--input-type=module', '--eval', program, ...files]).catch(explain);
});

describe('installed in an empty folder', () => {
  let folder = '';
  before(async () => { folder = await install(); });
  after(() => rmSync(folder, { recursive: true, force: true }));

  it('chatter-elements can be imported where there is no browser, by every name it exports', async () => {
    const home = join(folder, 'node_modules/chatter-elements');
    const { exports } = JSON.parse(readFileSync(join(home, 'package.json'), 'utf8')) as { exports: Record<string, string> };
    const elements = readdirSync(home).filter((file) => /^chatter-[\w-]+\.js$/.test(file) && isElement(home, file));
    const entries = Object.keys(exports).filter((entry) => !entry.includes('*') && !entry.endsWith('.json') && entry !== './chatter.js');
    const all = [...entries, ...elements.map((file) => `./${file}`)].map((entry) => join('chatter-elements', entry));
    assert.ok(all.length > 5, all.join());
    const program = all.map((name) => `await import('${name}');`).join('\n');
    await execute(process.execPath, ['--input-type=module', '--eval', program], { cwd: folder });
  });

  it('chatter-elements brings only what a browser needs', () => {
    const { dependencies } = JSON.parse(readFileSync(join(folder, 'node_modules/chatter-elements/package.json'), 'utf8')) as { dependencies: Record<string, string> };
    assert.deepEqual(Object.keys(dependencies).filter((name) => !['lit', '@lit/context', 'idb'].includes(name)), []);
  });

  it('the elements and the server are typed for whoever uses them', async () => {
    writeFileSync(join(folder, 'page.ts'), `
      import 'chatter-elements/define';
      import { ChatterChat, type Message, type RoomSummary, type TokenProvider } from 'chatter-elements';
      import { ChatClient } from 'chatter-elements/client';
      const tokenProvider: TokenProvider = async () => 'token';
      const chat: ChatterChat = document.createElement('chatter-chat');
      chat.tokenProvider = tokenProvider;
      const client = new ChatClient({ server: 'https://chat.example.com', tokenProvider });
      const names: (string | undefined)[] = client.rooms.rooms.map((room: RoomSummary) => room.name);
      export const texts = (messages: Message[]): string[] => messages.map(({ text }) => text).concat(names.map(String));
      export const sent = client.request('message.send', { room: 'r', clientMsgId: 'c', text: 't' }).then(({ message }) => message.seq.toFixed());
      // @ts-expect-error: a request without its room
      client.request('room.get', {});
    `);
    writeFileSync(join(folder, 'server.ts'), `
      import { createServer } from 'node:http';
      import { createChatter } from 'chatter-server';
      const chatter = await createChatter({ database: 'sqlite:chat.sqlite3', jwtSecret: 'a secret' });
      chatter.attach(createServer(chatter.listener));
    `);
    const common = { noEmit: true, strict: true, target: 'es2022', module: 'nodenext', typeRoots: [join(root, 'node_modules/@types')] };
    const page = { compilerOptions: { ...common, lib: ['es2023', 'dom', 'dom.iterable'], types: [] }, files: ['page.ts'] };
    // Not our types but those of what the server is made with have needs of their own.
    const server = { compilerOptions: { ...common, types: ['node'], skipLibCheck: true }, files: ['server.ts'] };
    for (const [name, config] of Object.entries({ page, server })) {
      writeFileSync(join(folder, `tsconfig.${name}.json`), JSON.stringify(config));
      await execute(join(root, 'node_modules/.bin/tsc'), ['-p', `tsconfig.${name}.json`], { cwd: folder }).catch(explain);
    }
  });

  it('the server starts, serves the elements, takes a message over the websocket, and stops when asked', () => useServer(folder));
});

describe('installed where npm runs no install scripts', () => {
  let folder = '';
  before(async () => { folder = await install('--ignore-scripts'); });
  after(() => rmSync(folder, { recursive: true, force: true }));

  it('the server works just the same', () => useServer(folder));
});

async function install(...options: string[]): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'chatter-installed-'));
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ private: true, type: 'module' }));
  await execute('npm', ['install', '--no-audit', '--no-fund', '--prefer-offline', ...options, ...tarballs], { cwd: folder }).catch(explain);
  return folder;
}

/** Elements have types; chunks of chatter.js, whose names begin alike, have none. */
function isElement(folder: string, file: string): boolean {
  return existsSync(join(folder, file.replace(/js$/, 'd.ts')));
}

/** A failed command says on its output what was wrong. */
function explain(error: Error & { stdout?: string; stderr?: string }): never {
  throw new Error(`${error.message}\n${error.stdout ?? ''}${error.stderr ?? ''}`);
}

async function useServer(folder: string): Promise<void> {
  const elements = join(folder, 'node_modules/chatter-elements');
  const { url, child, output } = await startServer(folder);
  const ended = once(child, 'exit');
  try {
    const health = await fetch(`${url}/health`);
    assert.equal(health.status, 200);
    const script = await fetch(`${url}/chatter.js`);
    assert.equal(script.status, 200);
    assert.match(script.headers.get('content-type') ?? '', /javascript/);
    assert.ok(await script.text() === readFileSync(join(elements, 'chatter.js'), 'utf8'), 'The server serves another chatter.js than the one of chatter-elements.');
    const chunks = readdirSync(elements).filter((file) => /^chatter-[\w-]+\.js$/.test(file) && !isElement(elements, file));
    assert.ok(chunks.length > 0, 'Languages are loaded on demand.');
    for (const chunk of chunks) assert.equal((await fetch(`${url}/${chunk}`)).status, 200, chunk);

    const token = await new SignJWT({ sub: 'ada', name: 'Ada' })
      .setProtectedHeader({ alg: 'HS256' }).setExpirationTime('5m').sign(new TextEncoder().encode(secret));
    const ada = await Asker.connect(`${url.replace('http', 'ws')}/ws`, token);
    const { room } = await ada.ask('room.create', { type: 'direct', user: 'ada' });
    const { message } = await ada.ask('message.send', { room: room.id, clientMsgId: 'first', text: 'Hello from the package' });
    assert.equal(message.text, 'Hello from the package');
    ada.close();
  } finally {
    child.kill('SIGTERM');
  }
  const [code, signal] = await ended as [number | null, string | null];
  assert.equal(code ?? signal, 0, output());
}

async function startServer(folder: string): Promise<{ url: string; child: ChildProcess; output: () => string }> {
  const child = spawn(join(folder, 'node_modules/.bin/chatter-server'), [], {
    cwd: folder, env: { PATH: process.env.PATH, CHATTER_PORT: '0', CHATTER_JWT_SECRET: secret }, stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  const url = await new Promise<string>((resolve, reject) => {
    const hear = (data: Buffer): void => {
      output += data.toString();
      const found = /https?:\/\/[\w.[\]:]+:\d+/.exec(output);
      if (found !== null) resolve(found[0]);
    };
    child.stdout.on('data', hear);
    child.stderr.on('data', hear);
    child.on('error', reject);
    child.on('exit', (code) => reject(new Error(`The server ended with ${code} before it said its address:\n${output}`)));
  });
  return { url, child, output: () => output };
}
