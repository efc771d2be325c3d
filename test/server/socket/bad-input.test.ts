import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { limits } from '#protocol/codes';
import { type Peer, ServerWorld, until } from '../../support/server-world.ts';

describe('bad frames', () => {
  let world: ServerWorld;
  let room: string;
  let ben: Peer;

  before(async () => {
    world = await ServerWorld.start();
    room = await world.group('garden', 'ann', 'ben');
    ben = await world.connect('ben');
    await ben.ask('room.open', { room });
  });
  after(async () => {
    await ben.quiet();
    assert.deepEqual(ben.frames.filter(({ kind }) => kind !== 'ready' && kind !== 'ok'), [], 'nobody else heard any of it');
    await world.close();
  });

  it('F1: what is no JSON object with a kind is answered with bad_frame', async () => {
    const ann = await world.connect('ann');
    const junk = ['{', 'null', '[]', '7', '"text"', '{}', '{"kind":7}', '{"kind":null,"ref":5}'];
    for (const frame of junk) ann.say(frame);
    assert.deepEqual(ann.all('error').map(({ code, retry }) => [code, retry]), junk.map(() => ['bad_frame', false]));
    assert.equal(ann.all('error').at(-1)?.ref, 5, 'with its ref, where it had one');
    await ann.ask('rooms.list', {});
    assert.equal(ann.closed, undefined);
  });

  it('F1: ten bad frames in a row close 4000; a good one between forgives them', async () => {
    const ann = await world.connect('ann');
    for (let index = 0; index < 9; index++) ann.say('{');
    await ann.ask('rooms.list', {});
    for (let index = 0; index < 9; index++) ann.say({ kind: 'history', ref: 100 + index });
    assert.equal(ann.closed, undefined);
    ann.say('{');
    assert.equal(ann.closeCode(), 4000);
  });

  it('F2: an unknown kind with a ref is unsupported, without one it is ignored; unknown fields are ignored', async () => {
    const ann = await world.connect('ann');
    for (const kind of ['party.start', '__proto__', 'constructor', 'toString', 'hello']) ann.say({ kind, ref: 7 });
    assert.deepEqual(ann.all('error').map(({ code }) => code), Array(5).fill('unsupported'));
    ann.clear();
    ann.say({ kind: 'party.start' });
    ann.say({ kind: 'rooms.list', ref: 8, colour: 'green', userId: 'ben', tenant: 'other' });
    await until(() => ann.frames.length > 0, 'the answer');
    assert.deepEqual(ann.frames.map(({ kind }) => kind), ['ok']);
  });

  it('F3: wrong fields are answered with bad_frame and a sentence that names the field', async () => {
    const ann = await world.connect('ann');
    for (const [frame, field] of [
      [{ kind: 'history' }, 'room'],
      [{ kind: 'history', room: { $ne: null } }, 'room'],
      [{ kind: 'history', room: ['a'] }, 'room'],
      [{ kind: 'history', room: '../etc' }, 'room'],
      [{ kind: 'history', room, limit: 101 }, 'limit'],
      [{ kind: 'history', room, before: 1.5 }, 'before'],
      [{ kind: 'message.send', room, clientMsgId: 'x', text: 7 }, 'text'],
      [{ kind: 'message.send', room, clientMsgId: 'x', text: '  \n ' }, 'text'],
    ] as const) {
      ann.clear();
      ann.say({ ...frame, ref: 999 });
      const [error] = ann.all('error');
      assert.equal(error?.code, 'bad_frame');
      assert.ok(error.message.includes(`"${field}"`), error.message);
      await ann.ask('rooms.list', {});
    }
  });

  it('a text of 8,001 characters, one with NUL, and half a character are refused; 8,000 are taken', async () => {
    const ann = await world.connect('ann');
    const own = (await ann.ask('room.create', { type: 'direct', user: 'ann' })).room.id;
    for (const text of ['x'.repeat(8_001), 'a\u0000b', 'broken \uD83D']) {
      assert.equal(await ann.refusal('message.send', { room: own, clientMsgId: 'x', text }), 'bad_frame');
    }
    assert.equal((await ann.send(own, 'x'.repeat(8_000), 'long')).message.text.length, 8_000);
  });

  it('F3: a text or a name that shows nothing is blank, and half a character is none; what joins and colours emoji is fine', async () => {
    const ann = await world.connect('ann');
    const own = (await ann.ask('room.create', { type: 'direct', user: 'ann' })).room.id;
    for (const text of ['\u200B', ' \u2060\u00AD\n', '\u3164', '\uFE0F\u200D', '\u202E\u202C']) {
      assert.equal(await ann.refusal('message.send', { room: own, clientMsgId: 'x', text }), 'bad_frame', JSON.stringify(text));
      assert.equal(await ann.refusal('room.rename', { room, name: text }), 'bad_frame', JSON.stringify(text));
      await ann.ask('rooms.list', {});
    }
    assert.equal(await ann.refusal('room.rename', { room, name: 'broken \uD83D' }), 'bad_frame');
    assert.equal(await ann.refusal('member.add', { room, users: ['broken \uD83D'] }), 'bad_frame');
    const family = '\u{1F469}\u200D\u{1F680} \u2764\uFE0F';
    assert.equal((await ann.send(own, family, 'family')).message.text, family);
  });

  it('F1: a frame of 64 KiB is read, and one byte more closes 1009', async () => {
    const ann = await world.connect('ann');
    const frame = (bytes: number) => {
      const start = '{"kind":"rooms.list","ref":77,"padding":"';
      return `${start}${'x'.repeat(bytes - start.length - 2)}"}`;
    };
    ann.say(frame(limits.frameBytes));
    await until(() => ann.all('ok').length === 1, 'the answer');
    ann.say(frame(limits.frameBytes + 1));
    assert.equal(ann.closeCode(), 1009);
  });

  it('a server with a lower limit refuses what is longer', async () => {
    const strict = await ServerWorld.start({ limits: { textCharacters: 10 } });
    const ann = await strict.connect('ann');
    assert.equal(ann.all('ready')[0]?.limits.textCharacters, 10);
    const { room: own } = await ann.ask('room.create', { type: 'direct', user: 'ann' });
    assert.equal(await ann.refusal('message.send', { room: own.id, clientMsgId: 'x', text: 'x'.repeat(11) }), 'too_large');
    await strict.close();
  });
});

