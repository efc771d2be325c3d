import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { limits, rhythms } from '#protocol/codes';
import { ChatterError, type Auth } from '../../../server/index.ts';
import { MemoryStore } from '../../../server/store/memory-store.ts';
import { ManualClock, OwnClock, settled } from '../../support/clock.ts';
import { type Peer, ServerWorld, until } from '../../support/server-world.ts';

describe('saying hello', () => {
  let world: ServerWorld;
  before(async () => {
    world = await ServerWorld.start();
  });
  after(() => world.close());

  it('C5: a good token is answered with ready, which says who one is and what holds here', async () => {
    const peer = await world.connect('ann');
    const ready = peer.all('ready')[0]!;
    assert.deepEqual(ready.user, { id: 'ann', name: 'Ann' });
    assert.equal(ready.tenant, 'default');
    assert.equal(ready.now, world.clock.now());
    assert.deepEqual(ready.limits, { textCharacters: limits.textCharacters, frameBytes: limits.frameBytes, roomsPerConnection: limits.roomsPerConnection });
    assert.deepEqual(await world.store.people('default', ['ann']), [{ id: 'ann', name: 'Ann' }]);
  });

  it('C3: nothing for 10 s closes 4210', async () => {
    const peer = world.dial();
    await world.clock.advance(limits.helloTimeoutMs - 1_000);
    assert.equal(peer.closed, undefined);
    await world.clock.advance(2_000);
    assert.equal(peer.closeCode(), 4210);
  });

  it('C3: anything but hello closes 4000, with a sentence that says what is wrong with it', async () => {
    const token = await world.token('ann');
    const hello = { kind: 'hello', ref: 1, version: 1, token };
    const noHello = /^The first frame is hello, with ref, version and token\.$/;
    for (const [frame, sentence] of [
      ['not json', /JSON/], ['', /JSON/], ['[]', noHello], ['null', noHello], [{ kind: 'rooms.list', ref: 1 }, noHello], [{ kind: 'heartbeat' }, noHello],
      [{ ...hello, ref: 'one' }, /^hello: "ref": .*number/], [{ ...hello, version: '1' }, /^hello: "version": .*number/],
      [{ ...hello, token: 7 }, /^hello: "token": .*string/], [{ kind: 'hello', ref: 1, version: 1 }, /^hello: "token": /],
      [{ ...hello, padding: 'x'.repeat(limits.helloBytes) }, /up to 8192 bytes/],
    ] as const) {
      const peer = world.dial();
      peer.say(frame);
      await until(() => peer.closed !== undefined, 'the close');
      assert.equal(peer.closeCode(), 4000, JSON.stringify(frame).slice(0, 80));
      assert.match(peer.closed!.reason, sentence);
      assert.deepEqual(peer.frames, []);
    }
  });

  it('C3: more frames before ready close 4000: nothing is queued for strangers', async () => {
    const peer = world.dial();
    peer.say({ kind: 'hello', ref: 1, version: 1, token: await world.token('ann') });
    peer.say({ kind: 'rooms.list', ref: 2 });
    assert.equal(peer.closeCode(), 4000);
    await peer.quiet();
    assert.deepEqual(peer.frames, []);
  });

  it('another version closes 4005', async () => {
    const peer = world.dial();
    peer.say({ kind: 'hello', ref: 1, version: 2, token: await world.token('ann') });
    assert.equal(peer.closeCode(), 4005);
  });

  it('C5: a token that will never be good closes 4001, one that has ended 4101', async () => {
    for (const [token, code] of [
      ['garbage', 4001],
      [`${await world.token('ann')}x`, 4001],
      [await world.token('ann', { lastsMs: -3_600_000 }), 4101],
    ] as const) {
      const peer = world.dial();
      peer.say({ kind: 'hello', ref: 1, version: 1, token });
      await until(() => peer.closed !== undefined, 'the close');
      assert.equal(peer.closeCode(), code);
    }
  });

  it('C4: no token is in the log', async () => {
    const token = await world.token('ann');
    const peer = world.dial();
    peer.say({ kind: 'hello', ref: 1, version: 1, token });
    await peer.next('ready');
    const bad = world.dial();
    bad.say({ kind: 'hello', ref: 1, version: 1, token: `${token}x` });
    await until(() => bad.closed !== undefined, 'the close');
    assert.ok(!world.log.join('\n').includes(token.slice(-20)));
  });

  it('C11: a person may have so many connections; one more takes the place of that which was silent longest, where none owes an answer', async () => {
    const room = await world.group('garden', 'many', 'ann');
    const peers: Peer[] = [];
    for (let index = 0; index < limits.connectionsPerUser; index++) {
      peers.push(await world.connect('many'));
      await world.clock.advance(10);
    }
    for (const [index, peer] of peers.entries()) if (index !== 7) await peer.ask('room.open', { room });
    const oneMore = await world.connect('many');
    assert.deepEqual(peers.flatMap((peer, index) => (peer.closed ? [{ index, code: peer.closed.code }] : [])), [{ index: 7, code: 4004 }]);
    assert.match(peers[7]!.closed!.reason, /more than 20 places/);
    await oneMore.send(room, 'here');
    for (const [index, peer] of peers.entries()) {
      await peer.quiet();
      assert.equal(peer.facts(room).some(({ kind }) => kind === 'message'), index !== 7);
    }
    peers[0]!.cut();
    await world.connect('many');
    assert.equal(peers.filter((peer) => peer.closed?.code === 4004).length, 1, 'there was a place');
  });

  it('C11: a tab that is only looked at, and answers, stays, though it was silent for longer than those that broke', async () => {
    const tab = await world.connect('mobile', { canPing: true });
    await world.clock.advance(5_000);
    const broken: Peer[] = [];
    const comeAgain = async (): Promise<void> => {
      broken.push(await world.connect('mobile', { canPing: true }));
      if (tab.pings > 0) tab.heard();
      await world.clock.advance(1_000);
    };
    while (broken.length < limits.connectionsPerUser - 2) await comeAgain();
    assert.equal(tab.pings, 0, 'there are places');
    // More than the places, and all before the server would ask by itself whether the first of them is there.
    for (let more = 0; more < 4; more++) await comeAgain();
    assert.equal(tab.closed, undefined);
    assert.deepEqual(broken.flatMap((peer, index) => (peer.closed ? [{ index, code: peer.closed.code }] : [])), [0, 1, 2].map((index) => ({ index, code: 4004 })));
    assert.ok(broken.every(({ pings }) => pings <= 1), 'who owes an answer is not asked again');
  });

  it('where nobody can say whether a token is good, one is to come back later', async () => {
    const auth: Auth = { authenticate: () => Promise.reject(new ChatterError('unavailable', 'The issuer does not answer.')) };
    const lost = await ServerWorld.start({ auth });
    const peer = lost.dial();
    peer.say({ kind: 'hello', ref: 1, version: 1, token: 'any' });
    await until(() => peer.closed !== undefined, 'the close');
    assert.equal(peer.closeCode(), 4220);
    await lost.close();
  });
});

