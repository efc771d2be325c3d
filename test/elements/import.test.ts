import assert from 'node:assert/strict';
import { test } from 'node:test';

test('everything can be imported where there is no DOM, as a server that renders pages does', async () => {
  assert.equal(typeof globalThis.document, 'undefined');
  const chatter = await import('../../elements/define.ts');
  assert.equal(chatter.ChatterRoomList.tag, 'chatter-room-list');
  assert.equal(new chatter.ChatterErrorEvent('no').message, 'no');
});
