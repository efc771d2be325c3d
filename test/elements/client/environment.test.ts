import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { ChatClient } from '../../../elements/client/chat-client.ts';

const platform = globalThis.WebSocket;
beforeEach(() => Reflect.deleteProperty(globalThis, 'WebSocket'));
afterEach(() => {
  if (platform) globalThis.WebSocket = platform;
});

test('where there is no WebSocket, connecting throws a sentence that says what to do', () => {
  const client = new ChatClient({ server: 'http://127.0.0.1:9', tokenProvider: async () => 'token' });
  assert.throws(() => client.connect(), /There is no WebSocket here: use Node 22 or newer, or node --experimental-websocket/);
  assert.equal(client.connection.status, 'idle');
});