it('C6: the end of a token is announced, a fresh one goes on in place, and without one the session closes 4101', async () => {
  const world = await ServerWorld.start();
  const lastsMs = 300_000;
  const [renewing, idle] = [await world.connect('ann', { lastsMs }), await world.connect('ben', { lastsMs })];
  await world.clock.advance(lastsMs - rhythms.tokenWarningMs - 1_000);
  assert.equal(renewing.all('token.expiring').length, 0);
  await world.clock.advance(2_000);
  assert.equal(renewing.all('token.expiring').length, 1);
  const { expiresAt } = await renewing.ask('token.refresh', { token: await world.token('ann', { lastsMs }) });
  assert.ok(expiresAt! > world.clock.now() + lastsMs - 2_000);
  await world.clock.advance(rhythms.tokenWarningMs + rhythms.tokenGraceMs - 3_000);
  assert.equal(idle.closed, undefined, 'a little grace');
  await world.clock.advance(4_000);
  assert.equal(idle.closeCode(), 4101);
  assert.equal(renewing.closed, undefined);
  assert.equal(renewing.all('token.expiring').length, 1);
  await world.close();
});

it('C6: a token that is shorter than the warning is announced when half of it is over, not as soon as it comes', async () => {
  const world = await ServerWorld.start();
  const ann = await world.connect('ann', { lastsMs: 30_000 });
  await world.clock.advance(13_000);
  assert.equal(ann.all('token.expiring').length, 0);
  await world.clock.advance(3_000);
  assert.equal(ann.all('token.expiring').length, 1);
  await ann.ask('token.refresh', { token: await world.token('ann', { lastsMs: 30_000 }) });
  await world.clock.advance(13_000);
  assert.equal(ann.all('token.expiring').length, 1);
  await world.close();
});

