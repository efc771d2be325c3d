import assert from 'node:assert/strict';
import { test } from 'node:test';
import { closeCodes } from '#protocol/codes';
import { Connection } from '../../elements/client/connection.ts';
import { fixedToken } from '../../elements/fixed-token.ts';
import { settled } from '../support/clock.ts';
import { ScriptedNetwork } from '../support/scripted-network.ts';

test('C6: a fixed token that has ended stops the connection with a sentence that says what gives fresh ones', async () => {
  const network = new ScriptedNetwork();
  network.onDial = (socket) => socket.becomeReady();
  const connection = new Connection({
    url: 'ws://test/ws', tokenProvider: fixedToken('once'), environment: network.environment,
    onReady: () => {}, onFrame: () => {}, onLost: () => {}, onStateChange: () => {},
  });
  connection.connect();
  await settled();
  network.last.end(closeCodes.tokenExpired);
  await network.clock.advance(60_000);
  const { state } = connection;
  assert.match(state.status === 'stopped' ? state.message : state.status, /token has ended.*token-url or tokenProvider/);
  assert.equal(network.sockets.length, 1);
});
