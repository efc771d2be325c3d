import assert from 'node:assert/strict';
import { it } from 'node:test';
import { ChatterError } from '../../server/errors.ts';
import { createLog } from '../../server/log.ts';
import { MemoryStore } from '../../server/store/memory-store.ts';
import { DatabaseTrouble } from '../../server/store/database.ts';
import { TroubleLog } from '../../server/trouble-log.ts';
import { ManualClock } from '../support/clock.ts';
import { ServerWorld } from '../support/server-world.ts';

it('a database that is away is told once a minute, however many ask; what nobody foresaw is told each time; refusals are not', () => {
  const clock = new ManualClock();
  const lines: string[] = [];
  const troubles = new TroubleLog(createLog('info', { write: (line) => void lines.push(line) }), clock);
  const away = () => new ChatterError('unavailable', 'Not now.', { cause: Object.assign(new Error('connect'), { code: 'ECONNREFUSED' }) });
  const levels = () => lines.splice(0).map((line) => (JSON.parse(line) as { level: string }).level);
  for (let times = 0; times < 40; times++) troubles.tell('A request failed.', away(), () => ({ session: 's1' }));
  assert.deepEqual(levels(), ['warn']);
  for (let times = 0; times < 3; times++) troubles.tell('A request failed.', new TypeError('x is undefined'));
  assert.deepEqual(levels(), ['error', 'error', 'error']);
  troubles.tell('A request failed.', new ChatterError('not_found', 'There is no such room.'));
  troubles.tell('A request failed.', new ChatterError('unavailable', 'Too many of your requests are waiting.'));
  assert.deepEqual(levels(), []);
  clock.sleep(60_000);
  troubles.tell('A request failed.', away());
  assert.deepEqual(levels(), ['warn']);
});

it('a hundred requests while the database is away are one line of the log', async () => {
  const store = new MemoryStore();
  const world = await ServerWorld.start({ store });
  const room = await world.group('garden', 'ann');
  const ann = await world.connect('ann');
  store.history = () => Promise.reject(new DatabaseTrouble('unavailable', Object.assign(new Error('connect'), { code: 'ECONNREFUSED' })));
  for (let times = 0; times < 50; times++) assert.equal(await ann.refusal('history', { room }), 'unavailable');
  assert.equal(world.log.filter((line) => line.includes('A request failed.')).length, 1);
  await world.close();
});
