import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { settled } from '../../support/clock.ts';
import { ServerWorld, until } from '../../support/server-world.ts';

const ask = async (world: ServerWorld, path: string): Promise<{ status: number; body: unknown }> => {
  const response = await world.server.app.request(path);
  assert.equal(response.headers.get('cache-control'), 'no-store');
  return { status: response.status, body: await response.json() };
};

describe('/health and /ready', () => {
  it('tell that the server, its database and its bus are well', async () => {
    const world = await ServerWorld.start();
    for (const path of ['/health', '/ready']) {
      assert.deepEqual(await ask(world, path), { status: 200, body: { status: 'ok', database: 'up', bus: 'up' } });
    }
    await world.close();
  });

  it('are 503 while the database is away, say no more than that, and tell the log once', async () => {
    const world = await ServerWorld.start();
    const check = world.store.check.bind(world.store);
    world.store.check = () => Promise.reject(new Error('/var/lib/chatter.sqlite3: disk I/O error'));
    for (const path of ['/health', '/ready', '/health']) {
      const { status, body } = await ask(world, path);
      assert.deepEqual([status, (body as { status: string }).status, (body as { database: string }).database], [503, 'unavailable', 'down']);
      assert.doesNotMatch(JSON.stringify(body), /sqlite/);
    }
    assert.equal(world.log.filter((line) => line.includes('The database does not answer.')).length, 1);
    assert.match(world.log.join(''), /disk I\/O error/);
    world.store.check = check;
    assert.equal((await ask(world, '/ready')).status, 200);
    assert.equal(world.log.filter((line) => line.includes('The database answers again.')).length, 1);
    await world.close();
  });

  it('the bus being down is told, and no reason to stay away: the database is read instead', async () => {
    const world = await ServerWorld.start();
    world.broker.down();
    for (const path of ['/health', '/ready']) {
      assert.deepEqual(await ask(world, path), { status: 200, body: { status: 'ok', database: 'up', bus: 'down' } });
    }
    await world.close();
  });

  it('a database that says nothing is away after 2 s; a storm of probes is one question, and it is asked again', async () => {
    const world = await ServerWorld.start();
    let asked = 0;
    world.store.check = () => new Promise(() => { asked += 1; });
    const probes = Array.from({ length: 1_000 }, (_, index) => ask(world, index % 2 === 0 ? '/health' : '/ready'));
    await until(() => asked > 0, 'the question');
    for (let turn = 0; turn < 20; turn++) await settled();
    await world.clock.advance(1_900);
    assert.equal(await Promise.race([probes[0], Promise.resolve('nothing yet')]), 'nothing yet');
    await world.clock.advance(100);
    for (const { status } of await Promise.all(probes)) assert.equal(status, 503);
    assert.equal(asked, 1);
    const later = ask(world, '/ready');
    await settled();
    await world.clock.advance(2_000);
    assert.equal((await later).status, 503);
    assert.equal(asked, 1, 'the first question is still open');
    await world.clock.advance(10_000);
    world.store.check = async () => { asked += 1; };
    assert.equal((await ask(world, '/ready')).status, 200, 'whatever became of the first question');
    assert.equal(asked, 2);
    await world.close();
  });

  it('a server that goes away is well, and not ready', async () => {
    const world = await ServerWorld.start();
    const room = await world.group('garden', 'ann');
    const ann = await world.connect('ann');
    let finish: (() => void) | undefined;
    const append = world.store.appendMessage.bind(world.store);
    world.store.appendMessage = async (...input) => {
      await new Promise<void>((resolve) => (finish = resolve));
      return append(...input);
    };
    const answer = ann.begin('message.send', { room, clientMsgId: 'one', text: 'hello' });
    await until(() => finish !== undefined, 'the message on its way to the store');
    const closed = world.server.close();
    assert.deepEqual(await ask(world, '/ready'), { status: 503, body: { status: 'draining', database: 'up', bus: 'up' } });
    assert.equal((await ask(world, '/health')).status, 200);
    finish!();
    await until(() => answer() !== undefined, 'the answer');
    assert.equal(answer()?.kind, 'ok');
    await world.close();
    await world.clock.advance(120_000);
    await closed;
  });
});