it('C6: a token of another person or tenant closes 4003; a bad one is refused and changes nothing', async () => {
  const world = await ServerWorld.start();
  for (const token of [await world.token('ben'), await world.token('ann', { tenant: 'other' })]) {
    const ann = await world.connect('ann');
    ann.begin('token.refresh', { token });
    await until(() => ann.closed !== undefined, 'the close');
    assert.equal(ann.closeCode(), 4003);
  }
  const ann = await world.connect('ann');
  assert.equal(await ann.refusal('token.refresh', { token: 'garbage' }), 'unauthorized');
  await ann.ask('rooms.list', {});
  await world.close();
});

it('C8: a peer that is silent for 60 s is let go; one that answers pings stays; a heartbeat is answered', async () => {
  const world = await ServerWorld.start();
  const [dead, alive] = [await world.connect('ann', { canPing: true }), await world.connect('ben', { canPing: true })];
  for (let seconds = 0; seconds < 59; seconds++) {
    await world.clock.advance(1_000);
    if (alive.pings > 0) alive.heard();
  }
  assert.equal(dead.closed, undefined);
  assert.equal(dead.pings, 2);
  assert.ok(dead.all('heartbeat').length >= 2, 'pages cannot see a ping, so a frame says the same');
  await world.clock.advance(2_000);
  assert.equal(dead.closeCode(), 4209);
  assert.equal(alive.closed, undefined);
  alive.clear();
  alive.say({ kind: 'heartbeat' });
  assert.deepEqual(alive.frames, [{ kind: 'heartbeat' }]);
  await world.close();
});

for (const [how, byMs] of [['forward', 7_200_000], ['back', -7_200_000]] as const) {
  it(`C8, C3: the same times hold where the clock of the machine is set ${how}`, async () => {
    const time = new ManualClock();
    const clock = new OwnClock(time);
    const world = await ServerWorld.start({ clock });
    const dayMs = 86_400_000;
    const dead = await world.connect('ann', { canPing: true, lastsMs: dayMs });
    const alive = await world.connect('ben', { canPing: true, lastsMs: dayMs });
    const mute = world.dial();
    await time.advance(5_000);
    clock.jump(byMs);
    await time.advance(4_000);
    for (const peer of [dead, alive, mute]) assert.equal(peer.closed, undefined);
    await time.advance(2_000);
    assert.equal(mute.closeCode(), 4210);
    for (let seconds = 11; seconds < 59; seconds++) {
      await time.advance(1_000);
      if (alive.pings > 0) alive.heard();
    }
    assert.equal(dead.closed, undefined);
    assert.equal(dead.pings, 2);
    assert.ok(dead.all('heartbeat').length >= 2);
    await time.advance(2_000);
    assert.equal(dead.closeCode(), 4209);
    assert.equal(alive.closed, undefined);
    await world.close();
  });
}

