import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { it } from 'node:test';
import { subprotocol } from '#protocol/codes';
import { loneBus } from '../../../server/bus/memory-bus.ts';
import { exchange, listenAnywhere } from '../../support/listening.ts';
import { type Peer, ServerWorld, until } from '../../support/server-world.ts';

/** A server of several with so many people. */
async function crowd(count: number, options: Parameters<typeof ServerWorld.start>[0] = {}): Promise<{ world: ServerWorld; peers: Peer[]; room: string }> {
  const world = await ServerWorld.start(options);
  const users = Array.from({ length: count }, (_, index) => `person-${index}`);
  const room = await world.group('garden', ...users);
  return { world, peers: await Promise.all(users.map((user) => world.connect(user))), room };
}

function windowOf(peer: Peer): { minMs: number; maxMs: number } {
  const told = peer.all('goaway');
  assert.equal(told.length, 1);
  const { minMs, maxMs } = told[0]!;
  return { minMs, maxMs };
}

/** Begins to close the server; `isOver` says whether it is closed. */
function close(world: ServerWorld): { done: Promise<void>; isOver(): boolean } {
  let isOver = false;
  const done = world.server.close().then(() => void (isOver = true));
  return { done, isOver: () => isOver };
}

it('C9: each session has a window of its own, one after the other, twenty a second', async () => {
  const { world, peers } = await crowd(100);
  const closing = close(world);
  const windows = peers.map(windowOf);
  assert.deepEqual(windows.slice(0, 2), [{ minMs: 0, maxMs: 50 }, { minMs: 50, maxMs: 100 }]);
  for (let ms = 0; ms < 5_000; ms += 1_000) {
    assert.equal(windows.filter(({ minMs }) => minMs >= ms && minMs < ms + 1_000).length, 20);
  }
  for (const peer of peers) peer.cut();
  await closing.done;
});

it('C9: of many it is a percentage that goes in a second, and it can be set', async () => {
  for (const [drainPercent, lastMs] of [[undefined, 1_500 / 30], [10, 1_500 / 150], [50, 1_500 / 750]] as const) {
    const { world, peers } = await crowd(1_500, { drainPercent });
    const closing = close(world);
    assert.equal(windowOf(peers.at(-1)!).maxMs, Math.floor(lastMs * 1_000));
    for (const peer of peers) peer.cut();
    await closing.done;
  }
});

it('C9: while they go, requests are answered, new ones are sent elsewhere with 503, and whoever has not gone in time is closed with 4200', async () => {
  const { world, peers, room } = await crowd(60);
  const server = createServer();
  world.server.attach(server);
  const { port, close: hangUp } = await listenAnywhere(server);
  const stranger = world.dial();
  const closing = close(world);
  assert.equal(stranger.closeCode(), 4200, 'who has not said hello has nothing to lose');
  assert.equal(world.dial().closeCode(), 4200);
  const upgrade = ['GET /ws HTTP/1.1', 'Host: x', 'Connection: Upgrade', 'Upgrade: websocket', 'Sec-WebSocket-Version: 13',
    'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==', `Sec-WebSocket-Protocol: ${subprotocol}`, '', ''].join('\r\n');
  assert.match(await exchange(port, upgrade), /^HTTP\/1.1 503/);
  assert.equal((await world.server.app.request('/ready')).status, 503);
  const me = async () => (await world.server.app.request('/api/v1/me', { headers: { authorization: `Bearer ${await world.token('person-1')}` } })).status;
  assert.equal(await me(), 200);
  const [gone, staying] = [peers.slice(0, 40), peers.slice(40)];
  for (const peer of gone) peer.cut();
  await world.clock.advance(2_000);
  await staying[0]!.send(room, 'still here');
  await world.clock.advance(999);
  assert.ok(!closing.isOver() && staying.every(({ closed }) => closed === undefined));
  const last = staying[0]!.begin('message.send', { room, clientMsgId: 'last', text: 'last words' });
  await world.clock.advance(1);
  await closing.done;
  assert.equal(last()?.kind, 'ok', 'what had begun is answered');
  assert.ok(staying.every((peer) => peer.closeCode() === 4200));
  assert.equal(await me(), 503);
  assert.equal(world.clock.timerCount, 0);
  await hangUp();
});

it('C9: it is over as soon as the last one has gone', async () => {
  const { world, peers } = await crowd(60);
  const closing = close(world);
  for (const peer of peers) peer.cut();
  await closing.done;
  assert.equal(world.clock.timerCount, 0);
});

it('C9: who is few may come at once, and so may all where the server is the only one: it comes back itself', async () => {
  for (const { world, peers } of [await crowd(20), await crowd(100, { bus: loneBus() })]) {
    await world.server.close();
    for (const peer of peers) {
      assert.deepEqual(windowOf(peer), { minMs: 0, maxMs: 5_000 });
      assert.equal(peer.closeCode(), 4200);
    }
  }
});

it('C9: who waits for a database that does not answer is waited for 5 s longer, and no more', async () => {
  const { world, peers } = await crowd(60);
  world.store.summaries = () => new Promise(() => {});
  const answers = peers.map((peer) => peer.begin('rooms.list', {}));
  const closing = close(world);
  await world.clock.advance(3_000);
  await until(() => !closing.isOver(), 'the window');
  await world.clock.advance(4_999);
  assert.ok(!closing.isOver() && peers.every(({ closed }) => closed === undefined));
  await world.clock.advance(1);
  await closing.done;
  assert.ok(answers.every((answer) => answer() === undefined) && peers.every((peer) => peer.closeCode() === 4200));
});
