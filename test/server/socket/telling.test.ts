import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { rhythms } from '#protocol/codes';
import { MemoryStore } from '../../../server/store/memory-store.ts';
import { ServerWorld, until } from '../../support/server-world.ts';

describe('lists', () => {
  it('R7: hear of the newest state of rooms that are not open, a few times a second at most', async () => {
    const world = await ServerWorld.start();
    const room = await world.group('garden', 'ann', 'ben');
    const [ann, ben, stranger] = [await world.connect('ann'), await world.connect('ben'), await world.connect('cat')];
    for (let index = 0; index < 5; index++) await ann.send(room, `text ${index}`);
    await ben.next('heads');
    await world.clock.advance(100);
    await until(() => ben.heads(room).at(-1)?.messageCount === 5, 'the newest head');
    assert.ok(ben.all('heads').length <= 2, 'one at once, the rest together');
    assert.equal(ben.heads(room).at(-1)?.lastMessage?.text, 'text 4');
    assert.equal(ben.heads(room).at(-1)?.lastSender?.name, 'Ann');
    assert.deepEqual(ben.all('facts'), []);
    await stranger.quiet();
    assert.deepEqual(stranger.frames.filter(({ kind }) => kind !== 'ready' && kind !== 'ok'), []);
    await world.close();
  });

  it('R7: do not stand still where the clock of the machine is set back', async () => {
    const world = await ServerWorld.start();
    const room = await world.group('garden', 'ann', 'ben');
    const [ann, ben] = [await world.connect('ann'), await world.connect('ben')];
    await ann.send(room, 'before');
    await ben.next('heads');
    world.clock.sleep(-3_600_000);
    await ann.send(room, 'after');
    await world.clock.advance(100);
    assert.equal(ben.heads(room).at(-1)?.messageCount, 2);
    await world.close();
  });

  it('never get an older state of a room after a newer one', async () => {
    const store = new MemoryStore();
    const summary = store.summary.bind(store);
    const reads: { name?: string; letGo: () => void }[] = [];
    const world = await ServerWorld.start({ store });
    const room = await world.group('first', 'ann', 'ben');
    const [ann, ben] = [await world.connect('ann'), await world.connect('ben')];
    store.summary = async (tenant, id, user) => {
      const found = await summary(tenant, id, user);
      if (user === 'ben') await new Promise<void>((letGo) => reads.push({ name: found?.name, letGo }));
      return found;
    };
    for (const name of ['second', 'third']) {
      await ann.ask('room.rename', { room, name });
      await until(() => reads.at(-1)?.name === name, 'the entry being read');
    }
    for (const { letGo } of reads.reverse()) {
      letGo();
      await ann.quiet();
    }
    assert.deepEqual(ben.all('room').map((frame) => frame.room.name), ['third']);
    await world.close();
  });

  it('R7: open rooms have their head told every 10 s', async () => {
    const world = await ServerWorld.start();
    const rooms = await Promise.all(['one', 'two'].map((name) => world.group(name, 'ann')));
    const ann = await world.connect('ann');
    for (const room of rooms) await ann.ask('room.open', { room });
    await world.clock.advance(rhythms.headsMs);
    await until(() => ann.all('heads').length > 0, 'the heads');
    assert.equal(ann.all('heads').length, 1, 'all rooms in one frame');
    assert.deepEqual(ann.all('heads')[0]!.heads.map(({ room }) => room).sort(), [...rooms].sort());
    await world.close();
  });

  it('get a room when one is brought into it, again when it changes, and lose it when one is out', async () => {
    const world = await ServerWorld.start();
    await world.meet('ben', 'cat');
    const [ann, ben, cat] = [await world.connect('ann'), await world.connect('ben'), await world.connect('cat')];
    const { room, created } = await ann.ask('room.create', { type: 'group', clientRoomId: 'c1', name: 'garden', users: ['ben'] });
    assert.ok(created);
    const retry = await ann.ask('room.create', { type: 'group', clientRoomId: 'c1', name: 'garden', users: ['ben'] });
    assert.deepEqual([retry.created, retry.room.id], [false, room.id]);
    await ben.next('room', (frame) => frame.room.id === room.id);
    await ann.ask('member.add', { room: room.id, users: ['cat'] });
    await cat.next('room', (frame) => frame.room.id === room.id && frame.room.unread === 0);
    await ben.next('room', (frame) => frame.room.memberCount === 3);
    await ben.ask('room.rename', { room: room.id, name: 'greenhouse' });
    await cat.next('room', (frame) => frame.room.name === 'greenhouse');
    await cat.ask('room.leave', { room: room.id });
    await cat.next('room.gone');
    await ben.next('room', (frame) => frame.room.memberCount === 2 && frame.room.name === 'greenhouse');
    await world.close();
  });

  it('R9: a newcomer sees what was said before, and has nothing unread', async () => {
    const world = await ServerWorld.start();
    const room = await world.group('garden', 'ann');
    await world.meet('ben');
    const [ann, ben] = [await world.connect('ann'), await world.connect('ben')];
    await ann.send(room, 'before');
    await ann.ask('member.add', { room, users: ['ben'] });
    const opened = await ben.ask('room.open', { room });
    assert.deepEqual(opened.page?.messages.map(({ text }) => text), ['before']);
    assert.equal(opened.room.unread, 0);
    await world.close();
  });
});

