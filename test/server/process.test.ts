import assert from 'node:assert/strict';
import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { SignJWT } from 'jose';
import { Asker } from '../support/asker.ts';
import { listenAnywhere } from '../support/listening.ts';

const command = fileURLToPath(new URL('../../server/cli/main.ts', import.meta.url));
const secret = 'a secret that only this test knows and that has 32 bytes';

describe('chatter-server, the command', () => {
  let folder: string;
  let taken: Awaited<ReturnType<typeof listenAnywhere>>;
  const children: ChildProcess[] = [];
  before(async () => {
    taken = await listenAnywhere(createServer());
    folder = await mkdtemp(join(tmpdir(), 'chatter-process-'));
  });
  after(async () => {
    for (const child of children) child.kill('SIGKILL');
    await taken.close();
    await rm(folder, { recursive: true });
  });

  const run = (args: readonly string[], environment: Record<string, string> = {}): { child: ChildProcess; output: () => string; ended: Promise<number | string> } => {
    const child = spawn(process.execPath, ['--import', 'tsx', command, ...args], {
      env: { PATH: process.env['PATH'], CHATTER_DATABASE: `sqlite:${join(folder, 'chatter.sqlite3')}`, ...environment }, stdio: ['ignore', 'pipe', 'pipe'],
    });
    children.push(child);
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream?.on('data', (data: Buffer) => (output += data.toString()));
    const ended = once(child, 'close').then(([code, signal]) => (code ?? signal) as number | string);
    return { child, output: () => output, ended };
  };

  const start = async (environment: Record<string, string> = {}): Promise<{ child: ChildProcess; url: string; output: () => string; ended: Promise<number | string> }> => {
    const running = run([], { CHATTER_PORT: '0', CHATTER_JWT_SECRET: secret, ...environment });
    while (!/http:\/\/[\w.:]+/.test(running.output())) {
      await Promise.race([once(running.child.stderr!, 'data'), running.ended.then(() => assert.fail(running.output()))]);
    }
    return { ...running, url: /http:\/\/[\w.:]+/.exec(running.output())![0] };
  };

  const token = (id: string) => new SignJWT({}).setProtectedHeader({ alg: 'HS256' }).setSubject(id).setExpirationTime('5m').sign(new TextEncoder().encode(secret));

  it('without a way to know who people are does not start, and shows how to make a secret', async () => {
    const { output, ended } = run([]);
    assert.equal(await ended, 1);
    assert.match(output(), /CHATTER_JWT_SECRET="\$\(openssl rand -base64 48\)" chatter-server/);
  });

  it('says what is wrong in a sentence, without a stack, and ends with 1', async () => {
    const { port } = taken;
    await writeFile(join(folder, 'notes.txt'), 'These are notes, and no database. '.repeat(100));
    for (const [environment, sentence] of [
      [{ CHATTER_PORT: 'x' }, /^CHATTER_PORT should be a port number/m],
      [{ CHATTER_JWT_SECRET: 'short' }, /32 bytes or more/],
      [{ CHATTER_REDIS: 'redis://:parole@one,two' }, /^CHATTER_REDIS: The address of Redis names several hosts/m],
      [{ CHATTER_HOST: '127.0.0.1', CHATTER_PORT: String(port) }, new RegExp(`^Port ${port} is taken`, 'm')],
      [{ CHATTER_DATABASE: 'sqlite:/dev/null/no/chatter.sqlite3' }, /\/dev\/null\/no/],
      [{ CHATTER_DATABASE: `sqlite:${join(folder, 'notes.txt')}` }, /notes\.txt is not a SQLite database/],
      [{ CHATTER_JWT_SECRET: '', CHATTER_GUESTS: 'yes', NODE_ENV: 'production' }, /^Guests say who they are/m],
    ] as const) {
      const { output, ended } = run([], { CHATTER_JWT_SECRET: secret, CHATTER_PORT: '0', ...environment });
      assert.equal(await ended, 1, output());
      assert.match(output(), sentence);
      assert.doesNotMatch(output(), /^\s+at /m);
    }
  });

  it('tells its metrics on a port of their own, and there nothing else', async () => {
    const { child, url, output, ended } = await start({ CHATTER_METRICS_PORT: '0' });
    while (!output().includes('/metrics')) await once(child.stderr!, 'data');
    const metrics = /Its metrics are at (http:\S+?)\/metrics/.exec(output())![1]!;
    assert.match(await (await fetch(`${metrics}/metrics`)).text(), /^chatter_bus_mode\{mode="alone"\} 1$/m);
    assert.equal((await fetch(`${metrics}/health`)).status, 404);
    assert.equal((await fetch(`${url}/metrics`)).status, 404);
    child.kill('SIGTERM');
    assert.equal(await ended, 0, output());
    await assert.rejects(fetch(`${metrics}/metrics`));
  });

  it('says that guests are let in, and how one gets a token', async () => {
    const { child, url, output, ended } = await start({ CHATTER_JWT_SECRET: '', CHATTER_GUESTS: 'yes' });
    assert.match(output(), /"level":"warn".*CHATTER_GUESTS/);
    const page = await (await fetch(url)).text();
    const command = /curl [^<]*/.exec(page)![0].replaceAll('&quot;', '"');
    const { stdout } = await promisify(execFile)('sh', ['-c', command]);
    const { token: guest } = JSON.parse(stdout) as { token: string };
    const me = await (await fetch(`${url}/api/v1/me`, { headers: { authorization: `Bearer ${guest}` } })).json() as { user: { name: string } };
    assert.equal(me.user.name, 'Ada');
    child.kill('SIGTERM');
    await ended;
  });

  it('where Redis cannot be reached it starts, says so once, and is ready: it reads the database instead', async () => {
    const { child, url, output, ended } = await start({ CHATTER_REDIS: `redis://:parole@127.0.0.1:${taken.port}` });
    const ready = await fetch(`${url}/ready`);
    assert.deepEqual([ready.status, await ready.json()], [200, { status: 'ok', database: 'up', bus: 'down' }]);
    while (!output().includes('Redis')) await once(child.stderr!, 'data');
    child.kill('SIGTERM');
    assert.equal(await ended, 0, output());
    assert.equal(output().match(/Redis/g)?.length, 1, output());
    assert.doesNotMatch(output(), /parole|^\s+at /m);
  });

  it('what nobody has foreseen is told, and ends it: a supervisor starts it anew, and nothing that was acknowledged is lost', async () => {
    for (const [what, code] of [['an exception', 'throw new Error("unforeseen")'], ['a rejection', 'Promise.reject(new Error("unforeseen"))']] as const) {
      const whenItRuns = `process.on('SIGUSR2', () => { ${code} })`;
      const { child, output, ended } = await start({ NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(whenItRuns)}` });
      child.kill('SIGUSR2');
      assert.equal(await ended, 1, what);
      assert.match(output(), /"level":"error".*"message":"unforeseen"/, what);
      assert.doesNotMatch(output(), /^\s+at /m, what);
    }
  });

  it('helps, says its version, and refuses words it does not know', async () => {
    const [help, version, unknown, option] = [run(['--help']), run(['--version']), run(['party']), run(['--party'])];
    assert.equal(await help.ended, 0);
    assert.match(help.output(), /CHATTER_DATABASE/);
    assert.equal(await version.ended, 0);
    const { version: expected } = JSON.parse(await readFile(new URL('../../package.json', import.meta.url), 'utf8')) as { version: string };
    assert.equal(version.output(), `${expected}\n`);
    assert.equal(await unknown.ended, 1);
    assert.equal(await option.ended, 1);
  });

  it('G1, G2: killed in mid-conversation and started again: what was acknowledged is there, and a retry is not doubled', async () => {
    const first = await start();
    const ann = await Asker.connect(`${first.url.replace('http', 'ws')}/ws`, await token('ann'));
    const { room } = await ann.ask('room.create', { type: 'direct', user: 'ann' });
    const acknowledged: string[] = [];
    for (let index = 0; index < 10; index++) acknowledged.push((await ann.ask('message.send', { room: room.id, clientMsgId: `m${index}`, text: `text ${index}` })).message.text);
    const inTheAir = ann.ask('message.send', { room: room.id, clientMsgId: 'm10', text: 'text 10' }).catch(() => undefined);
    first.child.kill('SIGKILL');
    await first.ended;
    await inTheAir;
    const second = await start();
    const again = await Asker.connect(`${second.url.replace('http', 'ws')}/ws`, await token('ann'));
    await again.ask('message.send', { room: room.id, clientMsgId: 'm10', text: 'text 10' });
    assert.equal((await again.ask('message.send', { room: room.id, clientMsgId: 'm9', text: 'text 9' })).duplicate, true);
    const { page } = await again.ask('history', { room: room.id });
    assert.deepEqual(page.messages.map(({ text }) => text), [...acknowledged, 'text 10']);
    second.child.kill('SIGTERM');
    assert.equal(await second.ended, 0, second.output());
    assert.doesNotMatch(second.output(), new RegExp(await token('ann').then((text) => text.split('.')[2]!)));
  });

  it('imports and exports', async () => {
    const database = { CHATTER_DATABASE: `sqlite:${join(folder, 'import.sqlite3')}` };
    const missing = run(['import', join(folder, 'nothing.ndjson')], database);
    assert.equal(await missing.ended, 1);
    assert.match(missing.output(), /There is no file/);
    const exported = run(['export'], database);
    assert.equal(await exported.ended, 0, exported.output());
    assert.match(exported.output(), /Exported 0 messages/);
  });
});
