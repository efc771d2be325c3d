import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';
import { describe, it } from 'node:test';
import type { Bus, BusMode } from '../../../server/bus/bus.ts';
import { openRedisBus } from '../../../server/bus/redis-bus.ts';
import { type Clock, systemClock } from '../../../server/clock.ts';
import { createLog } from '../../../server/log.ts';
import { busContract } from '../../contract/bus.contract.ts';
import { ManualClock } from '../../support/clock.ts';
import { Proxy } from '../../support/services/proxy.ts';
import { type RedisService, startRedis, startRedisCluster, startSentinel } from '../../support/services/redis.ts';

const isSubscriber = (said: string) => said.includes('subscribe');

/** Buses over one Redis that is started for the test, and everything that is to be let go of at its end. */
class RedisWorld {
  readonly redis: RedisService;
  readonly buses: Bus[] = [];
  readonly log: string[] = [];
  readonly #proxies: Proxy[] = [];

  private constructor(redis: RedisService) {
    this.redis = redis;
  }

  static async run(test: (world: RedisWorld) => Promise<void>, settings: readonly string[] = []): Promise<void> {
    const world = new RedisWorld(await startRedis(settings));
    try {
      await test(world);
    } finally {
      await world.close();
    }
  }

  static async start(): Promise<RedisWorld> {
    return new RedisWorld(await startRedis());
  }

  open({ url = this.redis.url, prefix = 'test', clock = systemClock as Clock } = {}): Bus {
    const bus = openRedisBus({ url, prefix, clock, log: createLog('debug', { write: (line) => this.log.push(line) }) });
    this.buses.push(bus);
    return bus;
  }

  async opened(options: { url?: string; prefix?: string; clock?: Clock } = {}): Promise<Bus> {
    const bus = this.open(options);
    await becomes(bus, 'up');
    return bus;
  }

  async proxy(): Promise<Proxy & { url: string }> {
    const proxy = await Proxy.to(this.redis.port);
    this.#proxies.push(proxy);
    return Object.assign(proxy, { url: `redis://127.0.0.1:${proxy.port}` });
  }