it('F5: 1,000 frames at once are limited and end only the session that sent them', async () => {
  const world = await ServerWorld.start();
  const room = await world.group('garden', 'ann', 'ben');
  const [flood, ben] = [await world.connect('ann'), await world.connect('ben')];
  for (let index = 0; index < 1_000 && !flood.closed; index++) flood.say({ kind: 'room.get', ref: 1_000 + index, room });
  assert.equal(flood.closeCode(), 4213);
  assert.equal(flood.all('error').filter(({ code }) => code !== 'rate_limited').length, 0);
  await ben.send(room, 'undisturbed');
  await world.close();
});

it('F5: a burst of 60 is answered, what is more is told when to come again, by its ref, and then taken', async () => {
  const world = await ServerWorld.start();
  const ann = await world.connect('ann');
  for (let index = 0; index < limits.frameBurst; index++) ann.say({ kind: 'rooms.list', ref: 1_000 + index });
  const refusal = await ann.answerTo('rooms.list', {});
  assert.ok(refusal.kind === 'error' && refusal.code === 'rate_limited' && refusal.retry);
  await until(() => ann.all('ok').length === limits.frameBurst, 'all answers');
  await world.clock.advance(refusal.afterMs!);
  await ann.ask('rooms.list', {});
  await world.close();
});

