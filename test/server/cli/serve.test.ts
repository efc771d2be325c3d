import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { get } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { it } from 'node:test';
import { serve } from '../../../server/cli/serve.ts';
import { readConfig } from '../../../server/config.ts';
import { systemClock } from '../../../server/index.ts';
import { openDatabase } from '../../../server/store/open-database.ts';
import { Asker } from '../../support/asker.ts';
import { freePort } from '../../support/services/program.ts';
import { signToken, tokenSecret } from '../../support/token-server.ts';

/** Status of an address, or why there is none. */
function status(url: string): Promise<number | string> {
  return new Promise((resolve) => {
    get(url, { agent: false }, (response) => response.resume().once('end', () => resolve(response.statusCode!)))
      .once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
  });
}

it('a server that is stopped lets nobody new in, answers what has begun, and tells its metrics to the end', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'chatter-serve-'));
  const database = `sqlite:${join(folder, 'chatter.sqlite3')}`;
  const metrics = `http://localhost:${await freePort()}`;
  const running = await serve(readConfig({
    CHATTER_PORT: '0', CHATTER_METRICS_PORT: new URL(metrics).port, CHATTER_DATABASE: database, CHATTER_JWT_SECRET: tokenSecret, CHATTER_LOG_LEVEL: 'silent',
  }));
  const ann = await Asker.connect(`${running.url.replace('http', 'ws')}/ws`, await signToken('ann'));
  const { room } = await ann.ask('room.create', { type: 'direct', user: 'ann' });
  assert.equal(await status(`${running.url}/ready`), 200);

  // Another process has the database for a while, so that the send is under way.
  let letGo = (): void => {};
  const other = await openDatabase(database, { connections: 1, clock: systemClock });
  const held = new Promise<void>((resolve) => (letGo = resolve));
  let isHeld = (): void => {};
  const begun = new Promise<void>((resolve) => (isHeld = resolve));
  const holding = other.transaction(async () => {
    isHeld();
    await held;
  });
  await begun;
  const sent = ann.ask('message.send', { room: room.id, clientMsgId: 'one', text: 'hello' });
  while (!(await (await fetch(`${metrics}/metrics`)).text()).includes('chatter_frames_received_total{kind="message.send"} 1\n'));

  const closed = running.close();
  assert.equal(await status(`${running.url}/ready`), 503, 'whoever asks is told to go elsewhere');
  await assert.rejects(async () => Asker.connect(`${running.url.replace('http', 'ws')}/ws`, await signToken('ben')));
  assert.equal(await status(`${metrics}/metrics`), 200);
  letGo();
  await holding;
  assert.equal((await sent).message.text, 'hello');
  await closed;
  assert.equal(await status(`${metrics}/metrics`), 'ECONNREFUSED');
  await other.close();
  await rm(folder, { recursive: true });
});
