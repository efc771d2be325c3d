import assert from 'node:assert/strict';
import { test } from 'node:test';
import { closeCodes } from '#protocol/codes';
import { createJwtAuth } from '../../server/index.ts';
import { createLog } from '../../server/log.ts';
import { OccasionalLog } from '../../server/occasional-log.ts';
import { ManualClock } from '../support/clock.ts';
import { ServerWorld, until } from '../support/server-world.ts';

test('what strangers cause is told once a minute, and as often as there are causes', async () => {
  const lines: string[] = [];
  const clock = new ManualClock();
  const log = new OccasionalLog(createLog('info', { write: (line) => lines.push(line) }), clock);
  for (let time = 0; time < 3; time++) log.warn('Refused.', { cause: 'a' });
  log.warn('Refused.', { cause: 'b' });
  assert.equal(lines.length, 2);
  await clock.advance(61_000);
  log.warn('Refused.', { cause: 'a' });
  assert.equal(lines.length, 3);
});

test('G9: causes that a stranger makes up do not flood the log', async () => {
  const lines: string[] = [];
  const clock = new ManualClock();
  const log = new OccasionalLog(createLog('info', { write: (line) => lines.push(line) }), clock);
  for (let cause = 0; cause < 1_000; cause++) log.warn('Refused.', { cause: `https://${cause}.example.com` });
  assert.equal(lines.length, 100);
  await clock.advance(61_000);
  log.warn('Refused.', { cause: 'told again' });
  assert.equal(lines.length, 101);
});

test('C4, C5: why a token was refused is in the log, and the token is not', async () => {
  const world = await ServerWorld.start();
  const auth = await createJwtAuth({ secrets: ['another secret, which is not the one of the tests'] });
  const stranger = await ServerWorld.start({ auth });
  const token = await world.token('ann');
  const peer = stranger.dial();
  peer.say({ kind: 'hello', ref: 1, version: 1, token });
  await until(() => peer.closed !== undefined, 'the end of the stranger');
  assert.equal(peer.closeCode(), closeCodes.unauthorized);
  const told = stranger.log.filter((line) => line.includes('A token was refused.'));
  assert.equal(told.length, 1);
  assert.match(told[0]!, /signature/);
  for (const part of token.split('.')) assert.ok(!stranger.log.join('').includes(part), 'no part of the token');
  await Promise.all([world.close(), stranger.close()]);
});