describe('slow readers', () => {
  const bigText = 'x'.repeat(7_000);
  const generous = { limits: { sendBurst: 10_000, frameBurst: 10_000 } };

  it('F7: over 1 MiB waiting closes 4208, what is waiting stays bounded, and G6: coming back loses nothing', async () => {
    const world = await ServerWorld.start(generous);
    const room = await world.group('garden', 'ann', 'ben', 'cat');
    const [ann, slow, quick] = [await world.connect('ann'), await world.connect('ben'), await world.connect('cat')];
    const { room: { epoch, seq } } = await slow.ask('room.open', { room });
    await quick.ask('room.open', { room });
    slow.isStuck = true;
    const count = 200;
    for (let index = 0; index < count; index++) await ann.send(room, bigText, `m${index}`);
    await until(() => slow.closed !== undefined && quick.facts(room).length === count, 'the end of the slow one, and all for the other');
    assert.equal(slow.closeCode(), 4208);
    assert.ok(slow.bufferedBytes < 1.2 * 1024 * 1024, `${slow.bufferedBytes} bytes were waiting`);
    const back = await world.connect('ben');
    let { changes } = await back.ask('room.open', { room, epoch, after: slow.facts(room).at(-1)?.seq ?? seq });
    let missed = changes!.facts.length;
    while (changes!.more) {
      ({ changes } = await back.ask('room.changes', { room, epoch, after: changes!.upTo }));
      missed += changes!.facts.length;
    }
    assert.equal(slow.facts(room).length + missed, count);
    await world.close();
  });

  it('F7: 30 s without progress close 4208, and progress, however slow, does not', async () => {
    const world = await ServerWorld.start(generous);
    const room = await world.group('garden', 'ann', 'ben', 'cat');
    const [ann, stuck, slow] = [await world.connect('ann'), await world.connect('ben'), await world.connect('cat')];
    for (const peer of [stuck, slow]) {
      await peer.ask('room.open', { room });
      peer.isStuck = true;
    }
    for (let index = 0; index < 10; index++) await ann.send(room, bigText, `m${index}`);
    await until(() => slow.facts(room).length === 10 && stuck.facts(room).length === 10, 'the facts');
    for (let seconds = 0; seconds < 35; seconds++) {
      slow.bufferedBytes -= 100;
      await world.clock.advance(1_000);
    }
    assert.equal(stuck.closeCode(), 4208);
    assert.equal(slow.closed, undefined);
    await world.close();
  });

  it('F7: heads that were kept for a slow reader, of long messages, are not given all at once', async () => {
    const world = await ServerWorld.start(generous);
    const rooms = await Promise.all(Array.from({ length: 40 }, (_, index) => world.group(`room ${index}`, 'ann', 'ben')));
    const [ann, ben] = [await world.connect('ann'), await world.connect('ben')];
    ben.bufferedBytes = 65 * 1024;
    for (const room of rooms) await ann.send(room, bigText, 'long');
    await world.clock.advance(200);
    assert.deepEqual(ben.all('heads'), []);
    ben.isStuck = true;
    let times = 0;
    for (; ben.all('heads').flatMap(({ heads }) => heads).length < rooms.length; times++) {
      ben.bufferedBytes = 0;
      await world.clock.advance(1_000);
      assert.ok(ben.bufferedBytes < 128 * 1024, `${ben.bufferedBytes} bytes were given at once`);
    }
    assert.ok(times > 1);
    assert.deepEqual(ben.all('heads').flatMap(({ heads }) => heads.map(({ room }) => room)).toSorted(), rooms.toSorted(), 'each once');
    await world.close();
  });

  it('F7: pages wait for a reader who is slow, what is sent does not, and all is answered in the end', async () => {
    const world = await ServerWorld.start(generous);
    const room = await world.group('garden', 'ann', 'ben');
    const ben = await world.connect('ben');
    ben.bufferedBytes = 65 * 1024;
    const pages = Array.from({ length: 5 }, () => ben.begin('history', { room }));
    await ben.send(room, 'not kept back');
    await world.clock.advance(5_000);
    assert.ok(pages.every((answer) => answer() === undefined));
    ben.bufferedBytes = 0;
    await world.clock.advance(1_000);
    await until(() => pages.every((answer) => answer()?.kind === 'ok'), 'all pages');
    ben.bufferedBytes = 65 * 1024;
    ben.begin('history', { room });
    ben.cut();
    await world.close();
  });

  it('F7: over 64 KiB waiting, typing and presence are left out and heads wait; later all is made up for', async () => {
    const world = await ServerWorld.start(generous);
    const [open, listed] = [await world.group('open', 'ann', 'ben'), await world.group('listed', 'ann', 'ben')];
    const [ann, ben] = [await world.connect('ann'), await world.connect('ben')];
    for (const peer of [ann, ben]) await peer.ask('room.open', { room: open });
    await ben.ask('presence.watch', { users: ['ann'] });
    ben.bufferedBytes = 65 * 1024;
    ben.clear();
    ann.say({ kind: 'typing', room: open, active: true });
    for (const text of ['one', 'two']) {
      await ann.send(listed, text);
      await world.clock.advance(100);
    }
    ann.cut();
    await world.clock.advance(25_000);
    assert.deepEqual(ben.frames.filter(({ kind }) => kind !== 'heartbeat'), []);
    ben.bufferedBytes = 0;
    await world.clock.advance(1_000);
    assert.deepEqual(ben.heads(listed).map(({ messageCount }) => messageCount), [2], 'only the newest');
    assert.deepEqual(ben.all('presence').map(({ offline }) => offline), [['ann']]);
    assert.deepEqual(ben.all('typing'), []);
    await world.close();
  });
});

