import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it, type TestContext } from 'node:test';
import fc from 'fast-check';
import type { Fact, Member, Message, Person } from '#protocol/models';
import { systemClock, type Clock } from '../../server/clock.ts';
import { ChatterError } from '../../server/errors.ts';
import type { RoomPlace, RoomRecord, Store } from '../../server/store/store.ts';

export interface StoreUnderTest {
  store: Store;
  cleanup(): Promise<void>;
}

const tenant = 'acme';
const ann: Person = { id: 'ann', name: 'Ann Lee', avatar: 'https://example.com/ann.png' };
const bob: Person = { id: 'bob', name: 'Bob Stone' };
const cem: Person = { id: 'cem', name: 'Cem Öz' };

/** What every store does. `makeStore` gives an empty one that goes by the given clock. */
export function storeContract(name: string, makeStore: (options: { clock: Clock }) => Promise<StoreUnderTest>): void {
  describe(`${name} keeps the store contract`, () => {
    let store: Store;
    let cleanup: () => Promise<void>;
    let sent = 0;
    let now = 0;

    beforeEach(async () => {
      now = Date.UTC(2026, 0, 1);
      ({ store, cleanup } = await makeStore({ clock: { ...systemClock, now: () => now } }));
      await store.putPeople(tenant, [ann, bob, cem]);
    });
    afterEach(() => cleanup());

    async function group(...members: string[]): Promise<RoomRecord> {
      const { room } = await store.createRoom(tenant, { kind: 'group', members });
      return room;
    }

    function send(room: string, senderId: string, text = 'hello', clientMsgId = `c${++sent}`) {
      return store.appendMessage(tenant, { room, senderId, clientMsgId, text });
    }

    /** The whole room by its history, in pages of a size that is not a divisor of much. */
    async function everything(room: string): Promise<Message[]> {
      const all: Message[] = [];
      for (let after = 0; ; after = all.at(-1)!.seq) {
        const page = await store.history(tenant, room, { after, limit: 7 });
        all.push(...page.messages);
        if (!page.hasAfter) return all;
      }
    }

    async function recount(room: string, user: string): Promise<number> {
      const { readCount } = (await store.summary(tenant, room, user))!;
      return (await everything(room)).filter(({ ordinal, deletedAt }) => ordinal > readCount && deletedAt === undefined).length;
    }

    describe('people', () => {
      it('are made, changed and found by id', async () => {
        assert.deepEqual(await store.putPeople(tenant, [{ id: 'dora', name: 'Dora' }]), [{ id: 'dora', name: 'Dora' }]);
        assert.deepEqual(await store.putPeople(tenant, [{ id: 'dora', name: 'Dora' }, ann]), [], 'nothing new');
        assert.deepEqual(await store.putPeople(tenant, [{ ...ann, avatar: undefined }]), [{ id: 'ann', name: 'Ann Lee' }]);
        assert.deepEqual(await store.people(tenant, ['ann', 'nobody', 'bob', 'ann']), [{ id: 'ann', name: 'Ann Lee' }, bob]);
        assert.deepEqual(await store.people(tenant, []), []);
        assert.deepEqual(await store.putPeople(tenant, []), []);
      });

      it('named twice in one call are as the last says', async () => {
        const put = await store.putPeople(tenant, [{ id: 'eve', name: 'Eva' }, { id: 'eve', name: 'Eve' }]);
        assert.deepEqual(put, [{ id: 'eve', name: 'Eve' }]);
        assert.deepEqual(await store.people(tenant, ['eve']), [{ id: 'eve', name: 'Eve' }]);
      });

      it('are searched by the start of any word of name or id, whatever its case and accents', async () => {
        await store.putPeople(tenant, [
          { id: 'u1', name: 'Şükrü Ünal' }, { id: 'u2', name: 'Jean-Luc Straße' }, { id: 'u3', name: 'ΟΔΥΣΣΕΥΣ' },
          { id: 'u4', name: "Miles O'Brien" }, { id: 'zed@example.com', name: '王小明' }, { id: 'u6', name: '😀 Grin' },
        ]);
        const found = async (query: string) => (await store.searchPeople(tenant, query, 50)).map(({ id }) => id);
        for (const [query, ...ids] of [
          ['an', 'ann'], ['LEE', 'ann'], ['nn'], ['ann lee', 'ann'], ['Ann  L', 'ann'], ['oz', 'cem'], ['öZ', 'cem'], ['sukru', 'u1'],
          ['ÜNAL', 'u1'], ['luc', 'u2'], ['jean-l', 'u2'], ['strass', 'u2'], ['οδυσσευς', 'u3'], ['οδυς', 'u3'], ['brien', 'u4'],
          ["o'b", 'u4'], ['王', 'zed@example.com'], ['zed@', 'zed@example.com'], ['example', 'zed@example.com'], ['😀', 'u6'],
          ['U2', 'u2'], ['nobody'],
        ] as const) {
          assert.deepEqual(await found(query), ids, `search for "${query}"`);
        }
        assert.equal((await found('')).length, 9, 'an empty query finds everyone');
      });

      it('are searched literally: %, _ and \\ are letters', async () => {
        await store.putPeople(tenant, [
          { id: 'p1', name: '100% Wool' }, { id: 'p2', name: '_under score' }, { id: 'p3', name: 'back\\slash' },
          { id: 'p4', name: '%cent' }, { id: 'p5', name: "!bang 'quote'" },
        ]);
        const found = async (query: string) => (await store.searchPeople(tenant, query, 50)).map(({ id }) => id);
        for (const [query, ...ids] of [
          ['%', 'p4'], ['_', 'p2'], ['100%', 'p1'], ['1%'], ['a_n'], ['back\\s', 'p3'], ['\\'], ['!b', 'p5'], ["'q", 'p5'], ['a%'],
        ] as const) {
          assert.deepEqual(await found(query), ids, `search for "${query}"`);
        }
      });

      it('are found in order of their names, up to the limit', async () => {
        await store.putPeople(tenant, ['zoe', 'Adam', 'álvaro'].map((name, index) => ({ id: `x${index}`, name: `${name} Quinn` })));
        const names = async (limit: number) => (await store.searchPeople(tenant, 'quinn', limit)).map(({ name }) => name);
        assert.deepEqual(await names(10), ['Adam Quinn', 'álvaro Quinn', 'zoe Quinn']);
        assert.deepEqual(await names(2), ['Adam Quinn', 'álvaro Quinn']);
      });
    });

    describe('people in rooms', () => {
      it('are companions, and found among those one shares a room with, while both are in it', async () => {
        const { id } = await group('ann', 'bob', 'ghost');
        await group('bob', 'cem');
        assert.deepEqual(await store.companions(tenant, 'ann', ['cem', 'bob', 'nobody', 'ghost', 'bob']), ['bob', 'ghost']);
        assert.deepEqual((await store.companions(tenant, 'bob', ['ann', 'cem'])).sort(), ['ann', 'cem']);
        assert.deepEqual(await store.companions(tenant, 'ann', []), []);
        const found = async (query: string, user: string) => (await store.searchPeople(tenant, query, 9, user)).map((person) => person.id);
        assert.deepEqual(await found('', 'ann'), ['ann', 'bob']);
        assert.deepEqual(await found('c', 'ann'), []);
        assert.deepEqual(await found('c', 'bob'), ['cem']);
        await store.changeMembers(tenant, id, { remove: ['bob'] });
        assert.deepEqual(await store.companions(tenant, 'ann', ['bob', 'ghost']), ['ghost']);
        assert.deepEqual(await store.companions(tenant, 'bob', ['ann', 'cem']), ['cem']);
        assert.deepEqual(await found('', 'ann'), ['ann']);
        assert.deepEqual(await store.companions('other', 'ann', ['ghost']), [], 'of this tenant (G8)');
      });
    });

    describe('rooms', () => {
      it('begin with a fact for each member (G3)', async () => {
        const { room, facts, created } = await store.createRoom(tenant, { kind: 'group', name: 'Team', members: ['ann', 'bob', 'ann', 'ghost'] });
        assert.ok(created);
        assert.match(room.id, /^[\w-]{1,64}$/);
        assert.ok(room.epoch.length > 0 && room.epoch.length <= 64);
        assert.deepEqual(room, {
          id: room.id, kind: 'group', name: 'Team', epoch: room.epoch, seq: 3, messageCount: 0, deletedCount: 0, memberCount: 3,
        });
        assert.deepEqual(facts.map((fact) => [fact.seq, fact.kind, fact.kind === 'member' && fact.person]), [
          [1, 'member', ann], [2, 'member', bob], [3, 'member', { id: 'ghost', name: 'ghost' }],
        ]);
        assert.deepEqual(await store.room(tenant, room.id), room);
        assert.deepEqual(await store.memberIds(tenant, room.id), ['ann', 'bob', 'ghost']);
      });

      it('with a known key are found, not made again, also by 30 at once (R8)', async () => {
        const draft = { kind: 'direct', key: 'ann|bob', members: ['ann', 'bob'] } as const;
        const made = await Promise.all(Array.from({ length: 30 }, () => store.createRoom(tenant, draft)));
        assert.equal(new Set(made.map(({ room }) => room.id)).size, 1);
        assert.deepEqual(made.map(({ created }) => created), [true, ...Array.from({ length: 29 }, () => false)]);
        const again = await store.createRoom(tenant, { ...draft, members: ['ann', 'cem'] });
        assert.deepEqual([again.created, again.facts], [false, []]);
        assert.deepEqual(await store.memberIds(tenant, again.room.id), ['ann', 'bob'], 'nothing changed');
        assert.equal((await store.summaries(tenant, 'ann', { limit: 10 })).rooms.length, 1);
      });

      it('without a key are made as often as asked', async () => {
        const rooms = await Promise.all([group('ann'), group('ann')]);
        assert.notEqual(rooms[0].id, rooms[1].id);
        assert.notEqual(rooms[0].epoch, rooms[1].epoch);
      });

      it('are renamed by a fact; the same name again is none', async () => {
        const { id } = await group('ann', 'bob');
        const named = await store.renameRoom(tenant, id, 'Plans');
        assert.deepEqual(named.facts, [{ seq: 3, kind: 'room', name: 'Plans' }]);
        assert.deepEqual([named.head.seq, named.people], [3, []]);
        assert.deepEqual((await store.renameRoom(tenant, id, 'Plans')).facts, []);
        assert.equal((await store.room(tenant, id))!.name, 'Plans');
        assert.deepEqual((await store.renameRoom(tenant, id, undefined)).facts, [{ seq: 4, kind: 'room' }]);
        assert.deepEqual((await store.changes(tenant, id, 2, 10)).facts, [{ seq: 4, kind: 'room' }], 'the former name is superseded (R6)');
        assert.ok(!('name' in (await store.room(tenant, id))!));
      });

      it('tell their heads, with the last message and its author', async () => {
        const first = await group('ann', 'bob');
        const second = await group('ann');
        await store.importMessages(tenant, first.id, [{ senderId: 'ghost', clientMsgId: 'old', text: 'hello', at: 1_000 }]);
        const [message] = await everything(first.id);
        const [headOfSecond, headOfFirst, ...others] = await store.heads(tenant, [second.id, 'none', first.id, second.id]);
        assert.deepEqual(others, []);
        assert.deepEqual([headOfSecond!.room, headOfSecond!.seq, headOfSecond!.lastMessage], [second.id, 1, undefined]);
        assert.deepEqual(headOfFirst, {
          room: first.id, epoch: first.epoch, seq: 3, messageCount: 1, deletedCount: 0, activeAt: headOfFirst!.activeAt,
          lastMessage: message, lastSender: { id: 'ghost', name: 'ghost' },
        });
        assert.deepEqual(await store.heads(tenant, []), []);
      });

      it('take nothing from who is out of them, were they a moment ago or never; a retry of what was taken is told of it (G2)', async () => {
        const room = await group('ann', 'bob');
        const { message } = await send(room.id, 'bob', 'hello', 'first');
        const [, late] = await Promise.allSettled([store.changeMembers(tenant, room.id, { remove: ['bob'] }), send(room.id, 'bob')]);
        assert.ok(late.status === 'rejected', 'the message was behind the removal');
        await refuses('not_found', [send(room.id, 'bob'), send(room.id, 'ghost')]);
        assert.deepEqual((await send(room.id, 'bob', 'hello', 'first')).message, message);
        assert.deepEqual(await everything(room.id), [message]);
      });

      it('are changed by nobody who is out of them, were they a moment ago or never, and by everybody who is in by then', async () => {
        const { id } = await group('ann', 'bob', 'cem');
        const { message } = await send(id, 'bob');
        const [, ...late] = await Promise.allSettled([
          store.changeMembers(tenant, id, { remove: ['bob'] }, 'ann'), store.changeMembers(tenant, id, { add: ['bob'] }, 'bob'),
          store.changeMembers(tenant, id, { remove: ['cem'] }, 'bob'), store.renameRoom(tenant, id, 'Mine', 'bob'),
          store.deleteMessage(tenant, id, message.seq, 'bob'),
        ]);
        assert.deepEqual(late.map(({ status }) => status), ['rejected', 'rejected', 'rejected', 'rejected'], 'they were behind the removal');
        for (const by of ['bob', 'ghost', '', 'Ann', 'ann ']) {
          await refuses('not_found', [
            store.changeMembers(tenant, id, { add: [by] }, by), store.changeMembers(tenant, id, { add: ['dora'], remove: ['ann', 'cem'] }, by),
            store.changeMembers(tenant, id, {}, by), store.renameRoom(tenant, id, 'Mine', by), store.renameRoom(tenant, id, undefined, by),
            store.deleteMessage(tenant, id, message.seq, by), store.deleteMessage(tenant, id, 99, by),
          ]);
        }
        await refuses('not_found', [store.renameRoom(tenant, 'none', 'x', 'ann'), store.renameRoom('other', id, 'x', 'ann')]);
        assert.deepEqual(await store.memberIds(tenant, id), ['ann', 'cem']);
        assert.deepEqual([(await store.room(tenant, id))!.seq, await everything(id)], [5, [message]], 'the removal is the last of the log');

        const [, renamed] = await Promise.all([
          store.changeMembers(tenant, id, { add: ['bob'] }, 'ann'), store.renameRoom(tenant, id, 'Ours', 'bob'),
        ]);
        assert.deepEqual(renamed.facts, [{ seq: 7, kind: 'room', name: 'Ours' }]);
        assert.equal((await store.deleteMessage(tenant, id, message.seq, 'bob')).facts.length, 1);
        assert.equal((await store.changeMembers(tenant, id, { add: ['dora'], remove: ['bob'] }, 'bob')).facts.length, 2, 'the last thing they do may be to go');
        await refuses('not_found', [store.deleteMessage(tenant, id, message.seq, 'bob')]);
        assert.equal((await store.renameRoom(tenant, id, undefined)).facts.length, 1, 'nobody asks for it, so nobody is asked');
      });

      it('are all told in pages by id', async () => {
        const made = await Promise.all(Array.from({ length: 5 }, () => group('ann')));
        const byId = made.toSorted((a, b) => Buffer.compare(Buffer.from(a.id), Buffer.from(b.id)));
        const first = await store.rooms(tenant, { limit: 3 });
        assert.deepEqual(first, { rooms: byId.slice(0, 3), next: byId[2]!.id });
        assert.deepEqual(await store.rooms(tenant, { cursor: first.next, limit: 2 }), { rooms: byId.slice(3) });
        assert.deepEqual(await store.rooms('other', { limit: 3 }), { rooms: [] });
      });

      it('that do not exist are refused or undefined', async () => {
        const draft = { room: 'none', senderId: 'ann', clientMsgId: 'c', text: 'x' };
        await refuses('not_found', [
          store.appendMessage(tenant, draft), store.importMessages(tenant, 'none', [{ ...draft, at: 1 }]), store.renameRoom(tenant, 'none', 'x'),
          store.changeMembers(tenant, 'none', { add: ['ann'] }), store.deleteMessage(tenant, 'none', 1), store.history(tenant, 'none', { limit: 1 }),
          store.changes(tenant, 'none', 0, 1), store.markRead(tenant, 'none', 'ann', 1), store.members(tenant, 'none', { limit: 1 }),
          store.memberIds(tenant, 'none'), store.seenBy(tenant, 'none', 1, 'ann', 1),
        ]);
        assert.deepEqual(
          await Promise.all([
            store.room(tenant, 'none'), store.summary(tenant, 'none', 'ann'), store.member(tenant, 'none', 'ann'), store.message(tenant, 'none', 1),
          ]),
          [undefined, undefined, undefined, undefined],
        );
      });
    });

    describe('members', () => {
      it('are added and removed by a fact each, and those who are in or out already by none', async () => {
        const { id } = await group('ann', 'bob');
        const change = await store.changeMembers(tenant, id, { add: ['bob', 'cem', 'cem'], remove: ['ann', 'nobody'] });
        assert.deepEqual(
          change.facts.map((fact) => fact.kind === 'member' && [fact.seq, fact.member.userId, fact.member.leftAt !== undefined, fact.person]),
          [[3, 'cem', false, cem], [4, 'ann', true, ann]],
        );
        assert.deepEqual(change.people, [cem, ann]);
        assert.equal(change.head.seq, 4);
        assert.deepEqual(await store.memberIds(tenant, id), ['bob', 'cem']);
        assert.equal((await store.room(tenant, id))!.memberCount, 2);
        assert.deepEqual((await store.changeMembers(tenant, id, { add: ['cem'], remove: ['ann'] })).facts, []);
        assert.deepEqual((await store.changeMembers(tenant, id, {})).facts, []);
      });

      it('who left are no members: no room in the list, no marker, no member', async () => {
        const { id } = await group('ann', 'bob');
        await store.changeMembers(tenant, id, { remove: ['ann'] });
        assert.equal(await store.member(tenant, id, 'ann'), undefined);
        assert.equal(await store.summary(tenant, id, 'ann'), undefined);
        assert.deepEqual((await store.summaries(tenant, 'ann', { limit: 5 })).rooms, []);
        assert.deepEqual((await store.summary(tenant, id, 'bob'))!.people, []);
        await refuses('not_found', [store.markRead(tenant, id, 'ann', 1), store.markRead(tenant, id, 'nobody', 1)]);
      });

      it('who come, or come again, have nothing unread and see the history (R9)', async () => {
        const { id } = await group('ann', 'bob');
        const { message } = await send(id, 'ann');
        await store.changeMembers(tenant, id, { remove: ['bob'] });
        await send(id, 'ann');
        await store.changeMembers(tenant, id, { add: ['bob', 'cem'] });
        for (const user of ['bob', 'cem']) {
          const summary = (await store.summary(tenant, id, user))!;
          assert.deepEqual([summary.unread, summary.readCount, summary.memberCount], [0, 2, 3]);
        }
        assert.ok((await store.member(tenant, id, 'bob'))!.readSeq > message.seq, 'the marker did not move back (G10)');
        assert.equal((await store.member(tenant, id, 'bob'))!.leftAt, undefined);
        await send(id, 'ann');
        assert.equal((await store.summary(tenant, id, 'cem'))!.unread, 1);
        assert.equal((await everything(id)).length, 3);
      });

      it('are told in pages by id', async () => {
        const ids = Array.from({ length: 25 }, (_, index) => `m${String(index).padStart(2, '0')}`);
        const { id } = await group(...ids.toReversed(), 'left');
        await store.changeMembers(tenant, id, { remove: ['left'] });
        const seen: string[] = [];
        for (let cursor: string | undefined; ; ) {
          const page = await store.members(tenant, id, { cursor, limit: 10 });
          seen.push(...page.members.map(({ userId }) => userId));
          assert.deepEqual(page.people, page.members.map(({ userId }) => ({ id: userId, name: userId })));
          cursor = page.next;
          if (cursor === undefined) break;
        }
        assert.deepEqual(seen, ids);
        const exact = await store.members(tenant, id, { limit: 25 });
        assert.deepEqual([exact.members.length, exact.next], [25, undefined]);
        assert.deepEqual(await store.members(tenant, id, { cursor: 'zzz', limit: 5 }), { members: [], people: [] });
      });
    });

    describe('messages', () => {
      it('take the next seq and ordinal, and become the last of the room (G3)', async () => {
        const { id, epoch } = await group('ann', 'bob');
        const first = await send(id, 'ann', 'one', 'a1');
        assert.deepEqual(first, {
          message: { seq: 3, changedSeq: 3, ordinal: 1, senderId: 'ann', clientMsgId: 'a1', text: 'one', at: first.message.at },
          head: {
            room: id, epoch, seq: 3, messageCount: 1, deletedCount: 0, activeAt: first.message.at, lastMessage: first.message, lastSender: ann,
          },
          epoch,
          duplicate: false,
        });
        await store.renameRoom(tenant, id, 'x');
        const second = await send(id, 'bob');
        assert.deepEqual([second.message.seq, second.message.ordinal], [5, 2]);
        assert.deepEqual(await store.message(tenant, id, 3), first.message);
        assert.equal(await store.message(tenant, id, 4), undefined, 'a rename is no message');
        assert.equal(await store.message(tenant, id, 99), undefined);
      });

      it('of 50 parallel senders are gapless, once each, each sender in order (G3, G5)', async () => {
        const senders = Array.from({ length: 50 }, (_, index) => `s${index}`);
        const { id } = await group(...senders);
        const settled: number[] = [];
        await Promise.all(senders.flatMap((sender) =>
          Array.from({ length: 20 }, async (_, index) => {
            settled.push((await send(id, sender, `${sender}:${index}`)).message.seq);
          })));
        assert.deepEqual(settled, settled.toSorted((a, b) => a - b), 'promises of one room resolve in seq order');
        const all = await everything(id);
        assert.deepEqual(all.map(({ seq }) => seq), Array.from({ length: 1_000 }, (_, index) => 51 + index));
        assert.deepEqual(all.map(({ ordinal }) => ordinal), Array.from({ length: 1_000 }, (_, index) => 1 + index));
        for (const sender of senders) {
          assert.deepEqual(
            all.filter(({ senderId }) => senderId === sender).map(({ text }) => text),
            Array.from({ length: 20 }, (_, index) => `${sender}:${index}`),
          );
        }
        assert.equal((await store.summary(tenant, id, 's0'))!.unread, await recount(id, 's0'));
      });

      it('of many rooms at once are gapless in each (G3)', async () => {
        const rooms = await Promise.all(Array.from({ length: 12 }, () => group('ann', 'bob')));
        await Promise.all(Array.from({ length: 120 }, (_, index) => send(rooms[index % 12]!.id, index % 2 ? 'ann' : 'bob')));
        for (const { id } of rooms) assert.deepEqual((await everything(id)).map(({ seq }) => seq), Array.from({ length: 10 }, (_, i) => i + 3));
      });

      it('sent again are a success that returns the first: in the same turn, later, and after a deletion (G2)', async () => {
        const { id } = await group('ann', 'bob');
        const [first, retry] = await Promise.all([send(id, 'ann', 'once', 'k'), send(id, 'ann', 'once', 'k')]);
        assert.deepEqual([first.duplicate, retry.duplicate], [false, true]);
        assert.deepEqual(retry.message, first.message);
        const later = await send(id, 'ann', 'once', 'k');
        assert.deepEqual([later.duplicate, later.message, later.head.seq], [true, first.message, 3]);
        now += 1_000;
        const { message: tombstone } = await store.deleteMessage(tenant, id, first.message.seq);
        const afterDeletion = await send(id, 'ann', 'once', 'k');
        assert.deepEqual([afterDeletion.duplicate, afterDeletion.message], [true, tombstone]);
        assert.equal((await everything(id)).length, 1);
        assert.equal((await store.room(tenant, id))!.seq, 4);
      });

      it('under a used id with another text are a conflict, and hurt no other message (G2)', async () => {
        const { id } = await group('ann', 'bob');
        const outcomes = await Promise.allSettled([
          send(id, 'ann', 'one', 'k1'), send(id, 'ann', 'two', 'k1'), send(id, 'bob', 'one', 'k1'), send('none', 'ann'), send(id, 'ann', 'three', 'k2'),
        ]);
        assert.deepEqual(outcomes.map(({ status }) => status), ['fulfilled', 'rejected', 'fulfilled', 'rejected', 'fulfilled']);
        await refuses('conflict', [send(id, 'ann', 'two', 'k1')]);
        await store.deleteMessage(tenant, id, 3);
        await refuses('conflict', [send(id, 'ann', 'two', 'k1'), send(id, 'ann', '', 'k1')]);
        assert.deepEqual((await everything(id)).map(({ seq, senderId }) => [seq, senderId]), [[3, 'ann'], [4, 'bob'], [5, 'ann']]);
        const other = await group('ann');
        assert.equal((await send(other.id, 'ann', 'two', 'k1')).duplicate, false, 'ids are a room\'s own');
      });

      it('come back exactly as they were written, also as names', async () => {
        const texts = [
          ':name ?', '? $1 $2 $$ :1', "'; DROP TABLE messages; --", '"quoted" `ticks` \\ \\n \\\\', '%_\\', '<b onclick="x">hi</b> &amp;',
          '👩‍👩‍👧‍👦 🏳️‍🌈 e\u0301 \u200b', 'مرحبا \u202eabc\u202c שלום', '\t leading and trailing \n\r\n', '\u0001\u007f\ufeff\uffff', 'null', '',
          'no\0thing', '\0', 'half \ud83d of \ude00', '\ufdd00000 \\u0000 \ufdd0', '0', '1e3',
          'x'.repeat(8_000), '𝕏'.repeat(4_000), '{"json": true}', '-- comment', '/* comment */ ${x} #{y} {{z}}',
        ];
        const { room } = await store.createRoom(tenant, { kind: 'group', name: texts[1], key: texts[3], members: [texts[2]!, 'ann'] });
        await store.putPeople(tenant, [{ id: texts[2]!, name: texts[3]!, avatar: texts[0] }]);
        const odd = { id: 'no\0id \ud800 \ufdd0 "', name: 'n\0 \udfff \ufdd00000', avatar: '\0' };
        await store.putPeople(tenant, [odd]);
        const { room: pair } = await store.createRoom(tenant, { kind: 'group', members: ['ann', odd.id] });
        assert.deepEqual((await store.summary(tenant, pair.id, 'ann'))!.people, [odd]);
        assert.deepEqual((await store.summaries(tenant, odd.id, { limit: 9 })).rooms.map(({ id, people }) => [id, people]), [[pair.id, [ann]]]);
        await Promise.all(texts.map((text) => send(room.id, texts[2]!, text, `id-${texts.indexOf(text)}`)));
        assert.deepEqual((await everything(room.id)).map(({ text }) => text), texts);
        const summary = (await store.summary(tenant, room.id, 'ann'))!;
        assert.equal(summary.name, texts[1]);
        assert.deepEqual(summary.people, [{ id: texts[2]!, name: texts[3]!, avatar: texts[0] }]);
        assert.deepEqual(summary.lastSender, summary.people[0]);
        assert.equal((await store.createRoom(tenant, { kind: 'group', key: texts[3], members: [] })).created, false);
        await store.renameRoom(tenant, room.id, texts[4]);
        assert.equal((await store.room(tenant, room.id))!.name, texts[4]);
        assert.equal((await store.markRead(tenant, room.id, texts[2]!, 99)).unread, 0);
        await store.changeMembers(tenant, room.id, { remove: [texts[2]!] });
        assert.deepEqual(await store.memberIds(tenant, room.id), ['ann']);
      });

      it('are deleted to a tombstone that keeps place, author and time (R11); twice is once', async () => {
        const { id } = await group('ann', 'bob');
        const { message } = await send(id, 'ann', 'secret');
        now += 1_000;
        const { facts, head, people, message: tombstone } = await store.deleteMessage(tenant, id, message.seq);
        assert.deepEqual(tombstone, { ...message, changedSeq: 4, text: '', deletedAt: tombstone.deletedAt });
        assert.deepEqual([tombstone.deletedAt, tombstone.at, head.activeAt], [now, now - 1_000, now - 1_000]);
        assert.deepEqual([facts, people], [[{ seq: 4, kind: 'message', message: tombstone }], [ann]]);
        assert.deepEqual([head.seq, head.messageCount, head.deletedCount, head.lastMessage], [4, 1, 1, tombstone]);
        const twice = await store.deleteMessage(tenant, id, message.seq);
        assert.deepEqual([twice.facts, twice.message, twice.head.seq], [[], tombstone, 4]);
        assert.deepEqual((await everything(id)), [tombstone]);
        await refuses('not_found', [store.deleteMessage(tenant, id, 99), store.deleteMessage(tenant, id, 1)]);
      });

      it('deleted by many at once are one fact', async () => {
        const { id } = await group('ann');
        const { message } = await send(id, 'ann');
        const changes = await Promise.all(Array.from({ length: 10 }, () => store.deleteMessage(tenant, id, message.seq)));
        assert.equal(changes.flatMap(({ facts }) => facts).length, 1);
        assert.deepEqual([changes[9]!.head.seq, changes[9]!.head.deletedCount], [3, 1]);
      });

      it('are imported with their own times, once, and move no marker', async () => {
        const { id } = await group('ann', 'bob');
        const drafts = Array.from({ length: 2_500 }, (_, index) => ({
          senderId: index % 2 ? 'ann' : 'old', clientMsgId: `i${index}`, text: `line ${index}`, at: 1_000_000 + index,
        }));
        assert.deepEqual(await store.importMessages(tenant, id, [...drafts.slice(0, 1_500), drafts[3]!]), { added: 1_500 });
        assert.deepEqual(await store.importMessages(tenant, id, drafts), { added: 1_000 });
        assert.deepEqual(await store.importMessages(tenant, id, drafts), { added: 0 });
        assert.deepEqual(await store.importMessages(tenant, id, []), { added: 0 });
        const all = await everything(id);
        assert.deepEqual(all.map(({ text, at }) => ({ text, at })), drafts.map(({ text, at }) => ({ text, at })));
        assert.deepEqual(all.map(({ seq }) => seq), drafts.map((_, index) => index + 3));
        const summary = (await store.summary(tenant, id, 'ann'))!;
        assert.deepEqual([summary.unread, summary.activeAt, summary.readSeq], [2_500, 1_002_499, 1], 'the room lies where its messages do');
        assert.equal((await send(id, 'ann', 'line 1', 'i1')).duplicate, true);
      });
    });

    describe('history', () => {
      it('of an empty room is empty', async () => {
        const { id } = await group('ann');
        const empty = { messages: [], hasBefore: false, hasAfter: false, people: [] };
        for (const page of [{}, { before: 1 }, { before: 9 }, { after: 0 }, { after: 9 }, { around: 1 }]) {
          assert.deepEqual(await store.history(tenant, id, { ...page, limit: 5 }), empty, JSON.stringify(page));
        }
      });

      it('has exact edges', async () => {
        const { id } = await group('ann', 'bob');
        for (let index = 0; index < 10; index += 1) await send(id, 'ann');
        // Places 3 to 12.
        const page = async (asked: { before?: number; after?: number; around?: number; limit: number }) => {
          const { messages, hasBefore, hasAfter } = await store.history(tenant, id, asked);
          return [messages[0]?.seq, messages.at(-1)?.seq, messages.length, hasBefore, hasAfter];
        };
        for (const [asked, ...expected] of [
          [{ limit: 4 }, 9, 12, 4, true, false],
          [{ limit: 10 }, 3, 12, 10, false, false],
          [{ limit: 11 }, 3, 12, 10, false, false],
          [{ before: 9, limit: 4 }, 5, 8, 4, true, true],
          [{ before: 7, limit: 4 }, 3, 6, 4, false, true],
          [{ before: 4, limit: 4 }, 3, 3, 1, false, true],
          [{ before: 3, limit: 4 }, undefined, undefined, 0, false, true],
          [{ before: 1, limit: 4 }, undefined, undefined, 0, false, true],
          [{ before: 99, limit: 4 }, 9, 12, 4, true, false],
          [{ after: 0, limit: 4 }, 3, 6, 4, false, true],
          [{ after: 3, limit: 4 }, 4, 7, 4, true, true],
          [{ after: 8, limit: 4 }, 9, 12, 4, true, false],
          [{ after: 11, limit: 4 }, 12, 12, 1, true, false],
          [{ after: 12, limit: 4 }, undefined, undefined, 0, true, false],
          [{ after: 99, limit: 4 }, undefined, undefined, 0, true, false],
          [{ around: 7, limit: 4 }, 5, 8, 4, true, true],
          [{ around: 7, limit: 5 }, 5, 9, 5, true, true],
          [{ around: 7, limit: 1 }, 7, 7, 1, true, true],
          [{ around: 3, limit: 4 }, 3, 6, 4, false, true],
          [{ around: 4, limit: 4 }, 3, 6, 4, false, true],
          [{ around: 0, limit: 4 }, 3, 6, 4, false, true],
          [{ around: 12, limit: 4 }, 9, 12, 4, true, false],
          [{ around: 99, limit: 4 }, 9, 12, 4, true, false],
          [{ around: 7, limit: 10 }, 3, 12, 10, false, false],
          [{ around: 7, limit: 50 }, 3, 12, 10, false, false],
        ] as const) {
          assert.deepEqual(await page(asked), expected, JSON.stringify(asked));
        }
      });

      it('is the same by every way of paging (G4)', async () => {
        const { id } = await group('ann', 'bob');
        for (let index = 0; index < 23; index += 1) {
          await send(id, index % 3 ? 'ann' : 'bob');
          if (index % 5 === 0) await store.renameRoom(tenant, id, `n${index}`);
        }
        const forwards = await everything(id);
        const backwards: Message[] = [];
        for (let before: number | undefined; ; before = backwards[0]!.seq) {
          const page = await store.history(tenant, id, { ...(before === undefined ? {} : { before }), limit: 5 });
          backwards.unshift(...page.messages);
          if (!page.hasBefore) break;
        }
        assert.deepEqual(backwards, forwards);
        assert.equal(forwards.length, 23);
        assert.deepEqual((await store.history(tenant, id, { limit: 50 })).people.toSorted((a, b) => (a.id < b.id ? -1 : 1)), [ann, bob]);
      });
    });

    describe('changes', () => {
      it('are the latest state of each thing, by seq, in pages', async () => {
        const { id } = await group('ann', 'bob');
        await send(id, 'ann');
        await send(id, 'bob');
        await store.changeMembers(tenant, id, { add: ['cem'], remove: ['bob'] });
        await store.renameRoom(tenant, id, 'x');
        await store.deleteMessage(tenant, id, 3);
        const { facts, upTo, more, people } = await store.changes(tenant, id, 0, 100);
        assert.deepEqual(facts.map(({ seq, kind }) => [seq, kind]), [
          [1, 'member'], [4, 'message'], [5, 'member'], [6, 'member'], [7, 'room'], [8, 'message'],
        ]);
        assert.deepEqual([upTo, more], [8, false]);
        assert.deepEqual(people.map(({ id: user }) => user).sort(), ['ann', 'bob', 'cem']);
        const page = await store.changes(tenant, id, 1, 2);
        assert.deepEqual([page.facts.map(({ seq }) => seq), page.upTo, page.more], [[4, 5], 5, true]);
        const exact = await store.changes(tenant, id, 6, 2);
        assert.deepEqual([exact.facts.map(({ seq }) => seq), exact.upTo, exact.more], [[7, 8], 8, false]);
        assert.deepEqual(await store.changes(tenant, id, 8, 2), { facts: [], upTo: 8, more: false, people: [] });
        assert.deepEqual(await store.changes(tenant, id, 99, 2), { facts: [], upTo: 8, more: false, people: [] });
      });

      it('do not tell of a person\'s new name, but tell the new one', async () => {
        const { id } = await group('ann');
        await send(id, 'ann');
        await store.putPeople(tenant, [{ id: 'ann', name: 'Anna' }]);
        assert.deepEqual((await store.changes(tenant, id, 2, 9)).facts, []);
        assert.deepEqual((await store.changes(tenant, id, 1, 9)).people, [{ id: 'ann', name: 'Anna' }]);
        assert.deepEqual((await store.heads(tenant, [id]))[0]!.lastSender, { id: 'ann', name: 'Anna' });
      });
    });

    describe('rooms that changed', () => {
      it('are told of all tenants, with how far they have come, the one that changed first at the front', async () => {
        const quiet = await group('ann');
        now += 1_000;
        const since = now;
        const first = await group('ann', 'bob');
        now += 1;
        await store.putPeople('other', [ann]);
        const { room: second } = await store.createRoom('other', { kind: 'group', members: ['ann'] });
        const place = (of: RoomRecord, rest: object) => ({ tenant, room: of.id, epoch: of.epoch, ...rest });
        assert.deepEqual(await store.changedRooms({ since, limit: 10 }), [
          place(first, { seq: 2, peopleSeq: 2, changedAt: since }),
          place(second, { tenant: 'other', seq: 1, peopleSeq: 1, changedAt: since + 1 }),
        ]);
        assert.deepEqual(await store.changedRooms({ since: since + 2, limit: 10 }), []);
        now += 1;
        await send(quiet.id, 'ann');
        assert.deepEqual(await store.changedRooms({ since: since + 2, limit: 10 }), [place(quiet, { seq: 2, peopleSeq: 1, changedAt: since + 2 })]);
      });

      it('by whatever takes a place in the log, and by nothing else', async () => {
        const { id } = await group('ann', 'bob');
        const { message } = await send(id, 'ann', 'hello', 'once');
        const changes: Record<string, [change: () => Promise<unknown>, peopleSeq: number]> = {
          'a message': [() => send(id, 'ann'), 2],
          'a deletion': [() => store.deleteMessage(tenant, id, message.seq), 2],
          'a name': [() => store.renameRoom(tenant, id, 'Garden'), 6],
          'a member more': [() => store.changeMembers(tenant, id, { add: ['cem'] }), 7],
          'a member less': [() => store.changeMembers(tenant, id, { remove: ['cem'] }), 8],
          'an import': [() => store.importMessages(tenant, id, [{ senderId: 'ann', clientMsgId: 'old', text: 'old', at: 1 }]), 8],
        };
        let seq = 3;
        for (const [what, [change, peopleSeq]] of Object.entries(changes)) {
          now += 1_000;
          await change();
          const [place] = await store.changedRooms({ since: now, limit: 10 });
          assert.deepEqual({ what, ...place }, { what, ...place, room: id, seq: ++seq, peopleSeq, changedAt: now });
        }
        now += 1_000;
        await send(id, 'ann', 'hello', 'once').catch(() => {});
        await store.markRead(tenant, id, 'bob', 4);
        await store.renameRoom(tenant, id, 'Garden');
        await store.deleteMessage(tenant, id, message.seq);
        await store.changeMembers(tenant, id, { add: ['bob'], remove: ['cem'] });
        await store.importMessages(tenant, id, [{ senderId: 'ann', clientMsgId: 'old', text: 'old', at: 1 }]);
        assert.deepEqual(await store.changedRooms({ since: now, limit: 10 }), []);
      });

      it('page by page all of them, also where many changed at the same time', async () => {
        const rooms: string[] = [];
        for (let index = 0; index < 7; index++) {
          rooms.push((await group('ann')).id);
          if (index === 4) now += 1;
        }
        const told: string[] = [];
        for (let after: RoomPlace | undefined; ;) {
          const page = await store.changedRooms({ since: 0, after, limit: 2 });
          told.push(...page.map(({ room }) => room));
          after = page.at(-1);
          if (page.length < 2) break;
        }
        assert.deepEqual([...told].sort(), [...rooms].sort());
        assert.deepEqual([...told.slice(5)].sort(), [...rooms.slice(5)].sort(), 'the later ones last');
      });
    });

    describe('reading', () => {
      it('moves a marker forward only, and not beyond the head (G10)', async () => {
        const { id } = await group('ann', 'bob');
        for (let index = 0; index < 5; index += 1) await send(id, 'ann');
        assert.deepEqual(await store.markRead(tenant, id, 'bob', 4), { readSeq: 4, readCount: 2, unread: 3, moved: true });
        assert.deepEqual(await store.markRead(tenant, id, 'bob', 3), { readSeq: 4, readCount: 2, unread: 3, moved: false });
        assert.deepEqual(await store.markRead(tenant, id, 'bob', 4), { readSeq: 4, readCount: 2, unread: 3, moved: false });
        assert.deepEqual(await store.markRead(tenant, id, 'bob', 1_000), { readSeq: 7, readCount: 5, unread: 0, moved: true });
        assert.deepEqual(await store.markRead(tenant, id, 'bob', 0), { readSeq: 7, readCount: 5, unread: 0, moved: false });
        assert.equal((await store.member(tenant, id, 'bob'))!.readSeq, 7);
      });

      it('by many at once ends at the farthest (G10)', async () => {
        const { id } = await group('ann', 'bob');
        const marks = Array.from({ length: 30 }, (_, index) => (index * 7) % 30);
        const reads = await Promise.all([
          ...Array.from({ length: 28 }, () => send(id, 'ann')),
          ...marks.map((seq) => store.markRead(tenant, id, 'bob', seq)),
        ]);
        assert.equal(reads.length, 58);
        const { readSeq, readCount, unread } = (await store.summary(tenant, id, 'bob'))!;
        assert.deepEqual({ readSeq, readCount, unread }, { readSeq: 29, readCount: 27, unread: 1 });
      });

      it('is done by sending (P1)', async () => {
        const { id } = await group('ann', 'bob');
        await send(id, 'ann');
        assert.equal((await store.summary(tenant, id, 'bob'))!.unread, 1);
        const { message } = await send(id, 'bob', 'x', 'r');
        await send(id, 'ann');
        const { readSeq, readCount, unread } = (await store.summary(tenant, id, 'bob'))!;
        assert.deepEqual({ readSeq, readCount, unread }, { readSeq: message.seq, readCount: 2, unread: 1 });
        await store.markRead(tenant, id, 'bob', 99);
        await send(id, 'bob', 'x', 'r');
        assert.equal((await store.summary(tenant, id, 'bob'))!.readSeq, 5, 'a retry moves nothing');
      });

      it('counts without what was deleted (P1)', async () => {
        const { id } = await group('ann', 'bob');
        for (let index = 0; index < 6; index += 1) await send(id, 'ann');
        await store.markRead(tenant, id, 'bob', 4);
        for (const seq of [3, 6, 8]) await store.deleteMessage(tenant, id, seq);
        assert.equal((await store.summary(tenant, id, 'bob'))!.unread, 2);
        assert.equal((await store.summaries(tenant, 'bob', { limit: 1 })).rooms[0]!.unread, 2);
        assert.deepEqual(await store.markRead(tenant, id, 'bob', 6), { readSeq: 6, readCount: 4, unread: 1, moved: true });
        assert.equal(await recount(id, 'bob'), 1);
      });

      it('tells who has seen a message', async () => {
        const { id } = await group('ann', 'bob', 'cem', 'ghost', 'gone');
        const { message } = await send(id, 'ann');
        for (const user of ['cem', 'ghost', 'bob', 'gone']) await store.markRead(tenant, id, user, message.seq);
        await store.changeMembers(tenant, id, { remove: ['gone'] });
        await send(id, 'cem');
        assert.deepEqual(await store.seenBy(tenant, id, message.seq, 'ann', 2), { count: 3, people: [bob, cem] });
        assert.deepEqual(await store.seenBy(tenant, id, message.seq + 2, 'ann', 9), { count: 1, people: [cem] });
        assert.deepEqual(await store.seenBy(tenant, id, 99, 'ann', 9), { count: 0, people: [] });
      });
    });

    describe('room lists', () => {
      it('show a room as one person sees it', async () => {
        const { id, epoch } = await group('ann', 'bob', 'cem', 'd1', 'd2', 'd3', 'd4');
        now += 1_000;
        const { message } = await send(id, 'bob', 'hi');
        assert.equal(message.at, now);
        const { rooms, next } = await store.summaries(tenant, 'ann', { limit: 5 });
        assert.equal(next, undefined);
        const named = (user: string) => ({ id: user, name: user });
        assert.deepEqual(rooms, [{
          id, kind: 'group', epoch, seq: 8, messageCount: 1, deletedCount: 0, memberCount: 7, people: [bob, cem, named('d1'), named('d2'), named('d3')],
          lastMessage: message, lastSender: bob, activeAt: message.at, readSeq: 1, readCount: 0, unread: 1,
        }]);
        assert.deepEqual(await store.summary(tenant, id, 'ann'), rooms[0]);
        await store.changeMembers(tenant, id, { remove: ['bob', 'd2'] });
        now += 1_000;
        await store.changeMembers(tenant, id, { add: ['bob'] });
        const peopleFor = async (user: string) => (await store.summary(tenant, id, user))!.people.map((person) => person.id);
        assert.deepEqual(await peopleFor('ann'), ['cem', 'd1', 'd3', 'd4', 'bob'], 'by the time they joined');
        assert.deepEqual(await peopleFor('d4'), ['ann', 'cem', 'd1', 'd3', 'bob']);
        await store.changeMembers(tenant, id, { add: ['aaa'] });
        assert.deepEqual(await peopleFor('ann'), ['cem', 'd1', 'd3', 'd4', 'aaa'], 'then by id');
      });

      it('put the most recently active first, and go on after a cursor', async () => {
        const rooms: string[] = [];
        for (let index = 0; index < 7; index += 1) {
          const { id } = await group('ann', 'bob');
          await store.importMessages(tenant, id, [{ senderId: 'bob', clientMsgId: 'i', text: 'x', at: 1_000 + Math.floor(index / 2) }]);
          rooms.push(id);
        }
        const byAge = (await store.summaries(tenant, 'ann', { limit: 50 })).rooms;
        assert.deepEqual(byAge.map(({ activeAt }) => activeAt), [1_003, 1_002, 1_002, 1_001, 1_001, 1_000, 1_000]);
        for (const limit of [1, 2, 3, 6, 7]) {
          const seen: string[] = [];
          for (let cursor: string | undefined; ; ) {
            const page = await store.summaries(tenant, 'ann', { cursor, limit });
            seen.push(...page.rooms.map(({ id }) => id));
            cursor = page.next;
            if (cursor === undefined) break;
          }
          assert.deepEqual(seen, byAge.map(({ id }) => id), `in pages of ${limit}`);
        }
        await send(rooms[0]!, 'bob');
        assert.equal((await store.summaries(tenant, 'ann', { limit: 1 })).rooms[0]!.id, rooms[0]);
        await refuses('bad_frame', [store.summaries(tenant, 'ann', { cursor: 'no cursor', limit: 1 })]);
        assert.deepEqual(await store.summaries(tenant, 'nobody', { limit: 5 }), { rooms: [] });
      });

      it('find rooms by their name and the names of the others in them', async () => {
        const { room: team } = await store.createRoom(tenant, { kind: 'group', name: 'Çay & 100%', members: ['ann', 'bob'] });
        const { room: direct } = await store.createRoom(tenant, { kind: 'direct', key: 'ann|cem', members: ['ann', 'cem'] });
        const { room: notes } = await store.createRoom(tenant, { kind: 'direct', key: 'ann', members: ['ann'] });
        const found = async (query: string) => (await store.summaries(tenant, 'ann', { limit: 9, query })).rooms.map(({ id }) => id);
        assert.deepEqual(await found('cay'), [team.id]);
        assert.deepEqual(await found('100%'), [team.id]);
        assert.deepEqual(await found('10_'), []);
        assert.deepEqual(await found('sto'), [team.id]);
        assert.deepEqual(await found('oz'), [direct.id]);
        assert.deepEqual(await found('ann'), [notes.id], 'one\'s own name finds only the room with oneself');
        await store.changeMembers(tenant, team.id, { remove: ['bob'], add: ['cem'] });
        assert.deepEqual(await found('stone'), []);
        assert.deepEqual((await found('ö')).sort(), [team.id, direct.id].sort());
        assert.equal((await found('')).length, 3);
        await store.renameRoom(tenant, team.id, 'Kahve');
        assert.deepEqual([await found('cay'), await found('kah')], [[], [team.id]]);
      });

      it('of many people who ask at once are each their own, of any tenant (G8)', async () => {
        const rooms = await Promise.all(['ann', 'bob', 'cem'].flatMap((user) => Array.from({ length: 4 }, () => group(user, 'zoe'))));
        await store.putPeople('other', [{ id: 'ann', name: 'Another Ann' }]);
        const theirs = await store.createRoom('other', { kind: 'group', members: ['ann', 'zed'] });
        const shown = ({ rooms: page, next }: { rooms: { id: string }[]; next?: string }) => [page.map(({ id }) => id).sort(), next !== undefined];
        const own = (from: number) => rooms.slice(from, from + 4).map(({ id }) => id).sort();
        const pages = await Promise.all([
          store.summaries(tenant, 'ann', { limit: 4 }), store.summaries(tenant, 'bob', { limit: 9 }), store.summaries(tenant, 'zoe', { limit: 12 }),
          store.summaries('other', 'ann', { limit: 4 }), store.summaries(tenant, 'nobody', { limit: 4 }), store.summaries(tenant, 'cem', { limit: 3 }),
        ]);
        assert.deepEqual(pages.slice(0, 5).map(shown), [
          [own(0), false], [own(4), false], [rooms.map(({ id }) => id).sort(), false], [[theirs.room.id], false], [[], false],
        ]);
        assert.deepEqual([pages[5]!.rooms.length, (await store.summaries(tenant, 'cem', { cursor: pages[5]!.next, limit: 3 })).rooms.length], [3, 1]);
        const alone = await store.summaries(tenant, 'zoe', { limit: 12 });
        assert.deepEqual(pages[2], alone, 'in the same order and the same as alone');
        const [mine, other, members, none] = await Promise.all([
          store.summary(tenant, rooms[0]!.id, 'ann'), store.summary('other', rooms[0]!.id, 'ann'), store.members(tenant, rooms[0]!.id, { limit: 1 }),
          store.summary(tenant, rooms[0]!.id, 'bob'), store.memberIds(tenant, rooms[1]!.id), store.people('other', ['ann', 'bob']),
        ]);
        assert.deepEqual([mine!.people, other, members.members.map(({ userId }) => userId), members.next, none], [[{ id: 'zoe', name: 'zoe' }], undefined, ['ann'], 'ann', undefined]);
      });

      it('of 5,000 rooms page without a double, and without a miss of what did not move, while activity moves', async () => {
        const ids = (await Promise.all(Array.from({ length: 5_000 }, () => group('ann')))).map(({ id }) => id);
        const seen: string[] = [];
        const moved = new Set<string>();
        let page = 0;
        for (let cursor: string | undefined; ; ) {
          const { rooms, next } = await store.summaries(tenant, 'ann', { cursor, limit: 100 });
          seen.push(...rooms.map(({ id }) => id));
          cursor = next;
          if (cursor === undefined) break;
          page += 1;
          now += 1;
          const active = Array.from({ length: 5 }, (_, index) => ids[(page * 997 + index * 331) % ids.length]!);
          const sends = await Promise.all(active.map((room) => send(room, 'ann')));
          for (const { head } of sends) moved.add(head.room);
        }
        assert.equal(new Set(seen).size, seen.length, 'a double');
        const seenSet = new Set(seen);
        assert.deepEqual(ids.filter((id) => !seenSet.has(id) && !moved.has(id)), [], 'a miss');
        const front = await store.summaries(tenant, 'ann', { limit: moved.size });
        const missed = [...moved].filter((id) => !seenSet.has(id));
        assert.deepEqual(missed.filter((id) => !front.rooms.some((room) => room.id === id)), [], 'what moved is in front');
      });
    });

    describe('tenants', () => {
      it('know nothing of each other, also under the same ids (G8)', async () => {
        const { id } = await group('ann', 'bob');
        const { message } = await send(id, 'ann', 'secret', 'k');
        await store.putPeople('other', [{ id: 'ann', name: 'Another Ann' }]);
        const mine = await store.createRoom(tenant, { kind: 'direct', key: 'shared', members: ['ann'] });
        const theirs = await store.createRoom('other', { kind: 'direct', key: 'shared', members: ['ann'] });
        assert.ok(mine.created && theirs.created);

        assert.deepEqual(await store.people('other', ['ann', 'bob']), [{ id: 'ann', name: 'Another Ann' }]);
        assert.deepEqual(await store.people(tenant, ['ann']), [ann]);
        assert.deepEqual(await store.searchPeople('other', 'bob', 5), []);
        assert.deepEqual((await store.summaries('other', 'ann', { limit: 5 })).rooms.map((room) => room.id), [theirs.room.id]);
        assert.deepEqual((await store.summaries(tenant, 'ann', { limit: 5 })).rooms.map((room) => room.id).sort(), [id, mine.room.id].sort());
        assert.deepEqual(await store.heads('other', [id]), []);
        assert.deepEqual(
          await Promise.all([
            store.room('other', id), store.member('other', id, 'ann'), store.message('other', id, message.seq), store.summary('other', id, 'ann'),
          ]),
          [undefined, undefined, undefined, undefined],
        );
        await refuses('not_found', [
          store.history('other', id, { limit: 5 }), store.changes('other', id, 0, 5), store.memberIds('other', id),
          store.members('other', id, { limit: 5 }), store.markRead('other', id, 'ann', 3), store.seenBy('other', id, 1, 'bob', 5),
          store.appendMessage('other', { room: id, senderId: 'ann', clientMsgId: 'k', text: 'secret' }), store.deleteMessage('other', id, message.seq),
          store.renameRoom('other', id, 'x'), store.changeMembers('other', id, { add: ['eve'] }),
          store.importMessages('other', id, [{ senderId: 'ann', clientMsgId: 'z', text: 'x', at: 1 }]),
        ]);
        assert.deepEqual(await everything(id), [message]);
      });

      it('share a batch and not a row (G8)', async () => {
        const tenants = ['acme', 'other', 'acme2'];
        const rooms = await Promise.all(tenants.map((each) => store.createRoom(each, { kind: 'group', members: ['ann', 'bob'] })));
        await Promise.all(Array.from({ length: 60 }, (_, index) => store.appendMessage(tenants[index % 3]!, {
          room: rooms[index % 3]!.room.id, senderId: 'ann', clientMsgId: `k${Math.floor(index / 3)}`, text: tenants[index % 3]!,
        })));
        for (const [index, each] of tenants.entries()) {
          const { messages } = await store.history(each, rooms[index]!.room.id, { limit: 50 });
          assert.deepEqual(messages.map(({ text, seq }) => [text, seq]), Array.from({ length: 20 }, (_, i) => [each, i + 3]));
          assert.equal((await store.summary(each, rooms[index]!.room.id, 'bob'))!.unread, 20);
        }
      });
    });

    describe('revocations', () => {
      it('G7: are read by revision, each as it was said last, of all tenants', async () => {
        assert.deepEqual(await store.revocations(0, 10), []);
        const person = { tenant, kind: 'person', subject: 'ann' } as const;
        assert.equal(await store.writeRevocation({ ...person, at: now }), 1);
        assert.equal(await store.writeRevocation({ tenant: 'other', kind: 'tenant', subject: '', at: now }), 2);
        assert.equal(await store.writeRevocation({ tenant, kind: 'token', subject: 'jti ✓', at: now, until: now + 1 }), 3);
        assert.equal(await store.writeRevocation(person), 4, 'taken back');
        assert.deepEqual(await store.revocations(0, 10), [
          { tenant: 'other', kind: 'tenant', subject: '', at: now, revision: 2 },
          { tenant, kind: 'token', subject: 'jti ✓', at: now, until: now + 1, revision: 3 },
          { ...person, revision: 4 },
        ]);
        assert.deepEqual((await store.revocations(2, 1)).map(({ revision }) => revision), [3]);
        assert.deepEqual(await store.revocations(4, 10), []);
      });

      it('G7: who reads while they are written misses none', async () => {
        const seen: number[] = [];
        const writing = Promise.all(Array.from({ length: 30 }, (_, index) =>
          store.writeRevocation({ tenant, kind: 'token', subject: `token-${index}`, at: now })));
        while (seen.length < 30) seen.push(...(await store.revocations(seen.at(-1) ?? 0, 7)).map(({ revision }) => revision));
        await writing;
        assert.deepEqual(seen, Array.from({ length: 30 }, (_, index) => index + 1));
      });
    });

    describe('a life of random operations', () => {
      const user = fc.constantFrom('ann', 'bob', 'cem', 'ghost');
      const operation = fc.oneof(
        { weight: 8, arbitrary: fc.record({ do: fc.constant('send' as const), user, text: fc.string({ unit: 'grapheme', maxLength: 12 }) }) },
        { weight: 3, arbitrary: fc.record({ do: fc.constant('delete' as const), at: fc.nat(99) }) },
        { weight: 3, arbitrary: fc.record({ do: fc.constant('read' as const), user, at: fc.nat(110) }) },
        { weight: 1, arbitrary: fc.record({ do: fc.constant('add' as const), user }) },
        { weight: 1, arbitrary: fc.record({ do: fc.constant('remove' as const), user }) },
        { weight: 1, arbitrary: fc.record({ do: fc.constant('rename' as const), name: fc.option(fc.constantFrom('x', 'y'), { nil: undefined }) }) },
        { weight: 2, arbitrary: fc.record({ do: fc.constant('retry' as const), at: fc.nat(99) }) },
        { weight: 2, arbitrary: fc.record({ do: fc.constant('visit' as const), limit: fc.integer({ min: 1, max: 9 }) }) },
      );

      it('keeps unread = recount (G10), changes = the fold of the facts (R5, R6), seq gapless (G3), each message once (G2)', async (test) => {
        await check(test, fc.asyncProperty(fc.array(operation, { minLength: 10, maxLength: 60 }), fc.boolean(), async (operations, atOnce) => {
          const { room, facts } = await store.createRoom(tenant, { kind: 'group', members: ['ann', 'bob', 'cem'] });
          const told: Fact[] = [...facts];
          const messages: Message[] = [];
          const visitor = { state: new Map<string, string>(), upTo: 0 };
          const markers = new Map<string, number>();

          const run = async (op: typeof operations[number]) => {
            switch (op.do) {
              case 'send': {
                const sent = await send(room.id, op.user, op.text).catch(notThere);
                if (!sent) return;
                messages.push(sent.message);
                told.push({ seq: sent.message.seq, kind: 'message', message: sent.message });
                return;
              }
              case 'retry': {
                const { senderId, clientMsgId, text } = messages[op.at % Math.max(messages.length, 1)] ?? {};
                if (senderId === undefined || clientMsgId === undefined || text === undefined) return;
                assert.ok((await send(room.id, senderId, text, clientMsgId)).duplicate);
                return;
              }
              case 'delete': {
                const target = messages[op.at % Math.max(messages.length, 1)];
                if (target) told.push(...(await store.deleteMessage(tenant, room.id, target.seq)).facts);
                return;
              }
              case 'read': {
                if (!(await store.member(tenant, room.id, op.user))) return;
                const { readSeq } = await store.markRead(tenant, room.id, op.user, op.at).catch(gone);
                assert.ok(readSeq >= (markers.get(op.user) ?? 0), 'a marker moved back');
                if (!atOnce) markers.set(op.user, readSeq);
                return;
              }
              case 'add': return void told.push(...(await store.changeMembers(tenant, room.id, { add: [op.user] })).facts);
              case 'remove': return void told.push(...(await store.changeMembers(tenant, room.id, { remove: [op.user] })).facts);
              case 'rename': return void told.push(...(await store.renameRoom(tenant, room.id, op.name)).facts);
              case 'visit': {
                const page = await store.changes(tenant, room.id, visitor.upTo, op.limit);
                // Two visits at once may come home in any order: the cursor moves forward only.
                if (page.upTo < visitor.upTo) return;
                fold(visitor.state, page.facts);
                visitor.upTo = page.upTo;
              }
            }
          };
          if (atOnce) await Promise.all(operations.map(run));
          else for (const op of operations) await run(op);

          const { seq } = (await store.room(tenant, room.id))!;
          told.sort((a, b) => a.seq - b.seq);
          assert.deepEqual(told.map((fact) => fact.seq), Array.from({ length: seq }, (_, index) => index + 1), 'each fact has the next seq');
          const folded = fold(new Map<string, string>(), told);
          const present = new Set<string>();
          for (const fact of told) {
            if (fact.kind === 'member') present[fact.member.leftAt === undefined ? 'add' : 'delete'](fact.member.userId);
            if (fact.kind === 'message' && fact.message.seq === fact.seq) assert.ok(present.has(fact.message.senderId), 'somebody wrote who was out');
          }

          for (let more = true; more; ) {
            const page = await store.changes(tenant, room.id, visitor.upTo, 5);
            assert.ok(page.facts.every((fact, index) => fact.seq > (page.facts[index - 1]?.seq ?? visitor.upTo)), 'by seq');
            fold(visitor.state, page.facts);
            ({ upTo: visitor.upTo, more } = page);
          }
          assert.equal(visitor.upTo, seq);
          const byKey = (state: Map<string, string>) => [...state].sort(([a], [b]) => (a < b ? -1 : 1));
          assert.deepEqual(byKey(visitor.state), byKey(folded));

          const all = await everything(room.id);
          assert.equal(all.length, messages.length);
          assert.deepEqual(all.map(({ ordinal }) => ordinal), all.map((_, index) => index + 1));
          for (const member of await store.memberIds(tenant, room.id)) {
            const summary = (await store.summary(tenant, room.id, member))!;
            assert.equal(summary.unread, await recount(room.id, member), `unread of ${member}`);
            assert.equal(summary.readCount, all.filter((message) => message.seq <= summary.readSeq).length, `readCount of ${member}`);
            assert.equal((await store.markRead(tenant, room.id, member, 0)).unread, summary.unread);
          }
        }));
      });
    });

    describe('closing', () => {
      it('finishes what was accepted, and refuses what comes after', async () => {
        const { id } = await group('ann', 'bob');
        const sends = Array.from({ length: 40 }, () => send(id, 'ann'));
        const closing = store.close();
        assert.equal((await Promise.all(sends)).at(-1)!.head.messageCount, 40);
        await closing;
        await store.close();
        await refuses('unavailable', [
          send(id, 'ann'), store.room(tenant, id), store.markRead(tenant, id, 'ann', 1), store.createRoom(tenant, { kind: 'group', members: [] }), store.check(),
        ]);
      });

      it('answers a check while it is open', async () => {
        assert.equal(await store.check(), undefined);
      });
    });
  });
}

