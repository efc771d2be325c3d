import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { systemClock } from '../../../server/clock.ts';
import { ChatterError } from '../../../server/errors.ts';
import type { Connection, Database } from '../../../server/store/database.ts';
import { changeMembers } from '../../../server/store/members-table.ts';
import { openDatabase } from '../../../server/store/open-database.ts';
import { openSequelizeStore, type SequelizeStore } from '../../../server/store/sequelize-store.ts';
import { sql, words } from '../../../server/store/sql.ts';
import { Proxy } from '../../support/services/proxy.ts';
import type { ServerStores } from './server-stores.ts';

const tenant = 'acme';

/** What a store does where its database is a server, which others use too, and which may hang, go away and come back. */
export function serverStoreSuite(name: string, stores: ServerStores): void {
  const isPostgres = name === 'Postgres';

  describe(`a store in ${name}`, () => {
    const databases: Database[] = [];
    let sent = 0;

    beforeEach(() => stores.empty());
    afterEach(async () => {
      await Promise.all(databases.splice(0).map((database) => database.close()));
      await stores.closeStores();
    });

    /** The test's own way to the database. */
    async function aside(): Promise<Database> {
      const database = await openDatabase(stores.service.url, { connections: 1, clock: systemClock });
      databases.push(database);
      return database;
    }

    function send(store: SequelizeStore, room: string, clientMsgId = `c${++sent}`, senderId = 'ann') {
      return store.appendMessage(tenant, { room, senderId, clientMsgId, text: 'x' });
    }

    async function group(store: SequelizeStore): Promise<string> {
      return (await store.createRoom(tenant, { kind: 'group', members: ['ann', 'bob'] })).room.id;
    }

    /** Keeps a transaction open until it is told to let go. */
    async function holding(work: (connection: Connection) => Promise<unknown>): Promise<() => Promise<void>> {
      const database = await aside();
      let release = (): void => {};
      let done: Promise<void> | undefined;
      await new Promise<void>((resolve, reject) => {
        done = database.transaction(async (connection) => {
          await work(connection);
          resolve();
          await new Promise<void>((let_) => (release = let_));
        });
        done.catch(reject);
      });
      return async () => {
        release();
        await done;
      };
    }

    function lockRoom(connection: Connection, room: string): Promise<unknown> {
      return connection.all(connection.dialect.lockRooms!([[tenant, room]], 'wait'));
    }

    async function terminateOthers(): Promise<void> {
      const database = await aside();
      const others = isPostgres
        ? 'SELECT pid AS id FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = \'client backend\''
        : 'SELECT id FROM information_schema.processlist WHERE db = DATABASE() AND id <> CONNECTION_ID()';
      const ids = (await database.reader.all(words(others))).map(({ id }) => Number(id));
      assert.ok(ids.length > 0);
      for (const id of ids) await database.reader.all(words(isPostgres ? `SELECT pg_terminate_backend(${id})` : `KILL ${id}`));
    }

    async function assertGapless(store: SequelizeStore, room: string, count: number): Promise<void> {
      const { messages } = await store.history(tenant, room, { limit: 10_000 });
      assert.deepEqual(messages.map(({ seq }) => seq), Array.from({ length: count }, (_, index) => index + 3));
      assert.deepEqual(messages.map(({ ordinal }) => ordinal), Array.from({ length: count }, (_, index) => index + 1));
      const record = (await store.room(tenant, room))!;
      assert.deepEqual([record.seq, record.messageCount], [count + 2, count]);
    }

    describe('of several nodes', () => {
      it('opened by ten at once on an empty database makes the tables once', async () => {
        const url = await stores.service.createDatabase();
        const opened = await Promise.all(Array.from({ length: 10 }, () => stores.open({ url, connections: 2 })));
        const { room } = await opened[0]!.createRoom(tenant, { kind: 'group', members: ['ann', 'bob'] });
        await Promise.all(opened.map((store, index) => send(store, room.id, `m${index}`)));
        await assertGapless(opened[9]!, room.id, 10);
      });

      it('that was cut off while it made its tables makes the rest of them the next time', async () => {
        const url = await stores.service.createDatabase();
        let store: SequelizeStore | undefined;
        let place = 0;
        // Each time a step further, until there is no such step.
        while (!store) {
          place += 1;
          let steps = 0;
          const cutOff = (statement: string): void => {
            if (/^\s*(CREATE|ALTER|INSERT)/.test(statement) && !store && ++steps === place) throw new Error('cut off');
          };
          store = await stores.open({ url, onQuery: cutOff }).catch((error: Error) => {
            assert.match(error.message, /cut off/);
            return undefined;
          });
        }
        assert.ok(place > 5);
        const { room } = await store.createRoom(tenant, { kind: 'group', members: ['ann'] });
        assert.equal((await send(store, room.id)).message.seq, 2);
        assert.equal(await store.writeRevocation({ tenant, kind: 'person', subject: 'eve', at: 1 }), 1);
      });

      it('G3: rooms that all write to are gapless, each message is once, and what a node sends keeps its order', async () => {
        const nodes = await Promise.all([stores.open(), stores.open(), stores.open()]);
        const rooms = await Promise.all(Array.from({ length: 4 }, () => group(nodes[0])));
        await Promise.all(nodes.flatMap((store, node) => rooms.flatMap((room) => Array.from({ length: 40 }, async (_, index) => {
          const [first, second] = await Promise.all([send(store, room, `n${node}-${index}`), send(nodes[(node + 1) % 3]!, room, `n${node}-${index}`)]);
          assert.equal(first.message.seq, second.message.seq, 'G2: two nodes, one message');
          assert.notEqual(first.duplicate, second.duplicate);
        }))));
        for (const room of rooms) {
          await assertGapless(nodes[1], room, 120);
          const { messages } = await nodes[2].history(tenant, room, { limit: 500 });
          assert.equal(new Set(messages.map(({ clientMsgId }) => clientMsgId)).size, 120);
        }
      });

      it('R8: a direct room that all make at once is one', async () => {
        const nodes = await Promise.all([stores.open(), stores.open(), stores.open()]);
        for (let round = 0; round < 5; round += 1) {
          const keys = Array.from({ length: 6 }, (_, index) => `direct-${round}-${index}`);
          // In the opposite order on every other node, so that they wait for each other.
          const made = await Promise.all(nodes.flatMap((store, node) =>
            (node % 2 ? keys.toReversed() : keys).map(async (key) => ({ key, ...(await store.createRoom(tenant, { kind: 'direct', key, members: ['ann', 'bob'] })) }))));
          for (const key of keys) {
            const these = made.filter((each) => each.key === key);
            assert.equal(new Set(these.map(({ room }) => room.id)).size, 1);
            assert.equal(these.filter(({ created }) => created).length, 1);
          }
        }
      });

      it('people who come to all at once, in any order, are stored as they said last', async () => {
        const nodes = await Promise.all([stores.open(), stores.open(), stores.open()]);
        const people = Array.from({ length: 40 }, (_, index) => ({ id: `p${index}`, name: `Person ${index}` }));
        await Promise.all(nodes.flatMap((store, node) => (node % 2 ? people.toReversed() : people).map((person) => store.putPeople(tenant, [person]))));
        assert.deepEqual(await nodes[0].people(tenant, people.map(({ id }) => id)), people);
      });

      it('what somebody asked for that waits behind their going, on another node, is refused: it is known only when the room is had', async () => {
        let isAsking = (): void => {};
        const store = await stores.open({ onQuery: (statement) => void (/FOR UPDATE|FOR NO KEY UPDATE/.test(statement) && isAsking()) });
        const { room: { id } } = await store.createRoom(tenant, { kind: 'group', members: ['ann', 'bob', 'cem'] });
        await send(store, id, 'first', 'bob');
        for (const [place, act] of [
          () => store.changeMembers(tenant, id, { add: ['bob'] }, 'bob'), () => store.changeMembers(tenant, id, { remove: ['cem'] }, 'bob'),
          () => store.renameRoom(tenant, id, 'Mine', 'bob'), () => store.deleteMessage(tenant, id, 4, 'bob'), () => send(store, id, 'late', 'bob'),
        ].entries()) {
          const letGo = await holding(async (connection) => {
            await lockRoom(connection, id);
            await changeMembers(connection, tenant, id, { remove: ['bob'] }, 'ann', place);
          });
          const asking = new Promise<void>((resolve) => (isAsking = resolve));
          const acting = Promise.allSettled([act()]);
          await asking;
          assert.ok((await store.memberIds(tenant, id)).includes('bob'), 'not committed yet');
          await letGo();
          const outcome = await acting;
          assert.ok(outcome[0]!.status === 'rejected');
          assert.equal((outcome[0]!.reason as ChatterError).code, 'not_found');
          assert.deepEqual(await store.memberIds(tenant, id), ['ann', 'cem']);
          await store.changeMembers(tenant, id, { add: ['bob'] }, 'ann');
        }
      });

      it('transactions that wait for each other both happen: the one that has to give way is done again, whole', async () => {
        const store = await stores.open();
        const [one, other] = [await group(store), await group(store)];
        const [first, second] = [await aside(), await aside()];
        let attempts = 0;
        let isMet = (): void => {};
        const met = new Promise<void>((resolve) => (isMet = resolve));
        let waiting = 0;
        const rename = (database: Database, from: string, to: string) => database.transaction(async (connection) => {
          attempts += 1;
          await lockRoom(connection, from);
          if (++waiting === 2) isMet();
          await met;
          await lockRoom(connection, to);
          await connection.run(sql`UPDATE rooms SET message_count = message_count + 1 WHERE tenant = ${tenant}`);
        });
        await Promise.all([rename(first, one, other), rename(second, other, one)]);
        assert.ok(attempts > 2, 'one gave way');
        assert.equal((await store.room(tenant, one))!.messageCount, 2);
      });
    });

    describe('with one connection', () => {
      it('reads and writes in turns, without waiting for itself', async () => {
        const store = await stores.open({ connections: 1 });
        const room = await group(store);
        await Promise.all(Array.from({ length: 100 }, async (_, index) => {
          await store.putPeople(tenant, [{ id: `p${index % 7}`, name: `Name ${index % 3}` }]);
          await Promise.all([send(store, room), store.summary(tenant, room, 'bob'), store.markRead(tenant, room, 'bob', index), store.changes(tenant, room, 0, 50)]);
        }));
        await assertGapless(store, room, 100);
      });
    });

    describe('in trouble', () => {
      it('whose sessions the database ends is unavailable for what was under way, and works on', async () => {
        const store = await stores.open();
        const room = await group(store);
        await Promise.all(Array.from({ length: 20 }, () => store.summary(tenant, room, 'ann')));
        for (let round = 0; round < 3; round += 1) {
          const outcomes = Promise.allSettled(Array.from({ length: 30 }, (_, index) => send(store, room, `r${round}-${index}`)));
          await terminateOthers();
          for (const outcome of await outcomes) if (outcome.status === 'rejected') isUnavailable(outcome.reason);
          await Promise.allSettled(Array.from({ length: 9 }, () => store.room(tenant, room)));
        }
        const again = await Promise.all(Array.from({ length: 90 }, (_, index) => send(store, room, `r${index % 3}-${Math.floor(index / 3)}`)));
        assert.equal(new Set(again.map(({ message }) => message.seq)).size, 90);
        await assertGapless(store, room, 90);
      });

      it('G1, G2: whose line is cut in the middle of COMMIT does not know, and the same again finds out', async () => {
        const proxy = await Proxy.to(stores.service.port);
        let isArmed = false;
        let isCommitting = (): void => {};
        const committing = new Promise<void>((resolve) => (isCommitting = resolve));
        const store = await stores.open({
          url: Object.assign(new URL(stores.service.url), { port: String(proxy.port) }).href,
          onQuery(statement) {
            if (!isArmed || statement !== 'COMMIT') return;
            isArmed = false;
            proxy.hold('down');
            isCommitting();
          },
        });
        const room = await group(store);
        isArmed = true;
        const lost = assert.rejects(send(store, room, 'once'), isUnavailable);
        await committing;
        const other = await stores.open();
        // It is there, and nobody was told.
        while ((await other.room(tenant, room))!.messageCount === 0);
        proxy.cut();
        await lost;
        proxy.heal();
        const again = await send(store, room, 'once');
        assert.deepEqual([again.duplicate, again.message.seq], [true, 3]);
        await assertGapless(store, room, 1);
        await stores.closeStores();
        await proxy.close();
      });

      it('that is killed and started again is unavailable meanwhile, has lost nothing that it acknowledged (G1), and works again by itself', async () => {
        const store = await stores.open();
        const room = await group(store);
        const acknowledged: number[] = [];
        const sending = Promise.allSettled(Array.from({ length: 200 }, async (_, index) => {
          acknowledged.push((await send(store, room, `k${index}`)).message.seq);
        }));
        await send(store, room, 'first');
        await stores.service.kill();
        for (const outcome of await sending) if (outcome.status === 'rejected') isUnavailable(outcome.reason);
        await assert.rejects(send(store, room), isUnavailable);
        await assert.rejects(store.room(tenant, room), isUnavailable);
        await assert.rejects(store.check(), isUnavailable);
        await stores.service.restart();
        const again = await Promise.all(Array.from({ length: 200 }, (_, index) => send(store, room, `k${index}`)));
        const seqs = new Set(again.map(({ message }) => message.seq));
        assert.ok(acknowledged.every((seq) => seqs.has(seq)));
        await assertGapless(store, room, 201);
      });

      it('that stands still is unavailable after some seconds, and works when it goes on', async () => {
        const store = await stores.open({ connections: 3 });
        const room = await group(store);
        stores.service.pause();
        try {
          const asked = performance.now();
          const outcomes = await Promise.allSettled([
            ...Array.from({ length: 20 }, () => send(store, room)), ...Array.from({ length: 20 }, () => store.summary(tenant, room, 'ann')),
          ]);
          for (const outcome of outcomes) assert.ok(outcome.status === 'rejected' && isUnavailable(outcome.reason));
          assert.ok(performance.now() - asked < 20_000, 'nobody waits for ever');
        } finally {
          stores.service.resume();
        }
        const { duplicate, message } = await send(store, room, 'later');
        assert.equal(duplicate, false);
        await assertGapless(store, room, message.ordinal);
      });

      it('whose statement takes too long is unavailable, and keeps no connection busy', async () => {
        const database = await aside();
        await assert.rejects(database.reader.all(words(isPostgres ? 'SELECT pg_sleep(60)' : 'SELECT SLEEP(60) FROM migrations')), isUnavailable);
        assert.equal((await database.reader.all(words('SELECT 1 AS one'))).length, 1);
      });

      it('a room that somebody else holds is unavailable, the writes to all others go on, and it works when it is let go', async () => {
        const store = await stores.open();
        const [hot, cool] = [await group(store), await group(store)];
        const letGo = await holding((connection) => lockRoom(connection, hot));
        const first = await Promise.allSettled([
          send(store, hot, 'h1'), send(store, cool, 'c1'), store.markRead(tenant, hot, 'bob', 1), store.renameRoom(tenant, hot, 'x'),
          store.renameRoom(tenant, cool, 'y'), store.putPeople(tenant, [{ id: 'eve', name: 'Eve' }]), send(store, 'none', 'n1'),
        ]);
        assert.deepEqual(first.map((outcome) => (outcome.status === 'fulfilled' ? 'done' : (outcome.reason as ChatterError).code)), [
          'unavailable', 'done', 'unavailable', 'unavailable', 'done', 'done', 'not_found',
        ]);
        // Now it is known that the room is held, and nobody waits for it any more.
        let rounds = 0;
        const others = (async () => {
          for (; rounds < 20; rounds += 1) await send(store, cool, `d${rounds}`);
        })();
        const asked = performance.now();
        for (let round = 0; round < 20; round += 1) await assert.rejects(send(store, hot, 'h1'), isUnavailable);
        await others;
        assert.ok(performance.now() - asked < 20 * 2_000, 'a batch does not wait for a room that is known to be held');
        await letGo();
        assert.equal((await send(store, hot, 'h1')).message.seq, 3);
      });

      it('an edit that waits for what another node has not committed is unavailable alone', async () => {
        const store = await stores.open();
        const room = await group(store);
        const row = [tenant, 'x', 'direct', '', 'taken', 'e', 0, 0, 0, 0, '[]', 0, 0, 0];
        const columns = {
          tenant: 'text', id: 'text', kind: 'text', search_text: 'text', natural_key: 'text', epoch: 'text', seq: 'integer', message_count: 'integer',
          deleted_count: 'integer', member_count: 'integer', first_members: 'text', named_seq: 'integer', active_at: 'integer', changed_at: 'integer',
        } as const;
        const letGo = await holding((connection) => connection.run(connection.dialect.insert('rooms', columns, [row])));
        const outcomes = await Promise.allSettled([
          send(store, room, 'a'), store.createRoom(tenant, { kind: 'direct', key: 'taken', members: ['ann'] }), send(store, room, 'b'),
        ]);
        assert.deepEqual(outcomes.map(({ status }) => status), ['fulfilled', 'rejected', 'fulfilled']);
        await assertGapless(store, room, 2);
        await letGo();
        assert.equal((await store.createRoom(tenant, { kind: 'direct', key: 'taken', members: ['ann'] })).room.id, 'x');
      });
    });

    describe('that cannot be opened', () => {
      const told = (change: Partial<URL>, sentence: RegExp) => assert.rejects(
        openSequelizeStore({ url: Object.assign(new URL(stores.service.url), change).href }),
        (error: Error) => {
          assert.match(error.message, sentence);
          assert.doesNotMatch(error.message, /not-a-secret|wrong/, 'never the password');
          return true;
        },
      );

      it('says why, in a sentence for each', async () => {
        const { port } = stores.service;
        const where = `127\\.0\\.0\\.1:${port}`;
        await told({ password: 'wrong' }, new RegExp(`^The database at ${where} does not let the user "chatter" in\\. Check the user and the password`));
        await told({ pathname: '/none' }, new RegExp(`^There is no database "none" at ${where}\\. Make it`));
        await told({ port: '1' }, /^No database answers at 127\.0\.0\.1:1\. Check that it runs there/);
        await told({ hostname: 'no-such-host.invalid' }, /^The host "no-such-host\.invalid" of the database is not known/);
        await told({ search: '?sslmode=require' }, /does not speak TLS/);
        await told({ search: '?charset=latin1' }, /"charset=", which is not known/);
        await told({ search: '?sslmode=maybe' }, /should be disable, require or verify-full/);
        await told({ pathname: '/' }, /names no database/);
      });

      it('says so also where the user may make no tables', async () => {
        const database = await aside();
        await database.reader.run(words(isPostgres ? "CREATE ROLE guest LOGIN PASSWORD 'not-a-secret'" : "CREATE USER guest IDENTIFIED BY 'not-a-secret'"));
        const url = new URL(await stores.service.createDatabase());
        await assert.rejects(openSequelizeStore({ url: Object.assign(url, { username: 'guest' }).href }), /does not let the user "guest" make tables in "chatter\d+"/);
      });
    });

    it('keeps texts larger than any message, many in one batch', async () => {
      const store = await stores.open();
      const room = await group(store);
      const text = '"𝕏\u0001'.repeat(30_000);
      await Promise.all(Array.from({ length: 10 }, (_, index) => store.appendMessage(tenant, { room, senderId: 'ann', clientMsgId: `big${index}`, text })));
      const { messages } = await store.history(tenant, room, { limit: 20 });
      assert.ok(messages.length === 10 && messages.every((message) => message.text === text));
      const drafts = Array.from({ length: 300 }, (_, index) => ({ senderId: 'bob', clientMsgId: `i${index}`, text, at: index }));
      assert.deepEqual(await store.importMessages(tenant, room, drafts), { added: 300 });
    });

    it('ids that differ in case, accents or blanks at their end are of different people', async () => {
      const store = await stores.open();
      const ids = ['a', 'a ', 'A', 'á', 'a\u0301', 'ａ', 'ß', 'ss', 'a\u200b'];
      await Promise.all(ids.map((id) => store.putPeople(tenant, [{ id, name: `<${id}>` }])));
      assert.deepEqual(await store.people(tenant, ids), ids.map((id) => ({ id, name: `<${id}>` })));
      const { room } = await store.createRoom(tenant, { kind: 'group', members: ids });
      assert.deepEqual(await store.memberIds(tenant, room.id), ids.toSorted((one, other) => Buffer.compare(Buffer.from(one), Buffer.from(other))));
      const keys = await Promise.all(ids.map((key) => store.createRoom(tenant, { kind: 'direct', key, members: ['a'] })));
      assert.ok(keys.every(({ created }) => created));
      const messages = await Promise.all(ids.map((id) => send(store, room.id, 'same', id)));
      assert.equal(new Set(messages.map(({ message }) => message.seq)).size, ids.length);
    });
  });
}

function isUnavailable(error: unknown): boolean {
  assert.ok(error instanceof ChatterError, String(error));
  assert.equal(error.code, 'unavailable');
  assert.ok(error.afterMs !== undefined && error.afterMs > 0, 'with a time to come back');
  return true;
}