it('C11: who was silent longest is known also where the clock of the machine was set back', async () => {
  const time = new ManualClock();
  const clock = new OwnClock(time);
  const world = await ServerWorld.start({ clock, limits: { connectionsPerUser: 2 } });
  const silent = await world.connect('ann');
  const talking = await world.connect('ann');
  clock.jump(-60_000);
  await time.advance(1_000);
  await talking.ask('rooms.list', {});
  await world.connect('ann');
  assert.equal(silent.closeCode(), 4004);
  assert.equal(talking.closed, undefined);
  await world.close();
});

it('C9: a server that goes away says so, answers what has begun, and closes 4200', async () => {
  const world = await ServerWorld.start();
  const room = await world.group('garden', 'ann');
  const ann = await world.connect('ann');
  const answer = ann.begin('message.send', { room, clientMsgId: 'last', text: 'last words' });
  await world.server.close();
  assert.equal(answer()?.kind, 'ok');
  assert.equal(ann.all('goaway').length, 1);
  assert.equal(ann.closeCode(), 4200);
  assert.equal(world.dial().closeCode(), 4200, 'and lets nobody in any more');
  await world.server.close();
});

it('G9: who waits for an answer to hello that never comes is not kept for ever', async () => {
  const world = await ServerWorld.start({ auth: { authenticate: () => new Promise(() => {}) } });
  const peer = world.dial();
  peer.say({ kind: 'hello', ref: 1, version: 1, token: 'any' });
  await world.clock.advance(59_000);
  assert.equal(peer.closed, undefined);
  await world.clock.advance(2_000);
  assert.equal(peer.closeCode(), 4220, 'to come back later');
  await world.close();
});

it('C9: what is still being read for lists when the server has gone is no error', async () => {
  const store = new MemoryStore();
  const world = await ServerWorld.start({ store });
  const room = await world.group('garden', 'ann');
  await world.meet('ben');
  const ann = await world.connect('ann');
  let refuse: (() => void) | undefined;
  store.summary = () => new Promise((_, reject) => {
    refuse = () => reject(new ChatterError('unavailable', 'The server is going away.'));
  });
  await ann.ask('member.add', { room, users: ['ben'] });
  await until(() => refuse !== undefined, 'the entry being read');
  await world.close();
  refuse!();
  await settled();
  assert.deepEqual(world.log.filter((line) => line.includes('"error"')), []);
});

it('nothing is left of a session that ends while it opens a room', async () => {
  const store = new MemoryStore();
  const world = await ServerWorld.start({ store });
  const room = await world.group('garden', 'ann');
  const ann = await world.connect('ann');
  const [find, heads] = [store.room.bind(store), store.heads.bind(store)];
  let letGo: (() => void) | undefined;
  store.room = async (...input) => {
    await new Promise<void>((resolve) => (letGo = resolve));
    return find(...input);
  };
  let asked = 0;
  store.heads = async (...input) => {
    asked += 1;
    return heads(...input);
  };
  ann.begin('room.open', { room });
  await until(() => letGo !== undefined, 'the room being read');
  ann.cut();
  letGo!();
  await world.clock.advance(rhythms.headsMs);
  assert.equal(asked, 0, 'nobody has it open');
  await world.close();
});

it('nothing of a session is left when it has ended', async () => {
  const world = await ServerWorld.start();
  const room = await world.group('garden', 'ann', 'ben');
  // From the first hello on the node keeps itself up to date of what is revoked.
  (await world.connect('ben')).cut();
  await world.clock.advance(rhythms.presenceGraceMs + 1_000);
  const before = world.clock.timerCount;
  const ann = await world.connect('ann');
  await ann.ask('room.open', { room });
  await ann.ask('presence.watch', { users: ['ben'] });
  ann.cut();
  await world.clock.advance(rhythms.presenceGraceMs + 1_000);
  assert.equal(world.clock.timerCount, before);
  await world.close();
  assert.equal(world.clock.timerCount, 0);
});
