import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { closeCodes, errorCodes } from '#protocol/codes';
import { requests } from '#protocol/frames';
import { settled } from '../support/clock.ts';
import { ServerWorld } from '../support/server-world.ts';
import { fuzz } from './fuzz.ts';

/* What hostile peers say, at random, to the server before and after they have said who they are. */

const knownCloses = new Set<number>([...Object.values(closeCodes), 1009]);

/** Words that mean something to JavaScript, to SQL or to the protocol. */
const loaded = fc.constantFrom(
  '__proto__', 'constructor', 'toString', 'prototype', "'; DROP TABLE rooms; --", ':name', '$1', '?', '%', '\u0000', '\ud800', '\u202e', '', ' ',
  'x'.repeat(70_000), '💥', '1e400', '-0', 'null', '../..', '<script>', '<secret>',
);
const kinds = fc.constantFrom(...Object.keys(requests), 'hello', 'heartbeat', 'typing', 'ready', 'ok', 'error', 'facts', 'nothing', '__proto__');
const value = fc.oneof(loaded, fc.jsonValue({ maxDepth: 4 }), fc.double(), fc.maxSafeInteger(), fc.constant(2 ** 53 + 2), fc.string({ unit: 'binary' }));
/** The room that the hostile one is not in, by its true id. */
let secret = 'unknown';
const names = fc.constantFrom(
  'room', 'user', 'users', 'text', 'clientMsgId', 'seq', 'after', 'before', 'around', 'epoch', 'limit', 'cursor', 'query', 'token', 'version', 'type',
  'name', 'clientRoomId', 'active', '__proto__', 'tenant', 'userId', 'at', 'constructor',
);

/** Frames that are nearly right, and those that are nothing of the kind. */
const frames = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: kinds, ref: fc.oneof({ weight: 4, arbitrary: fc.integer({ min: 1, max: 2 ** 31 - 1 }) }, value), fields: fc.dictionary(names, value, { maxKeys: 6 }) })
    .map(({ kind, ref, fields }) => JSON.stringify({ kind, ref, ...fields }).replaceAll('"<secret>"', JSON.stringify(secret))) },
  { weight: 1, arbitrary: fc.json() },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 300 }) },
  { weight: 1, arbitrary: fc.constantFrom('[', '{"kind":'.repeat(500), '['.repeat(20_000), '{"kind":"room.get","kind":"room.close","ref":1,"ref":2}', 'null', '0', '""', '{"ref":1e400}') },
);

test('F1, F3, F8, R1: whatever is said, the answer is one of those that are documented, and others go on', async () => {
  const world = await ServerWorld.start({ limits: { framesPerSecond: 1_000_000, frameBurst: 1_000_000, requestsPerSecond: 1_000_000, requestBurst: 1_000_000 } });
  secret = await world.group('canary room', 'bystander', 'friend');
  const bystander = await world.connect('bystander');
  await bystander.ask('room.open', { room: secret });
  let answers = 0;
  let runs = 0;
  await fuzz(fc.array(frames, { minLength: 1, maxLength: 9 }), 400, async (said) => {
    runs += 1;
    const hostile = await world.connect('mallory');
    for (const text of said) if (!hostile.closed) hostile.say(text);
    // Asking for quiet would take a `ref` that the hostile one may have used.
    for (let turn = 0; turn < 40; turn++) await settled();
    // The peer parses each frame that it hears; what is left to look at is what stands in them.
    for (const frame of hostile.frames) {
      if (frame.kind === 'error') {
        answers += 1;
        assert.ok((errorCodes as readonly string[]).includes(frame.code) && frame.code !== 'internal', JSON.stringify(frame));
      }
      assert.doesNotMatch(JSON.stringify(frame), /canary|SQLITE|SELECT |node_modules|\.ts:\d/);
    }
    if (hostile.closed) assert.ok(knownCloses.has(hostile.closed.code), `closed with ${hostile.closed.code}`);
    else hostile.cut();
  });
  assert.ok(answers > runs, `only ${answers} were refused: the frames are nothing of the kind`);
  await bystander.send(secret, 'still here');
  await bystander.quiet();
  assert.equal(bystander.facts(secret).filter(({ kind }) => kind === 'message').length, 1);
  assert.deepEqual(world.log.filter((line) => line.includes('"level":"error"')), []);
  assert.equal(({} as { polluted?: unknown }).polluted, undefined);
  await world.close();
});

test('C3: whatever is said first that is no good hello ends the connection with a code that is documented', async () => {
  const world = await ServerWorld.start();
  await fuzz(frames, 400, async (text) => {
    const stranger = world.dial();
    stranger.say(text);
    for (let turn = 0; turn < 200 && !stranger.closed; turn++) await settled();
    assert.ok(stranger.closed && knownCloses.has(stranger.closed.code), `${stranger.closed?.code} for ${text.slice(0, 80)}`);
    assert.deepEqual(stranger.frames, []);
  });
  await world.close();
});
