import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Connection } from '../../../elements/client/connection.ts';
import { InvalidInputError } from '../../../elements/client/errors.ts';
import { settled } from '../../support/clock.ts';
import { ScriptedNetwork } from '../../support/scripted-network.ts';

function connectionOn(network: ScriptedNetwork, token: (context: { refresh: boolean }) => Promise<string> = async () => 'token') {
  const asked: boolean[] = [];
  const heard = { ready: 0, lost: 0, frames: [] as string[] };
  const connection = new Connection({
    url: 'ws://test/ws',
    tokenProvider: (context) => {
      asked.push(context.refresh);
      return token(context);
    },
    environment: network.environment,
    onReady: () => {
      heard.ready += 1;
    },
    onLost: () => {
      heard.lost += 1;
    },
    onFrame: ({ kind }) => heard.frames.push(kind),
    onStateChange: () => {},
  });
  return { connection, asked, heard };
}

async function online() {
  const network = new ScriptedNetwork();
  const world = connectionOn(network);
  network.onDial = (socket) => socket.becomeReady();
  world.connection.connect();
  await settled();
  assert.equal(world.connection.state.status, 'online');
  return { network, ...world };
}

test('C3, C4: the token goes in the first frame, and only there', async () => {
  const { network } = await online();
  assert.deepEqual(network.last.sent, [{ kind: 'hello', ref: 1, version: 1, token: 'token' }]);
});

test('C7: a stop code stops, with the sentence of the server', async () => {
  const { network, connection } = await online();
  network.last.end(4001, 'The token was signed with another key.');
  assert.deepEqual(connection.state, { status: 'stopped', closeCode: 4001, message: 'The token was signed with another key.' });
  await network.clock.advance(3_600_000);
  assert.equal(network.sockets.length, 1);
});

test('C7: an unknown code is obeyed by its range, and told in a sentence', async () => {
  const { network, connection } = await online();
  network.last.end(4042);
  assert.equal(connection.state.status, 'stopped');
  assert.match(connection.state.status === 'stopped' ? connection.state.message : '', /4042/);
});

test('C7: after a stop, asking to try now asks for a fresh token', async () => {
  const { network, connection, asked } = await online();
  network.last.end(4001);
  connection.reconnectNow();
  await settled();
  assert.deepEqual(asked, [false, true]);
  assert.equal(connection.state.status, 'online');
});

test('C5, C7: where the token has ended the provider is asked for a fresh one, once', async () => {
  const { network, asked } = await online();
  network.last.end(4101);
  await network.clock.advance(2_000);
  network.last.end(1006);
  await network.clock.advance(2_000);
  assert.deepEqual(asked, [false, true, false]);
});

test('C7: a server that opens and closes for ever is not hammered', async () => {
  const network = new ScriptedNetwork();
  const { connection } = connectionOn(network);
  network.onDial = (socket) => {
    socket.becomeReady();
    socket.end(1006);
  };
  connection.connect();
  await network.clock.advance(600_000);
  // With the middle of each wait: 0.5 + 1 + 2 + 4 + 8 s, then one try every 15 s.
  assert.ok(network.sockets.length <= 5 + 600 / 15, `${network.sockets.length} tries in ten minutes`);
  assert.ok(network.sockets.length >= 600 / 30, 'but it goes on trying');
});

test('C7: the count of tries starts over only after ready has held for 5 s', async () => {
  const { network, connection } = await online();
  const fail = async () => {
    network.last.end(1006);
    const { state } = connection;
    const attempt = state.status === 'waiting' ? state.attempt : undefined;
    await network.clock.advance(60);
    connection.reconnectNow();
    await settled();
    return attempt;
  };
  await fail();
  assert.equal(await fail(), 2);
  await network.clock.advance(4_900);
  assert.equal(await fail(), 3);
  await network.clock.advance(5_000);
  assert.equal(await fail(), 0);
});