  async close(): Promise<void> {
    this.redis.resume();
    await Promise.all(this.buses.map((bus) => bus.close()));
    await Promise.all(this.#proxies.map((proxy) => proxy.close()));
    await this.redis.stop();
  }
}

async function becomes(bus: Bus, mode: BusMode): Promise<void> {
  if (bus.mode === mode) return;
  await new Promise<void>((resolve) => {
    const undo = bus.onModeChange((next) => {
      if (next !== mode) return;
      undo();
      resolve();
    });
  });
}

/** The next payloads that come on any topic. */
async function hears(bus: Bus, count = 1): Promise<string[]> {
  const heard: string[] = [];
  await new Promise<void>((resolve) => {
    const undo = bus.onDelivery((_topic, payload) => {
      heard.push(payload);
      if (heard.length < count) return;
      undo();
      resolve();
    });
  });
  return heard;
}

function gap(bus: Bus): Promise<void> {
  return new Promise((resolve) => {
    const undo = bus.onGap(() => {
      undo();
      resolve();
    });
  });
}

/** Real sockets say what they have to say: this one says something to itself, some times. */
async function moment(): Promise<void> {
  const server = createServer((socket) => socket.pipe(socket)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
  for (let turn = 0; turn < 5; turn++) {
    socket.write('?');
    await once(socket, 'data');
  }
  socket.destroy();
  server.close();
}

/** Turns a clock on until something is so; real sockets answer in between. */
async function turnUntil(clock: ManualClock, isSo: () => boolean, mostMs: number): Promise<number> {
  const startedAt = clock.now();
  while (!isSo()) {
    assert.ok(clock.now() - startedAt < mostMs, `not within ${mostMs} ms`);
    await clock.advance(100, moment);
  }
  return clock.now() - startedAt;
}

busContract('Redis', async () => {
  const world = await RedisWorld.start();
  let isDown = false;
  const all = (mode: BusMode) => Promise.all(world.buses.filter((bus) => !closed.has(bus)).map((bus) => becomes(bus, mode)));
  const closed = new Set<Bus>();
  return {
    async bus() {
      const bus = world.open();
      const close = bus.close.bind(bus);
      bus.close = () => {
        closed.add(bus);
        return close();
      };
      if (!isDown) await becomes(bus, 'up');
      return bus;
    },
    async down() {
      isDown = true;
      await world.redis.kill();
      await all('down');
    },
    async up() {
      isDown = false;
      const gaps = world.buses.map(gap);
      await world.redis.restart();
      await Promise.all(gaps);
    },
    close: () => world.close(),
  };
});

describe('Redis as a bus', () => {
  it('G6: connections that Redis ends are made anew: down, up, and a gap is told', () => RedisWorld.run(async (world) => {
    const [from, to] = [await world.opened(), await world.opened()];
    await to.subscribe('garden');
    const modes: string[] = [];
    to.onModeChange((mode) => modes.push(mode));
    for (const type of ['pubsub', 'normal']) {
      const isHealed = Promise.all([gap(to), ...(type === 'normal' ? [gap(from)] : [])]);
      await world.redis.command('CLIENT', 'KILL', 'TYPE', type);
      await isHealed;
    }
    assert.deepEqual(modes, ['down', 'up', 'down', 'up']);
    const heard = hears(to);
    await becomes(from, 'up');
    from.publish('garden', 'still there?');
    assert.deepEqual(await heard, ['still there?']);
  }));

  it('G6: what could not go out while Redis was away goes out when it is there', () => RedisWorld.run(async (world) => {
    const proxy = await world.proxy();
    const [from, to] = [await world.opened({ url: proxy.url }), await world.opened()];
    await to.subscribe('garden');
    proxy.cut();
    await becomes(from, 'down');
    const heard = hears(to, 2);
    from.publish('garden', 'one');
    from.publish('garden', 'two');
    proxy.heal();
    assert.deepEqual(await heard, ['one', 'two']);
    assert.equal(from.counters.unsent, 0);
  }));

  it('G6: what was on its way when the line was lost is said again', () => RedisWorld.run(async (world) => {
    const proxy = await world.proxy();
    const [from, to] = [await world.opened({ url: proxy.url }), await world.opened()];
    await to.subscribe('garden');
    const heard = hears(to, 2);
    proxy.hold('up');
    from.publish('garden', 'swallowed');
    await moment();
    proxy.cut();
    await becomes(from, 'down');
    from.publish('garden', 'after it');
    proxy.heal();
    assert.deepEqual(await heard, ['swallowed', 'after it']);
    await from.close();
    assert.deepEqual(from.counters, { published: 2, delivered: 0, unsent: 0, garbage: 0 });
  }));

  it('G6: a Redis that stands still is found by the echo that does not come, within 5 s of the next one', () => RedisWorld.run(async (world) => {
    const clock = new ManualClock();
    const bus = await world.opened({ clock });
    await turnUntil(clock, () => clock.timerCount === 1, 10_000);
    // Each time the clock stops, Redis has done what it was asked before.
    await clock.advance(20_000, async () => {
      for (let turn = 0; turn < 3; turn++) await world.redis.command('PING');
    });
    assert.equal(bus.mode, 'up', 'while it answers nothing happens');
    world.redis.pause();
    const foundMs = await turnUntil(clock, () => bus.mode === 'down', 10_000);
    assert.ok(foundMs >= 3_000 && foundMs <= 5_000 + 100, `found after ${foundMs} ms`);
    await turnUntil(clock, () => world.log.length > 0, 1_000);
    assert.match(world.log[0]!, /does not come back/);
    await clock.advance(30_000, moment);
    assert.equal(bus.mode, 'down');
    world.redis.resume();
    await turnUntil(clock, () => bus.mode === 'up', 600_000);
  }));

  it('G6: a subscriber that is cut off, and looks well, is found too, while the publisher works on', () => RedisWorld.run(async (world) => {
    const clock = new ManualClock();
    const proxy = await world.proxy();
    const [deaf, other] = [await world.opened({ url: proxy.url, clock }), await world.opened()];
    await Promise.all([deaf.subscribe('garden'), other.subscribe('garden')]);
    proxy.hold('down', isSubscriber);
    const heardByOther = hears(other);
    deaf.publish('garden', 'can you hear me?');
    assert.deepEqual(await heardByOther, ['can you hear me?']);
    await turnUntil(clock, () => deaf.mode === 'down', 5_100);
    proxy.heal();
    const isHealed = gap(deaf);
    await turnUntil(clock, () => deaf.mode === 'up', 600_000);
    await isHealed;
    const heard = hears(deaf);
    other.publish('garden', 'and I hear you');
    assert.deepEqual(await heard, ['and I hear you']);
  }));

  it('a subscription that is asked for when the line is dead resolves when that is found', () => RedisWorld.run(async (world) => {
    const clock = new ManualClock();
    const proxy = await world.proxy();
    const bus = await world.opened({ url: proxy.url, clock });
    proxy.hold('both');
    const subscribed = bus.subscribe('garden');
    await turnUntil(clock, () => bus.mode === 'down', 5_100);
    await subscribed;
  }));

  it('a Redis that is emptied is no trouble', () => RedisWorld.run(async (world) => {
    const [from, to] = [await world.opened(), await world.opened()];
    await to.subscribe('garden');
    await world.redis.command('FLUSHALL');
    const heard = hears(to);
    from.publish('garden', 'hello');
    assert.deepEqual(await heard, ['hello']);
    assert.deepEqual([from.mode, to.mode], ['up', 'up']);
  }));

  it('G8: what no node of this version has sealed is dropped and counted, and the node stays up', () => RedisWorld.run(async (world) => {
    const [from, to] = [await world.opened(), await world.opened()];
    await to.subscribe('garden');
    const heard = hears(to);
    const garbage = ['', 'hello', '{"kind":"changed"}', '2 AAAAAAAAAAAAAAAA hello', '1 short hello', '1 AAAAAAA AAAAAAAA hello', `1 AAAAAAAAAAAAAAAA ${'x'.repeat(1024 * 1024)}`];
    for (const text of garbage) await world.redis.command('PUBLISH', 'test:garden', text);
    from.publish('garden', 'sense');
    assert.deepEqual(await heard, ['sense']);
    assert.equal(to.counters.garbage, garbage.length);
    assert.equal(to.mode, 'up');
  }));

  it('what is too long for the bus is not said, and told', () => RedisWorld.run(async (world) => {
    const bus = await world.opened();
    const stages: string[] = [];
    bus.onError((_error, stage) => stages.push(stage));
    bus.publish('garden', 'x'.repeat(1024 * 1024));
    assert.deepEqual(stages, ['publish']);
    assert.equal(bus.counters.unsent, 1);
  }));

  it('G8: two installations on one Redis hear nothing of each other', () => RedisWorld.run(async (world) => {
    const [blue, blueToo, green] = [await world.opened({ prefix: 'blue' }), await world.opened({ prefix: 'blue' }), await world.opened({ prefix: 'green' })];
    await Promise.all([blueToo, green].map((bus) => bus.subscribe('garden')));
    const [heardByBlue, heardByGreen] = [hears(blueToo), hears(green)];
    blue.publish('garden', 'blue');
    assert.deepEqual(await heardByBlue, ['blue']);
    const greenToo = await world.opened({ prefix: 'green' });
    greenToo.publish('garden', 'green');
    assert.deepEqual(await heardByGreen, ['green'], 'and blue never came');
  }));

  it('no Redis at the start is no error: it is down, one line a minute says why, and it is up when Redis is', () => RedisWorld.run(async (world) => {
    await world.redis.kill();
    const clock = new ManualClock();
    const bus = world.open({ clock });
    await bus.subscribe('garden');
    bus.publish('garden', 'hello?');
    await turnUntil(clock, () => world.log.length > 0, 10_000);
    assert.equal(bus.mode, 'down');
    assert.equal(world.log.length, 1);
    assert.match(world.log[0]!, /^(?=.*"warn")(?=.*Redis cannot be used)(?=.*ECONNREFUSED)/);
    assert.doesNotMatch(world.log[0]!, /\n.*\n|    at /, 'no stack');
    await clock.advance(59_000, moment);
    assert.equal(world.log.length, 1);
    await clock.advance(60_000, moment);
    assert.equal(world.log.length, 2);
    await world.redis.restart();
    await turnUntil(clock, () => bus.mode === 'up', 600_000);
    assert.match(world.log.at(-1)!, /Redis answers/);
  }));

  it('C4: a password that is wrong is told, and never said', () => RedisWorld.run(async (world) => {
    const url = `redis://:a-wrong-secret@127.0.0.1:${world.redis.port}`;
    const clock = new ManualClock();
    const bus = world.open({ url, clock });
    await turnUntil(clock, () => world.log.length > 0, 10_000);
    assert.match(world.log[0]!, /WRONGPASS/);
    assert.ok(!world.log.join('').includes('secret'));
    const right = await world.opened({ url: `redis://:right@127.0.0.1:${world.redis.port}` });
    assert.deepEqual([bus.mode, right.mode], ['down', 'up']);
  }, ['--requirepass', 'right']));

  it('TLS that the other end does not speak is told, and ends nothing', () => RedisWorld.run(async (world) => {
    const other = createServer((socket) => {
      socket.on('error', () => {});
      socket.write('HTTP/1.1 400 Bad Request\r\n\r\n');
    }).listen(0, '127.0.0.1');
    await once(other, 'listening');
    const bus = world.open({ url: `rediss://127.0.0.1:${(other.address() as AddressInfo).port}` });
    await untilTold(world);
    assert.match(world.log[0]!, /wrong version number|packet length too long/);
    assert.equal(bus.mode, 'down');
    await bus.close();
    other.close();
  }));

  it('a person of Redis who may do no more than the bus needs is enough', () => RedisWorld.run(async (world) => {
    const url = `redis://chatter:narrow@127.0.0.1:${world.redis.port}`;
    const [from, to] = [await world.opened({ url }), await world.opened({ url })];
    await to.subscribe('garden');
    const heard = hears(to);
    from.publish('garden', 'hello');
    assert.deepEqual(await heard, ['hello']);
    const stranger = world.open({ url, prefix: 'elsewhere' });
    await untilTold(world);
    assert.match(world.log[0]!, /NOPERM/);
    assert.equal(stranger.mode, 'down', 'and no other prefix');
  }, ['--user', 'chatter', 'on', '>narrow', 'resetchannels', '&test:*', '-@all', '+publish', '+subscribe', '+unsubscribe', '+client|setname']));

  it('G9: while Redis takes nothing, what waits is bounded, the oldest goes first, and the sender is not held up', () => RedisWorld.run(async (world) => {
    const clock = new ManualClock();
    const proxy = await world.proxy();
    const bus = await world.opened({ url: proxy.url, clock });
    proxy.hold('both');
    const payload = 'x'.repeat(512 * 1024);
    for (let index = 0; index < 100; index++) bus.publish('garden', `${index} ${payload}`);
    await Promise.resolve();
    assert.ok(bus.counters.unsent >= 80, `${bus.counters.unsent} of 100 were dropped`);
    const [to, heard] = [await world.opened(), [] as string[]];
    await to.subscribe('garden');
    to.onDelivery((_topic, text) => heard.push(text.split(' ')[0]!));
    proxy.heal();
    await turnUntil(clock, () => heard.includes('99'), 10_000);
    assert.equal(heard.length, new Set(heard).size);
    assert.deepEqual(heard.map(Number), heard.map(Number).sort((a, b) => a - b), 'in order');
  }));

  it('closes also while it is connecting, and while it waits to', () => RedisWorld.run(async (world) => {
    const proxy = await world.proxy();
    proxy.hold('both');
    const connecting = world.open({ url: proxy.url });
    await connecting.close();
    await world.redis.kill();
    const waiting = world.open();
    await untilTold(world);
    await waiting.close();
    const tooEarly = world.open();
    await tooEarly.close();
    assert.deepEqual([connecting.mode, waiting.mode, tooEarly.mode], ['down', 'down', 'down']);
  }));

  it('what was said before it closes is heard', () => RedisWorld.run(async (world) => {
    const [from, to] = [await world.opened(), await world.opened()];
    await to.subscribe('garden');
    const heard = hears(to);
    from.publish('garden', 'goodbye');
    await from.close();
    assert.deepEqual(await heard, ['goodbye']);
  }));
});

describe('Redis in its other ways', () => {
  it('Sentinel: the one that it names is used, and after a failover the other one', async () => {
    const master = await startRedis();
    const replica = await startRedis(['--replicaof', '127.0.0.1', String(master.port), '--repl-diskless-sync-delay', '0']);
    const sentinel = await startSentinel('mymaster', master);
    const url = `redis+sentinel://127.0.0.1:1,127.0.0.1:${sentinel.port}/mymaster`;
    const log: string[] = [];
    const stranger = openRedisBus({ url: url.replace('mymaster', 'nobodys'), prefix: 'test', log: createLog('debug', { write: (line) => log.push(line) }) });
    while (!log.some((line) => line.includes('the Sentinels know no') || line.includes('ECONNREFUSED'))) await moment();
    await stranger.close();
    assert.equal(stranger.mode, 'down');
    const buses = [1, 2].map(() => openRedisBus({ url, prefix: 'test', log: createLog('silent') }));
    const [from, to] = buses as [Bus, Bus];
    try {
      await Promise.all(buses.map((bus) => becomes(bus, 'up')));
      await to.subscribe('garden');
      const heard = hears(to);
      from.publish('garden', 'before');
      assert.deepEqual(await heard, ['before']);
      await Promise.all([replica.said(/sync: Finished with success/), sentinel.said(new RegExp(`\\+slave slave 127.0.0.1:${replica.port}`))]);
      const areHealed = Promise.all(buses.map(gap));
      await master.kill();
      await areHealed;
      assert.match(await replica.command('ROLE'), /master/);
      const heardAgain = hears(to);
      from.publish('garden', 'after');
      assert.deepEqual(await heardAgain, ['after']);
    } finally {
      await Promise.all(buses.map((bus) => bus.close()));
      await Promise.all([sentinel, replica, master].map((service) => service.stop()));
    }
  });

  it('Cluster: what is published on one machine is heard at another, and one that is gone is gone around', async () => {
    const nodes = await startRedisCluster(3);
    const urlOf = (...at: number[]) => `redis+cluster://${at.map((index) => `127.0.0.1:${nodes[index]!.port}`).join(',')}`;
    const buses = [urlOf(0), urlOf(1), urlOf(2, 0)].map((url) => openRedisBus({ url, prefix: 'test', log: createLog('silent') }));
    const [first, second, third] = buses as [Bus, Bus, Bus];
    try {
      await Promise.all(buses.map((bus) => becomes(bus, 'up')));
      await Promise.all([second, third].map((bus) => bus.subscribe('garden')));
      const heard = Promise.all([hears(second), hears(third)]);
      first.publish('garden', 'to all');
      assert.deepEqual(await heard, [['to all'], ['to all']]);
      await nodes[2]!.kill();
      const late = openRedisBus({ url: urlOf(2, 1), prefix: 'test', log: createLog('silent') });
      buses.push(late);
      await becomes(late, 'up');
      await becomes(third, 'up');
      const heardByThird = hears(third);
      late.publish('garden', 'without the third machine');
      assert.deepEqual(await heardByThird, ['without the third machine']);
    } finally {
      await Promise.all(buses.map((bus) => bus.close()));
      await Promise.all(nodes.map((node) => node.stop()));
    }
  });
});

async function untilTold(world: RedisWorld): Promise<void> {
  while (world.log.length === 0) await new Promise((resolve) => { setImmediate(resolve); });
}
