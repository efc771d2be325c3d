import assert from 'node:assert/strict';
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { ChatterError } from '../../../server/errors.ts';
import { openSequelizeStore, type SequelizeStore } from '../../../server/store/sequelize-store.ts';
import { loadSqliteDriver, type SqliteConnection, type SqliteDriver, type SqliteStatement } from '../../../server/store/sqlite-driver.ts';
import { storeContract } from '../../contract/store.contract.ts';

storeContract('the SQLite store', async ({ clock }) => {
  const folder = await mkdtemp(join(tmpdir(), 'chatter-store-'));
  const store = await openSequelizeStore({ url: `sqlite:${join(folder, 'new', 'chat.sqlite')}`, clock });
  return {
    store,
    cleanup: async () => {
      await store.close();
      await rm(folder, { recursive: true });
    },
  };
});

const tenant = 'acme';
const driver = await loadSqliteDriver();

let folder: string;
let file: string;
let open: SequelizeStore[];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'chatter-store-'));
  file = join(folder, 'chat.sqlite');
  open = [];
});
afterEach(async () => {
  await Promise.all(open.map((store) => store.close()));
  await rm(folder, { recursive: true });
});

async function openStore(options: { onQuery?: (statement: string) => void; sqliteDriver?: SqliteDriver } = {}): Promise<SequelizeStore> {
  const store = await openSequelizeStore({ url: `sqlite:${file}`, ...options });
  open.push(store);
  return store;
}

/** A connection of the test's own, beside the store's. */
async function connect(): Promise<{ all(sql: string): Promise<Record<string, unknown>[]>; close(): Promise<void> }> {
  const connection = await new Promise<SqliteConnection>((resolve, reject) => {
    const opened: SqliteConnection = new driver.Database(file, driver.OPEN_READWRITE | driver.OPEN_CREATE, (error) =>
      error ? reject(error) : resolve(opened));
  });
  return {
    all: (sql) => new Promise((resolve, reject) => {
      connection.all(sql, [], (error, rows) => (error ? reject(error) : resolve(rows as Record<string, unknown>[])));
    }),
    close: () => new Promise((resolve, reject) => connection.close((error) => (error ? reject(error) : resolve()))),
  };
}

/** The real driver, with a say in each statement: what `onStatement` returns is how it fails, without being run. */
function driverWith(onStatement: (sql: string, parameters: unknown, connection: SqliteConnection) => Error | undefined): SqliteDriver {
  class Database extends driver.Database {
    override all(sql: string, parameters?: unknown, done?: (error: Error | null, rows?: unknown[]) => void): unknown {
      const failure = onStatement(sql, parameters, this);
      if (failure) return setImmediate(() => done?.(failure));
      return super.all(sql, parameters, done);
    }

    override run(sql: string, parameters?: unknown, done?: (error: Error | null) => void): unknown {
      const failure = onStatement(sql, parameters, this);
      if (failure) return setImmediate(() => done?.(failure));
      return super.run(sql, parameters, done);
    }

    override prepare(sql: string, prepared: (error: Error | null) => void): SqliteStatement {
      const statement = super.prepare(sql, prepared);
      const { all, run } = statement;
      const guarded = <Done extends (error: Error | null) => void>(method: (parameters?: unknown, done?: Done) => unknown) =>
        (parameters?: unknown, done?: Done) => {
          const failure = onStatement(sql, parameters, this);
          return failure ? setImmediate(() => done?.(failure)) : method.call(statement, parameters, done);
        };
      return Object.assign(statement, { all: guarded(all), run: guarded(run) });
    }
  }
  return { ...driver, OPEN_READWRITE: driver.OPEN_READWRITE, OPEN_CREATE: driver.OPEN_CREATE, Database };
}

function sqliteError(code: string): Error {
  return Object.assign(new Error(`${code}: made by a test`), { code });
}

