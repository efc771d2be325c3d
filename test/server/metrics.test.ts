import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { it } from 'node:test';
import { closeCodes } from '#protocol/codes';
import { type Chatter, systemClock } from '../../server/index.ts';
import { PrometheusMetrics } from '../../server/prometheus-metrics.ts';
import { openDatabase } from '../../server/store/open-database.ts';
import { openSequelizeStore } from '../../server/store/sequelize-store.ts';
import { words } from '../../server/store/sql.ts';
import { exchange, listenAnywhere } from '../support/listening.ts';
import { ServerWorld, until } from '../support/server-world.ts';

/** What a server tells: the value of each series, by its name and labels. */
async function seriesOf(server: Pick<Chatter, 'metrics'>): Promise<Map<string, number>> {
  const lines = (await server.metrics()).split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(lines.map((line) => {
    const at = line.lastIndexOf(' ');
    return [line.slice(0, at), Number(line.slice(at + 1))];
  }));
}

/** Asserts what the series are, one by one, so that a failure names it. */
async function assertSeries(server: Chatter, wanted: Record<string, number>): Promise<void> {
  const series = await seriesOf(server);
  assert.deepEqual(Object.fromEntries(Object.keys(wanted).map((name) => [name, series.get(name)])), wanted);
}

it('counts sessions, people, rooms, frames, answers, messages and facts', async () => {
  const world = await ServerWorld.start();
  const room = await world.group('garden', 'ann', 'ben');
  const [ann, ben, phone] = [await world.connect('ann'), await world.connect('ben'), await world.connect('ben')];
  world.dial();
  for (const peer of [ann, ben, phone]) await peer.ask('room.open', { room });
  await ann.send(room, 'hello');
  await ann.send(room, 'hello');
  await ann.send(room, 'again');
  await ann.refusal('room.open', { room: 'none' });
  await until(() => [ann, ben, phone].every((peer) => peer.facts(room).length === 2), 'two facts for each');
  await assertSeries(world.server, {
    'chatter_sessions{state="live"}': 3,
    'chatter_sessions{state="anonymous"}': 1,
    'chatter_presence_people': 2,
    'chatter_rooms_open': 1,
    'chatter_frames_received_total{kind="hello"}': 3,
    'chatter_frames_received_total{kind="room.open"}': 4,
    'chatter_frames_received_total{kind="message.send"}': 3,
    'chatter_answers_total{code="ok"}': 6,
    'chatter_answers_total{code="not_found"}': 1,
    'chatter_request_duration_seconds_count{kind="message.send"}': 3,
    'chatter_messages_stored_total': 2,
    'chatter_facts_delivered_total': 6,
  });
  await world.close();
});

it('counts each frame that went out, and its bytes', async () => {
  const world = await ServerWorld.start();
  const room = await world.group('garden', 'ann', 'ben');
  const [ann, ben] = [await world.connect('ann'), await world.connect('ben')];
  await ben.ask('room.open', { room });
  await ann.send(room, 'größer als ein Byte');
  await until(() => ben.facts(room).length === 1, 'the fact');
  const frames = [...ann.frames, ...ben.frames];
  const series = await seriesOf(world.server);
  assert.equal(series.get('chatter_frames_sent_total'), frames.length);
  assert.equal(series.get('chatter_sent_bytes_total'), frames.reduce((sum, frame) => sum + Buffer.byteLength(JSON.stringify(frame)), 0));
  await world.close();
});

it('counts what REST does as well', async () => {
  const world = await ServerWorld.start();
  const headers = { authorization: `Bearer ${await world.token('ann')}` };
  assert.equal((await world.server.app.request('/api/v1/rooms', { headers })).status, 200);
  assert.equal((await world.server.app.request('/api/v1/rooms/none', { headers })).status, 404);
  assert.equal((await world.server.app.request('/api/v1/rooms')).status, 401);
  await assertSeries(world.server, {
    'chatter_answers_total{code="ok"}': 1,
    'chatter_answers_total{code="not_found"}': 1,
    'chatter_answers_total{code="unauthorized"}': 1,
    'chatter_request_duration_seconds_count{kind="rooms.list"}': 1,
    'chatter_request_duration_seconds_count{kind="room.get"}': 1,
  });
  await world.close();
});

