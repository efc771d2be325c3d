import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { promisify } from 'node:util';
import type { RoomSummary } from '#protocol/models';
import { createChatter, createLog, systemClock } from '../../server/index.ts';
import { openDatabase } from '../../server/store/open-database.ts';
import { words } from '../../server/store/sql.ts';
import { snippet } from '../support/readme.ts';
import type { DatabaseService } from '../support/services/database-server.ts';
import { startMariaDb } from '../support/services/mariadb.ts';
import { findPostgres, startPostgres } from '../support/services/postgres.ts';
import { signToken, tokenSecret } from '../support/token-server.ts';

/* Backups as the README makes them: each line of it, while a server runs; and the way back. */

const [making, bringing] = [snippet('Backups', 'sh', 1), snippet('Backups', 'sh', 2)].map((text) => text.split('\n'));
const bringingWithCompose = snippet('Backups', 'sh', 3);
const tellingTheTime = snippet('Backups', 'sql');
const readme = await readFile(new URL('../../README.md', import.meta.url), 'utf8');
let folder: string;
before(async () => { folder = await mkdtemp(join(tmpdir(), 'chatter-backups-')); });
after(() => rm(folder, { recursive: true }));

/** Runs a line of the README in the folder. */
async function run(line: string, environment: Record<string, string> = {}): Promise<void> {
  const PATH = `${process.env.PATH}:${findPostgres()}`;
  await promisify(execFile)('sh', ['-e', '-c', line], { cwd: folder, env: { PATH, HOME: folder, ...environment } }).catch((error: Error & { code?: unknown }) => {
    if (error.code !== 127) throw error;
    throw new Error(`The README makes backups by programs that are not here. Install them (Debian, Ubuntu: \`sudo apt-get install -y sqlite3 postgresql mariadb-client\`). ${error.message}`);
  });
}

/** The line of the README that names this program. */
function lineOf(lines: readonly string[] | undefined, program: string): string {
  return lines?.find((line) => line.startsWith(program)) ?? assert.fail(`The README has no line with ${program} any more.`);
}

/** What ann asks of a server on a database. */
async function onServer<T>(url: string, work: (ask: <A>(method: string, path: string, body?: object) => Promise<A>) => Promise<T>): Promise<T> {
  const chatter = await createChatter({ database: url, jwtSecret: tokenSecret, log: createLog('silent') });
  try {
    return await work(async (method, path, body) => {
      const headers = { 'authorization': `Bearer ${await signToken('ann')}`, 'content-type': 'application/json' };
      const answer = await chatter.app.request(`/api/v1${path}`, { method, headers, body: body && JSON.stringify(body) });
      assert.equal(answer.status, 200, await answer.clone().text());
      return await answer.json() as never;
    });
  } finally {
    await chatter.close();
  }
}

/** Writes, makes a backup, writes on, goes back to it, and writes something else to the place of what was lost. */
async function goesBack({ url, backUp, bringBack }: { url: string; backUp(): Promise<void>; bringBack(): Promise<string> }): Promise<void> {
  const before = await onServer(url, async (ask) => {
    const { room } = await ask<{ room: RoomSummary }>('POST', '/rooms', { type: 'direct', user: 'ann' });
    const say = (text: string) => ask<{ message: { seq: number } }>('POST', `/rooms/${room.id}/messages`, { clientMsgId: text, text });
    await say('kept');
    await backUp();
    return { room, seq: (await say('lost')).message.seq };
  });
  const restored = await bringBack();
  const database = await openDatabase(restored, { connections: 1, clock: systemClock });
  await database.alone((connection) => connection.run(words(tellingTheTime)));
  await database.close();
  await onServer(restored, async (ask) => {
    const path = `/rooms/${before.room.id}`;
    const other = await ask<{ message: { seq: number } }>('POST', `${path}/messages`, { clientMsgId: 'other', text: 'other' });
    assert.equal(other.message.seq, before.seq, 'it stands where the lost one stood');
    const { page } = await ask<{ page: { messages: { text: string }[] } }>('GET', `${path}/messages`);
    assert.deepEqual(page.messages.map(({ text }) => text), ['kept', 'other']);
    assert.deepEqual(await ask('GET', `${path}/changes?epoch=${before.room.epoch}&after=${before.seq}`), { reset: true });
  });
}

describe('R3: after going back to a backup nobody takes what is new for what was lost', () => {
  it('in SQLite', () => goesBack({
    url: `sqlite:${join(folder, 'chatter.sqlite3')}`,
    backUp: () => run(lineOf(making, 'sqlite3')),
    async bringBack() {
      await run(lineOf(bringing, 'cp '));
      return `sqlite:${join(folder, 'chatter.sqlite3')}`;
    },
  }));

  const inServer = async (start: () => Promise<DatabaseService>, back: (service: DatabaseService) => { backUp(): Promise<void>; bringBack(): Promise<string> }) => {
    const service = await start();
    try {
      await goesBack({ url: service.url, ...back(service) });
    } finally {
      await service.stop();
    }
  };

  it('in Postgres', () => inServer(startPostgres, ({ url, createDatabase }) => ({
    backUp: () => run(lineOf(making, 'pg_dump'), { CHATTER_DATABASE: url }),
    async bringBack() {
      const empty = await createDatabase();
      await run(lineOf(bringing, 'pg_restore'), { CHATTER_DATABASE: empty });
      return empty;
    },
  })));

  it('in the Postgres of Compose', () => inServer(startPostgres, ({ url }) => {
    const { hostname, port, password } = new URL(url);
    const environment = { PGHOST: hostname, PGPORT: port, PGPASSWORD: password };
    // Stands for Docker: what is for the container of Postgres runs beside this one, and there are no servers to stop.
    const docker = 'docker() { [ "$2" != exec ] || { shift 4; "$@"; }; }';
    const [making] = /docker compose exec -T postgres pg_dump [^`]*/.exec(readme) ?? assert.fail('The README makes no backup with Compose any more.');
    return {
      backUp: () => run(`${docker}; ${making}`, environment),
      async bringBack() {
        await run(`${docker}\n${bringingWithCompose}`, environment);
        return url;
      },
    };
  }));

  it('in MariaDB', () => inServer(startMariaDb, ({ url, createDatabase }) => ({
    async backUp() {
      const { hostname, port, username, password } = new URL(url);
      await writeFile(join(folder, '.my.cnf'), `[client]\nhost=${hostname}\nport=${port}\nuser=${username}\npassword=${password}\n`);
      await run(lineOf(making, 'mariadb-dump'));
    },
    async bringBack() {
      const empty = await createDatabase();
      await run(lineOf(bringing, 'mariadb ').replace('mariadb chatter', `mariadb ${new URL(empty).pathname.slice(1)}`));
      return empty;
    },
  })));
});