test('C8: after 25 s of silence it asks, and without an answer it comes back on another socket', async () => {
  const { network, connection, heard } = await online();
  await network.clock.advance(25_000);
  assert.equal(network.last.sent.at(-1)?.kind, 'heartbeat');
  network.last.say({ kind: 'heartbeat' });
  await network.clock.advance(25_000);
  await network.clock.advance(15_000);
  assert.equal(network.sockets.length, 2);
  assert.equal(network.sockets[0]?.isClosedByClient, true);
  assert.equal(connection.state.status, 'online');
  assert.equal(heard.lost, 1);
});

test('what a socket says after it was given up is ignored', async () => {
  const { network, connection, heard } = await online();
  const old = network.last;
  await network.clock.advance(45_000);
  assert.equal(network.sockets.length, 2);
  old.say({ kind: 'room.gone', room: 'r' });
  old.end(4001);
  assert.equal(connection.state.status, 'online');
  assert.deepEqual(heard.frames, []);
});

test('after the machine has slept it comes back at once', async () => {
  const { network, connection } = await online();
  await network.clock.advance(20_000);
  network.clock.sleep(8 * 3_600_000);
  await network.clock.advance(0);
  assert.equal(network.sockets.length, 2);
  assert.equal(connection.state.status, 'online');
});

test('timers that the browser holds back by a minute do not cost the connection', async () => {
  const { network } = await online();
  for (let minute = 0; minute < 10; minute += 1) {
    network.clock.sleep(60_000);
    await network.clock.advance(0);
    if (network.last.sent.at(-1)?.kind === 'heartbeat') network.last.say({ kind: 'heartbeat' });
    await network.clock.advance(500);
  }
  assert.equal(network.sockets.length, 1);
});

test('a hint that the network changed is checked, not believed', async () => {
  const { network, connection } = await online();
  await network.clock.advance(6_000);
  network.hint('offline');
  assert.equal(connection.state.status, 'online');
  network.last.say({ kind: 'heartbeat' });
  await network.clock.advance(5_000);
  assert.equal(network.sockets.length, 1, 'it answered, so it stands');
  network.hint('online');
  await network.clock.advance(5_000);
  assert.equal(network.sockets.length, 2, 'it did not answer');
});

test('while it waits, a network that is back is tried at once', async () => {
  const { network, connection } = await online();
  network.isOffline = true;
  network.onDial = () => {};
  network.last.end(1006);
  assert.deepEqual(connection.state.status === 'waiting' && connection.state.offline, true);
  network.hint('online');
  await settled();
  assert.equal(connection.state.status, 'connecting');
});

test('C9: goaway is obeyed at a random moment of its window, without losing frames until then', async () => {
  const { network, heard } = await online();
  await network.clock.advance(5_000);
  network.last.say({ kind: 'goaway', minMs: 1_000, maxMs: 9_000 });
  await network.clock.advance(4_900);
  network.last.say({ kind: 'room.gone', room: 'r' });
  assert.deepEqual(heard.frames, ['room.gone']);
  await network.clock.advance(200);
  assert.equal(network.sockets.length, 2);
});

test('a try that hangs is given up', async () => {
  const network = new ScriptedNetwork();
  const { connection } = connectionOn(network, () => new Promise(() => {}));
  connection.connect();
  await network.clock.advance(30_000);
  assert.equal(connection.state.status, 'waiting');
});

test('a provider that fails is asked again later; one that says no for good stops', async () => {
  const network = new ScriptedNetwork();
  let error: Error = new TypeError('fetch failed');
  const { connection } = connectionOn(network, async () => {
    throw error;
  });
  connection.connect();
  await settled();
  assert.equal(connection.state.status, 'waiting');
  error = new InvalidInputError('Sign in first.');
  await network.clock.advance(1_000);
  assert.deepEqual(connection.state, { status: 'stopped', closeCode: 4001, message: 'Sign in first.' });
});

test('close lets go of everything, also in the middle of a try', async () => {
  const { network, connection, heard } = await online();
  connection.close();
  assert.equal(heard.lost, 1);
  connection.connect();
  connection.close();
  await settled();
  assert.deepEqual(connection.state, { status: 'idle' });
  assert.equal(network.clock.timerCount, 0);
  assert.equal(network.hintListenerCount, 0);
  assert.equal(network.sockets.length, 1);
});