function send(store: SequelizeStore, room: string, clientMsgId: string, text = 'x') {
  return store.appendMessage(tenant, { room, senderId: 'ann', clientMsgId, text });
}

function isUnavailable(error: unknown): boolean {
  assert.ok(error instanceof ChatterError, String(error));
  assert.equal(error.code, 'unavailable');
  assert.ok(error.afterMs !== undefined && error.afterMs > 0, 'with a time to come back');
  assert.doesNotMatch(error.message, /SQL/, 'F8: never SQL');
  return true;
}

async function assertGapless(store: SequelizeStore, room: string, clientMsgIds: readonly string[]): Promise<void> {
  const { messages } = await store.history(tenant, room, { limit: 1_000 });
  assert.deepEqual(messages.map(({ clientMsgId }) => clientMsgId), clientMsgIds);
  assert.deepEqual(messages.map(({ seq }) => seq), clientMsgIds.map((_, index) => index + 3));
  assert.equal((await store.room(tenant, room))!.seq, clientMsgIds.length + 2);
}

describe('opening', () => {
  it('finds everything that was written before', async () => {
    const first = await openStore();
    const { room } = await first.createRoom(tenant, { kind: 'group', members: ['ann', 'bob'] });
    const { message } = await send(first, room.id, 'a');
    await first.close();
    const second = await openStore();
    assert.deepEqual((await second.history(tenant, room.id, { limit: 5 })).messages, [message]);
    assert.equal((await send(second, room.id, 'a')).duplicate, true);
  });

  it('writes with WAL and FULL on the connection that commits (G1), and cannot write on the one that reads', async () => {
    const pragmas = new Map<string, string[]>();
    const connections: SqliteConnection[] = [];
    await openStore({
      sqliteDriver: driverWith((sql, _parameters, connection) => {
        if (!connections.includes(connection)) connections.push(connection);
        const name = String(connections.indexOf(connection));
        pragmas.set(name, [...(pragmas.get(name) ?? []), sql]);
        return undefined;
      }),
    });
    const ask = (connection: SqliteConnection, sql: string) => new Promise<unknown>((resolve, reject) => {
      connection.all(sql, [], (error, rows) => (error ? reject(error) : resolve(Object.values((rows as [object])[0])[0])));
    });
    const [writer, reader, ...others] = connections;
    assert.deepEqual(others, []);
    assert.deepEqual(
      [await ask(writer!, 'PRAGMA journal_mode'), await ask(writer!, 'PRAGMA synchronous'), await ask(writer!, 'PRAGMA foreign_keys')],
      ['wal', 2, 1],
    );
    assert.deepEqual([await ask(writer!, 'PRAGMA busy_timeout'), await ask(reader!, 'PRAGMA busy_timeout')], [5_000, 5_000]);
    await assert.rejects(ask(reader!, 'DELETE FROM rooms'), /readonly/);
  });

  it('refuses a database that a newer version wrote, and changes nothing of it', async () => {
    await (await openStore()).close();
    const other = await connect();
    await other.all('INSERT INTO migrations (name) VALUES (\'9999-from-the-future\')');
    await other.close();
    const before = await readFile(file);
    await assert.rejects(openStore(), {
      message: 'This database was written by a newer version of Chatter (it has "9999-from-the-future", and this version ends at ' +
        '"0004-shapes-of-tables"). Install that version or a later one; nothing was changed.',
    });
    assert.ok((await readFile(file)).equals(before));
  });

  it('by two at once makes the tables once', async () => {
    const stores = await Promise.all([openStore(), openStore(), openStore()]);
    const { room } = await stores[0]!.createRoom(tenant, { kind: 'group', members: ['ann', 'bob'] });
    const ids = Array.from({ length: 30 }, (_, index) => `m${index}`);
    await Promise.all(ids.map((id, index) => send(stores[index % 3]!, room.id, id)));
    const { messages } = await stores[1]!.history(tenant, room.id, { limit: 50 });
    assert.deepEqual(messages.map(({ seq }) => seq), ids.map((_, index) => index + 3), 'G3: gapless also where several processes write');
    assert.equal(new Set(messages.map(({ clientMsgId }) => clientMsgId)).size, 30);
  });

  it('explains what it cannot open', async () => {
    await assert.rejects(openSequelizeStore({ url: 'oracle://x' }), /Write it as sqlite:path\/to\/file/);
    await assert.rejects(openSequelizeStore({ url: 'sqlite::memory:' }), /Write it as sqlite:path\/to\/file/);
    await mkdir(file);
    await assert.rejects(openStore(), /^Error: The database file .*chat\.sqlite cannot be opened \(.+\)\. Check its path/);
    await rm(file, { recursive: true });
    await writeFile(file, 'this is no database, but it is long enough to be looked at as one'.repeat(100));
    await assert.rejects(openStore(), /is not a SQLite database: name another one/);
  });

  it('where the file may only be read, the start says so and is none', { skip: process.seteuid === undefined }, async () => {
    await (await openSequelizeStore({ url: `sqlite:${file}` })).close();
    await chmod(folder, 0o777);
    await chmod(file, 0o444);
    // Whoever may do anything would write all the same.
    const isRoot = process.geteuid!() === 0;
    if (isRoot) process.seteuid!(65_534);
    try {
      await assert.rejects(openStore(), /^Error: The database file .*chat\.sqlite cannot be opened \(.*readonly.*\)\. Check its path and who may write there\.$/);
    } finally {
      if (isRoot) process.seteuid!(0);
    }
    await chmod(file, 0o644);
    await openStore();
  });
});

