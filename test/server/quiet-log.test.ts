import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { SignJWT } from 'jose';
import { type Chatter, createChatter, createLog, systemClock } from '../../server/index.ts';
import { openDatabase } from '../../server/store/open-database.ts';
import { words } from '../../server/store/sql.ts';
import { startMariaDb } from '../support/services/mariadb.ts';
import { startPostgres } from '../support/services/postgres.ts';
import { tokenSecret } from '../support/token-server.ts';

const canary = 'Canaria';
const token = (id: string) => new SignJWT({ sub: id, name: `${canary} the bird` }).setProtectedHeader({ alg: 'HS256' })
  .setExpirationTime('5m').sign(new TextEncoder().encode(tokenSecret));

/** A database, and statements after which it cannot take a message, and says so with the words that are in it. */
interface Kind {
  open(): Promise<{ url: string; stop(): Promise<void> }>;
  breaking: readonly string[];
  /** What the log says instead. */
  code: RegExp;
}

const kinds: Record<string, Kind> = {
  SQLite: {
    async open() {
      const folder = await mkdtemp(join(tmpdir(), 'chatter-quiet-'));
      return { url: `sqlite:${join(folder, 'chatter.sqlite3')}`, stop: () => rm(folder, { recursive: true }) };
    },
    breaking: ['DROP TABLE messages'],
    code: /"code":"SQLITE_ERROR","message":"\(withheld/,
  },
  Postgres: {
    open: () => startPostgres(), breaking: ['ALTER TABLE messages ADD CHECK (body::integer > 0)'],
    code: /"code":"22P02","message":"\(withheld/,
  },
  MariaDB: {
    open: () => startMariaDb(), breaking: ['ALTER TABLE messages MODIFY body INT'],
    code: /"code":"ER_TRUNCATED_WRONG_VALUE\w*","message":"\(withheld/,
  },
};

describe('G8, C4: no text, name, token or password gets into the log', () => {
  for (const [name, { open, breaking, code }] of Object.entries(kinds)) {
    it(`where ${name} refuses a message and quotes it`, async () => {
      const { url, stop } = await open();
      try {
        await breakAndSend(url, breaking, code);
      } finally {
        await stop();
      }
    });
  }
});

async function breakAndSend(url: string, breaking: readonly string[], code: RegExp): Promise<void> {
  let log = '';
  const start = () => createChatter({ database: url, jwtSecret: tokenSecret, log: createLog('debug', { write: (line) => (log += line) }) });
  const headers = { 'authorization': `Bearer ${await token('ann')}`, 'content-type': 'application/json' };
  const post = async ({ app }: Chatter, path: string, body: object) => {
    const response = await app.request(`/api/v1${path}`, { method: 'POST', headers, body: JSON.stringify(body) });
    return { status: response.status, text: await response.text() };
  };
  const well = await start();
  const made = await post(well, '/rooms', { type: 'group', clientRoomId: canary, name: canary, users: ['ann'] });
  const { room } = JSON.parse(made.text) as { room: { id: string } };
  await well.close();
  const database = await openDatabase(url, { connections: 1, clock: systemClock });
  for (const statement of breaking) await database.alone((connection) => connection.run(words(statement)));
  await database.close();

  // Anew, for whoever was connected before has plans of the table as it was.
  const broken = await start();
  const refused = await post(broken, `/rooms/${room.id}/messages`, { clientMsgId: canary, text: `${canary} sings` });
  await broken.close();
  assert.ok([500, 503].includes(refused.status), refused.text);
  assert.match(log, /A request failed\./);
  assert.match(log, code);
  for (const secret of [canary, headers.authorization.slice('Bearer '.length), new URL(url).password].filter((text) => text !== '')) {
    assert.ok(!log.includes(secret), `${secret} is in the log:\n${log}`);
    assert.ok(!refused.text.includes(secret), refused.text);
  }
}