describe('direct rooms', () => {
  it('R8: there is one for two people, whoever asks, one with oneself, and they stay as they are', async () => {
    const world = await ServerWorld.start();
    await world.meet('ann', 'ben', 'cat');
    const [ann, ben] = [await world.connect('ann'), await world.connect('ben')];
    const both = await Promise.all([ann.ask('room.create', { type: 'direct', user: 'ben' }), ben.ask('room.create', { type: 'direct', user: 'ann' })]);
    assert.equal(both[0].room.id, both[1].room.id);
    assert.equal(both.filter(({ created }) => created).length, 1);
    const own = await ann.ask('room.create', { type: 'direct', user: 'ann' });
    assert.equal(own.room.memberCount, 1);
    for (const room of [both[0].room.id, own.room.id]) {
      assert.equal(await ann.refusal('member.add', { room, users: ['cat'] }), 'forbidden');
      assert.equal(await ann.refusal('member.remove', { room, user: 'ann' }), 'forbidden');
      assert.equal(await ann.refusal('room.rename', { room, name: 'x' }), 'forbidden');
      assert.equal(await ann.refusal('room.leave', { room }), 'forbidden');
    }
    await world.close();
  });
});

describe('who may be found', () => {
  for (const [directory, canFindStranger, canFindCompanion] of [['tenant', true, true], ['shared', false, true], ['none', false, false]] as const) {
    it(`R1: with the directory "${directory}" a room holds only whom one may find, and others look as if they were nobody`, async () => {
      const world = await ServerWorld.start({ directory });
      await world.group('garden', 'ann', 'companion');
      await world.meet('stranger');
      const ann = await world.connect('ann');
      for (const [user, isFound] of [['stranger', canFindStranger], ['companion', canFindCompanion], ['nobody', false]] as const) {
        const { people } = await ann.ask('people.search', { query: user });
        assert.deepEqual(people.map(({ id }) => id), isFound ? [user] : [], user);
        const code = isFound ? 'ok' : 'not_found';
        assert.equal(await ann.refusal('room.create', { type: 'direct', user }), code, user);
        assert.equal(await ann.refusal('room.create', { type: 'group', clientRoomId: `g-${user}`, users: [user] }), code, user);
      }
      const room = (await ann.ask('room.create', { type: 'direct', user: 'ann' })).room;
      assert.equal(room.memberCount, 1, 'oneself one may always write to');
      await world.close();
    });
  }
});