describe('trouble', () => {
  it('G3: a commit that fails fails all of its batch as unavailable, leaves no hole, and the next works', async () => {
    let failing: Error | undefined;
    const store = await openStore({ sqliteDriver: driverWith((sql) => (sql === 'COMMIT' ? failing : undefined)) });
    const { room } = await store.createRoom(tenant, { kind: 'group', members: ['ann', 'bob'] });
    await send(store, room.id, 'before');
    failing = sqliteError('SQLITE_IOERR');
    const outcomes = await Promise.allSettled([
      ...['a', 'b', 'c'].map((id) => send(store, room.id, id)), store.markRead(tenant, room.id, 'bob', 3), store.renameRoom(tenant, room.id, 'x'),
    ]);
    for (const outcome of outcomes) assert.ok(outcome.status === 'rejected' && isUnavailable(outcome.reason));
    failing = undefined;
    const again = await Promise.all(['a', 'b', 'c'].map((id) => send(store, room.id, id)));
    assert.deepEqual(again.map(({ duplicate }) => duplicate), [false, false, false]);
    await assertGapless(store, room.id, ['before', 'a', 'b', 'c']);
  });

  it('a full disk is unavailable: the process lives, reading goes on, and sending works again when there is room', async () => {
    let writer: SqliteConnection | undefined;
    const store = await openStore({
      sqliteDriver: driverWith((sql, _parameters, connection) => {
        if (sql.startsWith('BEGIN')) writer = connection;
        return undefined;
      }),
    });
    const pragma = (text: string) => new Promise<void>((resolve, reject) => {
      writer!.all(`PRAGMA ${text}`, [], (error) => (error ? reject(error) : resolve()));
    });
    const { room } = await store.createRoom(tenant, { kind: 'group', members: ['ann', 'bob'] });
    await pragma('max_page_count = 40');
    const stored: string[] = [];
    const fill = async () => {
      for (let index = 0; ; index += 1) {
        await send(store, room.id, `m${index}`, 'x'.repeat(8_000));
        stored.push(`m${index}`);
      }
    };
    await assert.rejects(fill(), isUnavailable);
    const edits = await Promise.allSettled([
      store.createRoom(tenant, { kind: 'group', name: 'x'.repeat(90_000), members: [] }), send(store, room.id, 'z', 'x'.repeat(90_000)),
    ]);
    for (const outcome of edits) assert.ok(outcome.status === 'rejected' && isUnavailable(outcome.reason));
    await assertGapless(store, room.id, stored);
    await pragma('max_page_count = 1000000');
    await send(store, room.id, 'later');
    await assertGapless(store, room.id, [...stored, 'later']);
  });

  it('a database that another process holds is unavailable, and works again when it lets go', async () => {
    const store = await openStore();
    const { room } = await store.createRoom(tenant, { kind: 'group', members: ['ann', 'bob'] });
    const other = await connect();
    await other.all('BEGIN IMMEDIATE');
    await assert.rejects(send(store, room.id, 'a'), isUnavailable);
    assert.equal((await store.room(tenant, room.id))!.seq, 2, 'reading goes on');
    await other.all('ROLLBACK');
    await other.close();
    await send(store, room.id, 'a');
    await assertGapless(store, room.id, ['a']);
  });

  it('a message that the database cannot take fails alone', async () => {
    const poison = (parameters: unknown) => JSON.stringify(parameters ?? '').includes('poison');
    const store = await openStore({
      sqliteDriver: driverWith((sql, parameters) => (/^INSERT INTO (messages|people|members)/.test(sql) && poison(parameters) ? sqliteError('SQLITE_TOOBIG') : undefined)),
    });
    const { room } = await store.createRoom(tenant, { kind: 'group', members: ['ann', 'bob'] });
    const outcomes = await Promise.allSettled([send(store, room.id, 'a'), send(store, room.id, 'b', 'poison'), send(store, room.id, 'c')]);
    assert.deepEqual(outcomes.map(({ status }) => status), ['fulfilled', 'rejected', 'fulfilled']);
    await assertGapless(store, room.id, ['a', 'c']);
    const edits = await Promise.allSettled([
      store.renameRoom(tenant, room.id, 'x'), store.putPeople(tenant, [{ id: 'poison', name: 'x' }]), store.renameRoom(tenant, room.id, 'y'),
    ]);
    assert.deepEqual(edits.map(({ status }) => status), ['fulfilled', 'rejected', 'fulfilled']);
    assert.equal((await store.room(tenant, room.id))!.name, 'y');
    // This one fails when its room is made and its members are not: nothing of it may stay.
    const rooms = await Promise.allSettled([
      store.createRoom(tenant, { kind: 'group', members: ['ann'] }), store.createRoom(tenant, { kind: 'group', members: ['ann', 'poison'] }),
    ]);
    assert.deepEqual(rooms.map(({ status }) => status), ['fulfilled', 'rejected']);
    assert.equal((await store.rooms(tenant, { limit: 9 })).rooms.length, 2);
  });

  it('a database that is gone while a batch is done one by one is tried by one of them: the rest is unavailable at once, and can come again', async () => {
    let begun = Infinity;
    const store = await openStore({
      sqliteDriver: driverWith((sql, parameters) => {
        if (sql.startsWith('BEGIN')) begun += 1;
        if (sql.startsWith('BEGIN') && begun >= 4 && begun < 99) return sqliteError('SQLITE_IOERR');
        return sql.startsWith('INSERT INTO messages') && JSON.stringify(parameters ?? '').includes('poison') ? sqliteError('SQLITE_TOOBIG') : undefined;
      }),
    });
    const { room } = await store.createRoom(tenant, { kind: 'group', members: ['ann', 'bob'] });
    begun = 0;
    const ids = Array.from({ length: 30 }, (_, index) => `m${index}`);
    const outcomes = await Promise.allSettled(ids.map((id, index) => send(store, room.id, id, index === 1 ? 'poison' : 'x')));
    assert.equal(begun, 4, 'all together, two alone, and the one who found it gone');
    assert.equal(outcomes[0]!.status, 'fulfilled');
    for (const outcome of outcomes.slice(1)) assert.ok(outcome.status === 'rejected' && isUnavailable(outcome.reason));
    begun = Infinity;
    const again = await Promise.all(ids.map((id) => send(store, room.id, id, 'x')));
    assert.deepEqual(again.map(({ duplicate }) => duplicate), [true, ...Array.from({ length: 29 }, () => false)]);
    await assertGapless(store, room.id, ids);
  });

  it('when SQLite has rolled back by itself in the middle of an edit, nothing of its batch is done outside a transaction', async () => {
    let torn = false;
    const store = await openStore({
      sqliteDriver: driverWith((sql, _parameters, connection) => {
        if (!torn || !sql.includes('INTO people')) return undefined;
        connection.all('ROLLBACK');
        return sqliteError('SQLITE_ERROR');
      }),
    });
    const { room } = await store.createRoom(tenant, { kind: 'group', members: ['ann', 'bob'] });
    torn = true;
    const outcomes = await Promise.allSettled([
      send(store, room.id, 'a'), store.putPeople(tenant, [{ id: 'eve', name: 'Eve' }]), store.renameRoom(tenant, room.id, 'x'), send(store, room.id, 'b'),
    ]);
    torn = false;
    // Done again one by one, the others succeed; were they done after the rollback, `a` would be acknowledged and gone (G1).
    assert.deepEqual(outcomes.map(({ status }) => status), ['fulfilled', 'rejected', 'fulfilled', 'fulfilled']);
    const { messages } = await store.history(tenant, room.id, { limit: 9 });
    assert.deepEqual(messages.map(({ clientMsgId, seq }) => [clientMsgId, seq]), [['a', 3], ['b', 5]]);
    assert.equal((await store.room(tenant, room.id))!.seq, 5);
  });
});