it('counts ends of sessions by their code, slow readers, and refusals by the limit', async () => {
  const world = await ServerWorld.start({ limits: { frameBurst: 5, framesPerSecond: 1, sendBurst: 1, requestBurst: 10 } });
  const room = await world.group('garden', 'ann', 'ben', 'cat');
  const ann = await world.connect('ann');
  await ann.send(room, 'one');
  assert.equal(await ann.refusal('message.send', { room, clientMsgId: 'two', text: 'two' }), 'rate_limited');
  for (let index = 0; index < 10; index++) ann.begin('rooms.list', { limit: 1 });
  await until(() => ann.all('error').some(({ message }) => message.includes('connection')), 'a refused frame');
  ann.cut();
  const slow = await world.connect('ben');
  await slow.ask('room.open', { room });
  slow.bufferedBytes = 2 * 1024 * 1024;
  await (await world.connect('cat')).send(room, 'two');
  await until(() => slow.closed !== undefined, 'the end of the slow one');
  const silent = world.dial();
  await world.clock.advance(11_000);
  assert.equal(silent.closeCode(), closeCodes.helloTimeout);
  const series = await seriesOf(world.server);
  assert.equal(series.get('chatter_rate_limited_total{bucket="sends"}'), 1);
  assert.ok(series.get('chatter_rate_limited_total{bucket="frames"}')! > 0);
  assert.equal(series.get('chatter_sessions_closed_total{code="gone"}'), 1);
  assert.equal(series.get('chatter_sessions_closed_total{code="4208"}'), 1);
  assert.equal(series.get('chatter_sessions_closed_total{code="4210"}'), 1);
  assert.equal(series.get('chatter_slow_readers_total'), 1);
  await world.close();
});

it('counts connections that are refused because one address makes too many', async () => {
  const world = await ServerWorld.start({ trustedProxies: 1, limits: { connectBurst: 1, connectsPerSecond: 1 } });
  const server = createServer(world.server.listener);
  world.server.attach(server);
  const { port, close } = await listenAnywhere(server);
  const upgrade = () => exchange(port, 'GET /ws HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nX-Forwarded-For: 203.0.113.1\r\n\r\n');
  assert.match(await upgrade(), /^HTTP\/1.1 400/, 'no subprotocol is offered');
  for (let again = 0; again < 2; again++) assert.match(await upgrade(), /^HTTP\/1.1 429/);
  await assertSeries(world.server, { 'chatter_rate_limited_total{bucket="connects"}': 2 });
  await Promise.all([close(), world.close()]);
});

it('tells the mode of the bus, what went over it, and what was healed', async () => {
  const world = await ServerWorld.start({}, { nodes: 2 });
  const room = await world.group('garden', 'ann', 'ben');
  const [ann, ben] = [await world.connect('ann'), await world.connect('ben', { server: world.servers[1] })];
  await ben.ask('room.open', { room });
  await ann.send(room, 'one');
  await until(() => ben.facts(room).length === 1, 'the first fact');
  const [first, second] = await Promise.all(world.servers.map(seriesOf));
  assert.ok(first!.get('chatter_bus_published_total')! > 0);
  assert.ok(second!.get('chatter_bus_delivered_total')! > 0);
  assert.equal(first!.get('chatter_bus_mode{mode="up"}'), 1);
  const healedBefore = second!.get('chatter_holes_healed_total')!;
  const found = world.broker.drop(() => true);
  await ann.send(room, 'two');
  await ann.quiet();
  found();
  await world.clock.advance(11_000);
  await until(() => ben.facts(room).length === 2, 'the fact that was lost on the way');
  world.broker.down();
  await assertSeries(world.servers[1]!, {
    'chatter_holes_healed_total': healedBefore + 1,
    'chatter_bus_mode{mode="alone"}': 0, 'chatter_bus_mode{mode="up"}': 0, 'chatter_bus_mode{mode="down"}': 1,
  });
  world.broker.up();
  await assertSeries(world.servers[1]!, { 'chatter_bus_mode{mode="up"}': 1, 'chatter_bus_mode{mode="down"}': 0, 'chatter_bus_gaps_total': 1 });
  await world.close();
});

it('counts who has to start over', async () => {
  const world = await ServerWorld.start();
  const room = await world.group('garden', 'ann');
  const ann = await world.connect('ann');
  assert.equal((await ann.ask('room.open', { room, epoch: 'another', after: 1 })).reset, true);
  assert.equal((await ann.ask('room.changes', { room, epoch: 'another', after: 1 })).reset, true);
  await assertSeries(world.server, { chatter_resets_total: 2 });
  await world.close();
});