async function refuses(code: ChatterError['code'], calls: readonly Promise<unknown>[]): Promise<void> {
  const outcomes = await Promise.allSettled(calls);
  for (const [index, outcome] of outcomes.entries()) {
    assert.ok(outcome.status === 'rejected', `call ${index} should be refused with ${code}`);
    assert.ok(outcome.reason instanceof ChatterError, `call ${index} threw ${String(outcome.reason)}`);
    assert.equal(outcome.reason.code, code, `call ${index}`);
  }
}

/** Someone may be removed between the look and the mark: that refusal is right. */
function gone(error: unknown): { readSeq: number } {
  assert.ok(error instanceof ChatterError && error.code === 'not_found', String(error));
  return { readSeq: Number.MAX_SAFE_INTEGER };
}

/** Who is out of the room writes nothing: that refusal is right. */
function notThere(error: unknown): undefined {
  assert.ok(error instanceof ChatterError && error.code === 'not_found', String(error));
  return undefined;
}

/** Applies facts as a client does: the higher `seq` wins (R5). Markers and names of people move without facts, so they are left out. */
function fold(state: Map<string, string>, facts: readonly Fact[]): Map<string, string> {
  for (const fact of facts) {
    const [key, value] = keyAndState(fact);
    const seqOf = (text: string | undefined) => (text === undefined ? 0 : (JSON.parse(text) as [number])[0]);
    if (fact.seq > seqOf(state.get(key))) state.set(key, JSON.stringify([fact.seq, value]));
  }
  return state;
}

function keyAndState(fact: Fact): [key: string, state: unknown] {
  switch (fact.kind) {
    case 'message': return [`message ${fact.message.seq}`, Object.entries(fact.message).sort()];
    case 'member': return [`member ${fact.member.userId}`, Object.entries({ ...fact.member, readSeq: undefined } satisfies Partial<Member>).sort()];
    case 'room': return ['room', fact.name];
  }
}

/** Runs a property; its seed is told, and CHATTER_SEED runs it again. */
async function check<T>(test: TestContext, property: fc.IAsyncProperty<T>): Promise<void> {
  const seed = Number(process.env.CHATTER_SEED ?? Date.now() % 2 ** 31);
  test.diagnostic(`CHATTER_SEED=${seed}`);
  await fc.assert(property, { seed, numRuns: 40 });
}