describe('statements', () => {
  it('are few, and as many for a long list or a long room as for a short one', async () => {
    const statements: string[] = [];
    const store = await openStore({ onQuery: (statement) => statements.push(statement) });
    const counted = async (work: () => Promise<unknown>) => {
      statements.length = 0;
      await work();
      return statements.length;
    };
    await store.putPeople(tenant, [{ id: 'ann', name: 'Ann' }, { id: 'bob', name: 'Bob' }]);
    const rooms = await Promise.all(Array.from({ length: 60 }, () => store.createRoom(tenant, { kind: 'group', members: ['ann', 'bob', 'cem'] })));
    const { id } = rooms[0]!.room;
    await store.importMessages(tenant, id, Array.from({ length: 900 }, (_, index) => ({
      senderId: `s${index % 40}`, clientMsgId: `i${index}`, text: 'x', at: index,
    })));
    await Promise.all(rooms.map(({ room }) => send(store, room.id, 'first')));
    await store.deleteMessage(tenant, id, 10);

    for (const [what, work, expected] of [
      ['a page of rooms', () => store.summaries(tenant, 'ann', { limit: 50 }), 1],
      ['a searched page of rooms', () => store.summaries(tenant, 'ann', { limit: 50, query: 'b' }), 1],
      ['one room of the list', () => store.summary(tenant, id, 'bob'), 1],
      ['fifty heads', () => store.heads(tenant, rooms.map(({ room }) => room.id)), 1],
      ['a page of history', () => store.history(tenant, id, { limit: 100 }), 2],
      ['a page around', () => store.history(tenant, id, { around: 500, limit: 100 }), 3],
      ['catching up', () => store.changes(tenant, id, 0, 200), 3],
      ['catching up at the head', () => store.changes(tenant, id, 905, 200), 1],
      ['people that are known', () => store.putPeople(tenant, [{ id: 'ann', name: 'Ann' }]), 1],
      // BEGIN, the room, known ids, the sender; message, room, marker; COMMIT.
      ['a send', () => send(store, id, 'a'), 8],
      ['a send again', () => send(store, id, 'a'), 5],
      ['fifty sends at once', () => Promise.all(Array.from({ length: 50 }, (_, index) => send(store, id, `b${index}`))), 8],
      ['sends to fifty rooms', () => Promise.all(rooms.map(({ room }) => send(store, room.id, 'c'))), 8],
      // BEGIN, the rooms, the readers, how many messages; markers, how many of them were deleted; COMMIT.
      ['thirty markers', () => Promise.all(rooms.slice(0, 30).map(({ room }) => store.markRead(tenant, room.id, 'bob', 4))), 7],
    ] as const) {
      assert.equal(await counted(work), expected, `${what}: ${statements.join('\n')}`);
    }
  });

  it('find everything by a key of its tenant: none looks through a whole table (G8)', async () => {
    const statements = new Set<string>();
    const store = await openStore({ onQuery: (statement) => statements.add(statement) });
    await store.putPeople(tenant, [{ id: 'ann', name: 'Ann' }, { id: 'bob', name: 'Bob' }]);
    const { room: { id } } = await store.createRoom(tenant, { kind: 'group', key: 'k', members: ['ann', 'bob'] });
    for (const clientMsgId of ['a', 'b', 'c']) await send(store, id, clientMsgId);
    await store.deleteMessage(tenant, id, 4, 'ann');
    await store.markRead(tenant, id, 'bob', 3);
    await store.importMessages(tenant, id, [{ senderId: 'bob', clientMsgId: 'i', text: 'x', at: 1 }]);
    await store.renameRoom(tenant, id, 'name');
    await store.changeMembers(tenant, id, { add: ['cem'], remove: ['bob'] });
    for (const page of [{}, { before: 4 }, { after: 4 }, { around: 4 }]) await store.history(tenant, id, { ...page, limit: 2 });
    await Promise.all([
      store.people(tenant, ['ann']), store.searchPeople(tenant, 'a', 5), store.searchPeople(tenant, 'a', 5, 'ann'), store.companions(tenant, 'ann', ['cem']),
      store.room(tenant, id), store.rooms(tenant, { cursor: 'a', limit: 5 }), store.heads(tenant, [id]), store.summary(tenant, id, 'ann'),
      store.summaries(tenant, 'ann', { limit: 5, query: 'n', cursor: 'zzz.zzz' }), store.summaries(tenant, 'ann', { limit: 5 }), store.summaries(tenant, 'bob', { limit: 5 }),
      store.members(tenant, id, { limit: 5 }), store.member(tenant, id, 'ann'),
      store.members(tenant, id, { cursor: 'a', limit: 5 }), store.memberIds(tenant, id), store.message(tenant, id, 3),
      store.changes(tenant, id, 0, 5), store.seenBy(tenant, id, 1, 'bob', 5),
    ]);

    const other = await connect();
    let explained = 0;
    for (const statement of statements) {
      if (!/^\s*(WITH|SELECT|UPDATE|DELETE)/.test(statement) || statement.includes('migrations')) continue;
      const plan = (await other.all(`EXPLAIN QUERY PLAN ${statement}`)).map(({ detail }) => String(detail));
      explained += 1;
      const scans = plan.filter((step) => step.startsWith('SCAN') && !/^SCAN (json_each|each|k|v|page|CONSTANT|\(subquery)/.test(step));
      assert.deepEqual(scans, [], `${statement}\n${plan.join('\n')}`);
      for (const step of plan.filter((each) => each.startsWith('SEARCH'))) {
        // Words are looked for in all names of a tenant; all else has a longer key.
        assert.match(step, step.startsWith('SEARCH p ') ? /\(tenant=\?/ : /\(tenant=\? AND /, `${statement}\n${plan.join('\n')}`);
      }
    }
    await other.close();
    assert.ok(explained > 25, `${explained} statements were looked at`);
  });
});