it('R10: a head that waits for a slow reader is dropped when they are taken out of its room', async () => {
  const world = await ServerWorld.start();
  const [garden, kitchen] = [await world.group('garden', 'ann', 'ben'), await world.group('kitchen', 'ann', 'ben')];
  const [ann, ben] = [await world.connect('ann'), await world.connect('ben')];
  ben.bufferedBytes = 65 * 1024;
  for (const room of [garden, kitchen]) await ann.send(room, 'hello');
  await world.clock.advance(200);
  await ann.ask('member.remove', { room: garden, user: 'ben' });
  await ben.next('room.gone');
  ben.bufferedBytes = 0;
  await world.clock.advance(1_000);
  assert.deepEqual([ben.heads(garden).length, ben.heads(kitchen).length], [0, 1]);
  await world.close();
});

it('G9: heads that wait for a slow reader are bounded: over a thousand, they have to come back', async () => {
  const world = await ServerWorld.start({ limits: { frameBurst: 10_000, requestBurst: 10_000 } });
  const rooms = await Promise.all(Array.from({ length: 1_001 }, (_, index) => world.group(`room ${index}`, 'ann', 'ben')));
  const [ann, ben] = [await world.connect('ann'), await world.connect('ben')];
  ben.bufferedBytes = 65 * 1024;
  for (const room of rooms.slice(1)) await ann.send(room, 'hello');
  await world.clock.advance(200);
  assert.equal(ben.closed, undefined);
  await ann.send(rooms[0]!, 'hello');
  await world.clock.advance(200);
  assert.equal(ben.closeCode(), 4208);
  await world.close();
});

it('R10: nor is an empty frame told to them, where no other head waits', async () => {
  const world = await ServerWorld.start();
  const garden = await world.group('garden', 'ann', 'ben');
  const [ann, ben] = [await world.connect('ann'), await world.connect('ben')];
  ben.bufferedBytes = 65 * 1024;
  await ann.send(garden, 'hello');
  await world.clock.advance(200);
  await ann.ask('member.remove', { room: garden, user: 'ben' });
  await ben.next('room.gone');
  ben.bufferedBytes = 0;
  await world.clock.advance(1_000);
  assert.deepEqual(ben.all('heads'), []);
  await world.close();
});

it('G9: what one session may have under way is bounded', async () => {
  const world = await ServerWorld.start({ limits: { frameBurst: 1_000, framesPerSecond: 1_000 } });
  const ann = await world.connect('ann');
  world.store.summaries = () => new Promise(() => {});
  for (let index = 0; index < 100; index++) ann.say({ kind: 'rooms.list', ref: 1_000 + index });
  await until(() => ann.all('error').length === 36, 'the refusals');
  assert.ok(ann.all('error').every(({ code, afterMs }) => code === 'unavailable' && afterMs! > 0));
});