it('G8, G9: whatever people say, no label holds it, and the series are as many as before', async () => {
  const world = await ServerWorld.start({ metricsToken: 'canary-of-the-scraper' });
  const names = async () => [...(await seriesOf(world.server)).keys()].filter((name) => name.startsWith('chatter_')).sort();
  const say = async (from: number): Promise<void> => {
    for (let index = from; index < from + 20; index++) {
      const room = await world.group(`canary-${index}`, `canary-${index}`);
      const peer = await world.connect(`canary-${index}`, { tenant: index % 2 === 0 ? undefined : `canary-${index}` });
      peer.say({ kind: `canary-${index}` });
      for (const kind of ['__proto__', 'constructor', 'toString', `canary-${index}`]) peer.say({ kind, ref: 1_000 + index });
      await peer.refusal('room.open', { room: `canary-${index}` });
      await peer.answerTo('room.open', { room });
      await peer.answerTo('message.send', { room, clientMsgId: `canary-${index}`, text: `canary-${index}` });
      await world.server.app.request(`/api/v1/canary-${index}`, { headers: { authorization: `Bearer ${await world.token(`canary-${index}`)}` } });
      peer.cut();
    }
  };
  await say(0);
  const before = await names();
  await say(100);
  assert.deepEqual(await names(), before);
  const text = await world.server.metrics();
  assert.doesNotMatch(text, /canary|__proto__|constructor|default"/);
  assert.ok((await seriesOf(world.server)).get('chatter_frames_received_total{kind="other"}')! >= 40);
  await world.close();
});

it('each server counts its own, and tells of the process it is in', async () => {
  const [one, other] = await Promise.all([ServerWorld.start(), ServerWorld.start()]);
  await one.connect('ann');
  await assertSeries(one.server, { 'chatter_frames_received_total{kind="hello"}': 1 });
  await assertSeries(other.server, { 'chatter_frames_received_total{kind="hello"}': 0 });
  for (const world of [one, other]) {
    const series = await seriesOf(world.server);
    for (const name of ['process_resident_memory_bytes', 'nodejs_eventloop_lag_p99_seconds', 'process_open_fds']) assert.ok(series.has(name), name);
    assert.ok(![...series.keys()].some((name) => name.startsWith('nodejs_active')), 'nothing that lists all sockets');
  }
  await Promise.all([one.close(), other.close()]);
});

it('counts transactions with their writes, what waits for one, statements, and those that fail', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'chatter-metrics-'));
  const metrics = new PrometheusMetrics();
  const url = `sqlite:${join(folder, 'chatter.sqlite3')}`;
  const store = await openSequelizeStore({ url, metrics });
  const series = async () => seriesOf({ metrics: () => metrics.text() });
  await store.putPeople('default', [{ id: 'ann', name: 'Ann' }]);
  const { room: { id: room } } = await store.createRoom('default', { kind: 'group', members: ['ann'] });
  const before = await series();
  const sends = Array.from({ length: 300 }, (_, index) => store.appendMessage('default', { room, senderId: 'ann', clientMsgId: `m${index}`, text: 'hello' }));
  assert.equal((await series()).get('chatter_writes_waiting'), 300);
  await Promise.all(sends);
  const after = await series();
  const grown = (name: string) => after.get(name)! - before.get(name)!;
  assert.equal(after.get('chatter_writes_waiting'), 0);
  assert.equal(grown('chatter_transaction_writes_sum'), 300);
  assert.equal(grown('chatter_transaction_writes_count'), 2, 'a transaction takes up to 256');
  assert.equal(grown('chatter_transaction_duration_seconds_count'), 2);
  assert.ok(grown('chatter_sql_statements_total') >= 6 && grown('chatter_sql_statements_total') < 300);
  assert.equal(after.get('chatter_database_errors_total'), 0);
  const other = await openDatabase(url, { connections: 1, clock: systemClock });
  await other.transaction((connection) => connection.run(words('DROP TABLE messages')));
  await other.close();
  await assert.rejects(store.history('default', room, { limit: 1 }));
  assert.ok((await series()).get('chatter_database_errors_total')! > 0);
  await store.close();
  await rm(folder, { recursive: true });
});