describe('reading', () => {
  it('P5: the own marker is told to the other sessions of the person, G10: and never moves back', async () => {
    const world = await ServerWorld.start();
    const room = await world.group('garden', 'ann', 'ben');
    const [ann, desk, phone] = [await world.connect('ann'), await world.connect('ben'), await world.connect('ben')];
    const seqs = [];
    for (const text of ['one', 'two', 'three']) seqs.push((await ann.send(room, text)).message.seq);
    assert.deepEqual(await desk.ask('room.read', { room, seq: seqs[1]! }), { readSeq: seqs[1], readCount: 2, unread: 1 });
    const read = await phone.next('read');
    assert.deepEqual(read, { kind: 'read', room, readSeq: seqs[1], readCount: 2, unread: 1 });
    assert.deepEqual(await desk.ask('room.read', { room, seq: seqs[0]! }), { readSeq: seqs[1], readCount: 2, unread: 1 });
    await phone.quiet();
    assert.equal(phone.all('read').length, 1);
    assert.equal(desk.all('read').length, 0);
    await world.close();
  });

  it('P1: sending reads up to it, and the other sessions of the person know', async () => {
    const world = await ServerWorld.start();
    const room = await world.group('garden', 'ann', 'ben');
    const [ann, desk, phone] = [await world.connect('ann'), await world.connect('ben'), await world.connect('ben')];
    await ann.send(room, 'one');
    const { message } = await desk.send(room, 'two');
    assert.deepEqual(await phone.next('read'), { kind: 'read', room, readSeq: message.seq, readCount: 2, unread: 0 });
    const { room: summary } = await phone.ask('room.get', { room });
    assert.deepEqual([summary.readSeq, summary.unread], [message.seq, 0]);
    await world.close();
  });

  for (const [size, waitMs] of [[50, 0], [51, 5_000], [501, undefined]] as const) {
    it(`P2: markers in a room of ${size} are told ${waitMs === undefined ? 'on demand' : `after ${waitMs} ms`}`, async () => {
      const world = await ServerWorld.start();
      const crowd = Array.from({ length: size - 3 }, (_, index) => `p${index}`);
      const room = await world.group('crowd', 'ann', 'ben', 'cat', ...crowd);
      const [ann, ben, cat] = [await world.connect('ann'), await world.connect('ben'), await world.connect('cat')];
      await Promise.all([ann, ben].map((peer) => peer.ask('room.open', { room })));
      await world.store.importMessages('default', room, [{ senderId: 'ann', clientMsgId: 'i', text: 'one', at: 1 }]);
      const seq = size + 1;
      await ben.ask('room.read', { room, seq });
      await cat.ask('room.read', { room, seq });
      await ann.quiet();
      if (waitMs === undefined) {
        await world.clock.advance(20_000);
        assert.deepEqual(ann.all('seen'), []);
      } else {
        if (waitMs > 0) {
          assert.deepEqual(ann.all('seen'), []);
          await world.clock.advance(waitMs);
        }
        const cursors = ann.all('seen').flatMap((frame) => frame.cursors);
        assert.deepEqual(cursors, [['ben', seq], ['cat', seq]]);
        assert.deepEqual(ben.all('seen').flatMap((frame) => frame.cursors), [['cat', seq]], 'one is not told of oneself');
      }
      const seen = await ann.ask('room.seen', { room, seq });
      assert.deepEqual([seen.count, seen.people.map(({ id }) => id).sort()], [2, ['ben', 'cat']]);
      await world.close();
    });
  }
});

