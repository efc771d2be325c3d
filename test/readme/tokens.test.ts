import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Message, RoomSummary } from '#protocol/models';
import { Asker } from '../support/asker.ts';
import { snippet, withInstead } from '../support/readme.ts';
import { signToken, TokenServer, tokenSecret } from '../support/token-server.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const execute = promisify(execFile);
const skipped = (process.env.CHATTER_TEST_SKIP ?? '').split(',').map((word) => word.trim());
let server: TokenServer;
before(async () => { server = await TokenServer.start(); });
after(() => server.close());

describe('tokens that are made as the README says let in whom they name', () => {
  it('in Node', async () => {
    // The back end of a shop in its barest form: what Express calls `app`, with somebody who is logged in.
    const shop = `
      import { createServer } from 'node:http';
      const handlers = new Map();
      const app = { get: (path, handler) => void handlers.set(path, handler) };
      ${snippet('Tokens', 'js')}
      const server = createServer((request, response) => {
        request.user = { id: 'nora', name: 'Nora Node' };
        response.json = (body) => response.end(JSON.stringify(body));
        handlers.get(request.url)(request, response);
      });
      server.listen(0, '127.0.0.1', () => console.log(server.address().port));
    `;
    // What a program imports that comes from the command line is looked for from where it runs.
    const child = spawn(process.execPath, ['--input-type=module', '--eval', shop], {
      cwd: root, env: { PATH: process.env.PATH, CHATTER_JWT_SECRET: tokenSecret }, stdio: ['ignore', 'pipe', 'inherit'],
    });
    const ended = once(child, 'exit');
    try {
      const port = Number(await firstChunk(child.stdout));
      const { token } = await (await fetch(`http://127.0.0.1:${port}/chat-token`)).json() as { token: string };
      await assertLetsIn(token, { id: 'nora', name: 'Nora Node' });
    } finally {
      child.kill();
      await ended;
    }
  });

  it('in Python', { skip: skipped.includes('python') }, async () => {
    const program = `${snippet('Tokens', 'python')}\n
class user:
    id = 4711
    name = "Pia Pythón"

print(chat_token(user)["token"])
`;
    const { stdout } = await execute('python3', ['-c', program], { env: { PATH: process.env.PATH, CHATTER_JWT_SECRET: tokenSecret } }).catch(explainPython);
    await assertLetsIn(stdout.trim(), { id: '4711', name: 'Pia Pythón' });
  });
});

describe('REST, by the lines of the README', () => {
  it('lists rooms and sends a message, once however often it is sent', async () => {
    const room = await server.directRoom('ada', 'ben');
    const [list, send] = withInstead(snippet('REST', 'sh'), 'http://localhost:3000', server.url).split(/\n(?=curl)/);
    const run = async <T>(line: string): Promise<T> => {
      const env = { PATH: process.env.PATH, TOKEN: await signToken('ada'), ROOM: room.id };
      return JSON.parse((await execute('sh', ['-c', line], { env })).stdout) as T;
    };
    const { rooms } = await run<{ rooms: RoomSummary[] }>(list!);
    assert.deepEqual(rooms.map(({ id }) => id), [room.id]);
    const { message } = await run<{ message: Message }>(send!);
    assert.equal(message.text, 'The parcel is here.');
    assert.deepEqual((await run<{ message: Message }>(send!)).message, message);
    assert.deepEqual((await server.messages('ben', room.id)).map(({ text }) => text), ['The parcel is here.']);
  });
});

describe('signing people out, by the lines of the README', () => {
  it('a person is out, until they are let in again', async () => {
    const line = withInstead(snippet('Signing people out', 'sh'), 'http://localhost:3000', server.url);
    const admin = await signToken('back-end', { chatter_admin: true });
    const token = await signToken('42');
    const status = async () => (await fetch(`${server.url}/api/v1/me`, { headers: { authorization: `Bearer ${token}` } })).status;
    assert.equal(await status(), 200);
    await execute('sh', ['-c', line], { env: { PATH: process.env.PATH, ADMIN_TOKEN: admin } });
    assert.equal(await status(), 403);
    await fetch(`${server.url}/api/v1/revocations/person/42`, { method: 'DELETE', headers: { authorization: `Bearer ${admin}` } });
    assert.equal(await status(), 200);
  });
});

async function assertLetsIn(token: string, user: { id: string; name: string }): Promise<void> {
  const me = await (await fetch(`${server.url}/api/v1/me`, { headers: { authorization: `Bearer ${token}` } })).json() as { user: object };
  assert.deepEqual(me.user, user);
  const asker = await Asker.connect(`${server.url.replace('http', 'ws')}/ws`, token);
  assert.deepEqual((await asker.ask('rooms.list', {})).rooms, []);
  asker.close();
}

async function firstChunk(stream: NodeJS.ReadableStream): Promise<string> {
  for await (const chunk of stream) return String(chunk);
  throw new Error('The program ended before it said anything.');
}

function explainPython(error: NodeJS.ErrnoException): never {
  if (error.code !== 'ENOENT') throw error;
  throw new Error('The README has a piece of Python, and there is no python3. Install it (Debian, Ubuntu: `sudo apt-get install -y python3`; '
    + 'macOS: `brew install python`), or leave it out with CHATTER_TEST_SKIP=python.');
}
