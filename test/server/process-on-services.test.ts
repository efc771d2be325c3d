import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { openRedisBus } from '../../server/bus/redis-bus.ts';
import { topicOf } from '../../server/bus/topics.ts';
import { createLog } from '../../server/log.ts';
import { parseBusFrame } from '../../server/socket/bus-frames.ts';
import { freePort } from '../support/services/program.ts';
import type { DatabaseService } from '../support/services/database-server.ts';
import { startPostgres } from '../support/services/postgres.ts';
import { type RedisService, startRedis } from '../support/services/redis.ts';
import { signToken, tokenSecret } from '../support/token-server.ts';

const command = fileURLToPath(new URL('../../server/cli/main.ts', import.meta.url));

describe('chatter-server on a Postgres and a Redis', () => {
  let postgres: DatabaseService;
  let redis: RedisService;
  const children: ChildProcess[] = [];
  before(async () => {
    [postgres, redis] = await Promise.all([startPostgres(), startRedis()]);
  });
  after(async () => {
    for (const child of children) child.kill('SIGKILL');
    await Promise.all([postgres.stop(), redis.stop()]);
  });

  const run = (environment: Record<string, string>, words: readonly string[] = []) => {
    const child = spawn(process.execPath, ['--import', 'tsx', command, ...words], {
      env: { PATH: process.env['PATH'], CHATTER_PORT: '0', CHATTER_JWT_SECRET: tokenSecret, ...environment }, stdio: ['ignore', 'pipe', 'pipe'],
    });
    children.push(child);
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (data: Buffer) => (output += data.toString()));
    const ended = once(child, 'close').then(([code, signal]) => (code ?? signal) as number | string);
    const says = async (pattern: RegExp): Promise<RegExpExecArray> => {
      for (;;) {
        const found = pattern.exec(output);
        if (found) return found;
        await Promise.race([once(child.stderr, 'data'), ended.then(() => assert.fail(output))]);
      }
    };
    return { child, says, ended, output: () => output };
  };

  /** What `/ready` or `/health` says once it says this. */
  const until = async (url: string, status: number, wanted: Record<string, string>): Promise<void> => {
    for (;;) {
      const response = await fetch(url);
      const body = await response.json() as Record<string, string>;
      if (response.status === status && Object.entries(wanted).every(([name, value]) => body[name] === value)) return;
    }
  };

  it('says in a sentence which database cannot be reached, and ends with 1', async () => {
    const port = await freePort();
    for (const scheme of ['postgres', 'mysql', 'mariadb']) {
      const { ended, output } = run({ CHATTER_DATABASE: `${scheme}://chatter:parole@127.0.0.1:${port}/chatter`, CHATTER_REDIS: redis.url });
      assert.equal(await ended, 1, output());
      assert.match(output(), new RegExp(`127\\.0\\.0\\.1:${port}`));
      assert.equal(output().trim().split('\n').length, 1, output());
      assert.doesNotMatch(output(), /parole|^\s+at /m);
    }
  });

  it('opens as many connections as CHATTER_DATABASE_CONNECTIONS allows', async () => {
    const { child, says, ended } = run({ CHATTER_DATABASE: postgres.url, CHATTER_DATABASE_CONNECTIONS: '3' });
    const [url] = await says(/http:\/\/[\w.:]+/);
    const headers = { authorization: `Bearer ${await signToken('ann')}` };
    await Promise.all(Array.from({ length: 30 }, () => fetch(`${url}/api/v1/rooms`, { headers })));
    const asker = new pg.Client({ connectionString: postgres.url });
    await asker.connect();
    const { rows: [row] } = await asker.query(`SELECT count(*) FROM pg_stat_activity WHERE application_name = 'chatter'`);
    await asker.end();
    assert.ok(Number(row!.count) >= 2 && Number(row!.count) <= 3, `${row!.count} connections`);
    child.kill('SIGTERM');
    assert.equal(await ended, 0);
  });

  it('tells of a database that hangs, and of a Redis that is gone; and is itself again when they are, without a restart', async () => {
    const { child, says, ended, output } = run({ CHATTER_DATABASE: postgres.url, CHATTER_REDIS: redis.url });
    const [url] = await says(/http:\/\/[\w.:]+/);
    await until(`${url}/ready`, 200, { status: 'ok', database: 'up', bus: 'up' });
    await redis.kill();
    await until(`${url}/ready`, 200, { status: 'ok', database: 'up', bus: 'down' });
    await redis.restart();
    await until(`${url}/ready`, 200, { status: 'ok', bus: 'up' });
    postgres.pause();
    await Promise.all([until(`${url}/ready`, 503, { status: 'unavailable', database: 'down', bus: 'up' }), until(`${url}/health`, 503, { database: 'down' })]);
    postgres.resume();
    await until(`${url}/health`, 200, { status: 'ok', database: 'up' });
    await until(`${url}/ready`, 200, { status: 'ok', database: 'up', bus: 'up' });
    child.kill('SIGTERM');
    assert.equal(await ended, 0, output());
    assert.doesNotMatch(output(), new RegExp(new URL(postgres.url).password));
  });

  it('G7: what is revoked from a shell is rung to the servers where there is a Redis, and said to take half a minute where it does not answer', async () => {
    const bus = openRedisBus({ url: redis.url, prefix: 'chatter', log: createLog('silent') });
    const rung = new Promise<string>((resolve) => { bus.onDelivery((_topic, payload) => resolve(payload)); });
    if (bus.mode !== 'up') await new Promise<void>((resolve) => { bus.onModeChange((mode) => mode === 'up' && resolve()); });
    await bus.subscribe(topicOf('', 'revoked'));
    const told = run({ CHATTER_DATABASE: postgres.url, CHATTER_REDIS: redis.url }, ['revoke', 'person', '42']);
    assert.equal(await told.ended, 0, told.output());
    assert.match(told.output(), /^42 of the tenant default is out: servers that run have been told\.$/m);
    assert.deepEqual(parseBusFrame(await rung), { kind: 'revoked' });
    await bus.close();
    const lonely = run({ CHATTER_DATABASE: postgres.url, CHATTER_REDIS: `redis://127.0.0.1:${await freePort()}` }, ['restore', 'person', '42']);
    assert.equal(await lonely.ended, 0, lonely.output());
    assert.match(lonely.output(), /^42 of the tenant default is let in again: servers that run know it within half a minute\.$/m);
  });
});