describe('typing', () => {
  it('P4: is told to the others who have the room open, at most every 3 s, and not to oneself', async () => {
    const world = await ServerWorld.start();
    const room = await world.group('garden', 'ann', 'ben', 'cat');
    const [ann, alsoAnn, ben, lister] = [await world.connect('ann'), await world.connect('ann'), await world.connect('ben'), await world.connect('cat')];
    for (const peer of [ann, alsoAnn, ben]) await peer.ask('room.open', { room });
    for (let keystroke = 0; keystroke < 5; keystroke++) ann.say({ kind: 'typing', room, active: true });
    await ben.quiet();
    assert.deepEqual(ben.all('typing'), [{ kind: 'typing', room, user: { id: 'ann', name: 'Ann' }, active: true }]);
    await world.clock.advance(rhythms.typingEveryMs);
    ann.say({ kind: 'typing', room, active: true });
    await ben.quiet();
    ann.say({ kind: 'typing', room, active: false });
    ann.say({ kind: 'typing', room, active: false });
    await world.clock.advance(1_000);
    assert.deepEqual(ben.all('typing').map(({ active }) => active), [true, true, false]);
    for (const peer of [ann, alsoAnn, lister]) assert.deepEqual(peer.all('typing'), []);
    await world.close();
  });

  it('P4: goes on where the clock of the machine is set back', async () => {
    const world = await ServerWorld.start();
    const room = await world.group('garden', 'ann', 'ben');
    const [ann, ben] = [await world.connect('ann'), await world.connect('ben')];
    for (const peer of [ann, ben]) await peer.ask('room.open', { room });
    ann.say({ kind: 'typing', room, active: true });
    await world.clock.advance(250);
    world.clock.sleep(-3_600_000);
    ann.say({ kind: 'typing', room, active: true });
    await ben.quiet();
    assert.equal(ben.all('typing').length, 2);
    await world.close();
  });

  it('R10: who is not in the room, or was taken out, cannot be heard typing', async () => {
    const world = await ServerWorld.start();
    const room = await world.group('garden', 'ann', 'ben');
    const [ann, ben, stranger] = [await world.connect('ann'), await world.connect('ben'), await world.connect('cat')];
    for (const peer of [ann, ben]) await peer.ask('room.open', { room });
    stranger.say({ kind: 'typing', room, active: true });
    await ann.ask('member.remove', { room, user: 'ben' });
    ben.say({ kind: 'typing', room, active: true });
    ann.say({ kind: 'typing', room, active: true });
    await ann.quiet();
    assert.deepEqual([...ann.all('typing'), ...ben.all('typing')], []);
    await world.close();
  });
});

describe('presence', () => {
  it('P3: is told of those one watches and shares a room with, and of nobody else', async () => {
    const world = await ServerWorld.start();
    await world.group('garden', 'ann', 'ben', 'cat');
    const [ann, ben, stranger] = [await world.connect('ann'), await world.connect('ben'), await world.connect('dora')];
    assert.deepEqual(await ann.ask('presence.watch', { users: ['ann', 'ben', 'cat', 'dora', 'nobody'] }), { online: ['ann', 'ben'] });
    await world.connect('cat');
    await until(() => ann.all('presence').length > 0, 'the news');
    assert.deepEqual(ann.all('presence'), [{ kind: 'presence', online: ['cat'], offline: [] }]);
    stranger.cut();
    await world.clock.advance(rhythms.presenceGraceMs + 1);
    assert.equal(ann.all('presence').length, 1);
    assert.deepEqual(ben.all('presence'), []);
    await ann.ask('presence.watch', { users: [] });
    ben.cut();
    await world.clock.advance(rhythms.presenceGraceMs + 1);
    assert.equal(ann.all('presence').length, 1);
    await world.close();
  });

  it('P3: who comes back within 20 s was never away, and with two sessions one is there until the last has ended', async () => {
    const world = await ServerWorld.start();
    await world.group('garden', 'ann', 'ben');
    const ann = await world.connect('ann');
    const [desk, phone] = [await world.connect('ben'), await world.connect('ben')];
    await ann.ask('presence.watch', { users: ['ben'] });
    desk.cut();
    await world.clock.advance(60_000);
    phone.cut();
    await world.clock.advance(rhythms.presenceGraceMs - 1);
    const back = await world.connect('ben');
    await world.clock.advance(60_000);
    assert.deepEqual(ann.all('presence'), []);
    back.cut();
    await world.clock.advance(rhythms.presenceGraceMs);
    assert.deepEqual(ann.all('presence'), [{ kind: 'presence', online: [], offline: ['ben'] }]);
    await world.close();
  });

  it('P3: ends with the last room that two people share', async () => {
    const world = await ServerWorld.start();
    const room = await world.group('garden', 'ann', 'ben');
    const [ann, ben] = [await world.connect('ann'), await world.connect('ben')];
    await ann.ask('presence.watch', { users: ['ben'] });
    await ben.ask('presence.watch', { users: ['ann'] });
    await ann.ask('member.remove', { room, user: 'ben' });
    await ben.next('room.gone');
    await ben.quiet();
    ann.cut();
    await world.clock.advance(rhythms.presenceGraceMs + 1);
    assert.deepEqual(ben.all('presence'), []);
    await world.close();
  });
});
