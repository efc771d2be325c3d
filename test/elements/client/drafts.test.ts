import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Drafts, type KeyValueStorage } from '../../../elements/client/drafts.ts';

function memoryStorage(): KeyValueStorage & { kept: Map<string, string> } {
  const kept = new Map<string, string>();
  return {
    kept,
    getItem: (key) => kept.get(key) ?? null,
    setItem: (key, value) => void kept.set(key, value),
    removeItem: (key) => void kept.delete(key),
  };
}

test('a draft is kept for each person and room, across reloads', () => {
  const storage = memoryStorage();
  new Drafts(storage).set('ann', 'room', 'half a sen');
  const reloaded = new Drafts(storage);
  assert.equal(reloaded.get('ann', 'room'), 'half a sen');
  assert.equal(reloaded.get('ann', 'other room'), '');
  assert.equal(reloaded.get('bob', 'room'), '');
});

test('an emptied draft leaves nothing behind', () => {
  const storage = memoryStorage();
  const drafts = new Drafts(storage);
  drafts.set('ann', 'room', 'x');
  drafts.set('ann', 'room', '');
  assert.equal(storage.kept.size, 0);
});

test('where the browser forbids or is full, drafts last for the visit', () => {
  const forbid = () => {
    throw new DOMException('Forbidden', 'SecurityError');
  };
  const drafts = new Drafts({ getItem: forbid, setItem: forbid, removeItem: forbid });
  drafts.set('ann', 'room', 'still here');
  assert.equal(drafts.get('ann', 'room'), 'still here');
  assert.equal(new Drafts(undefined).get('ann', 'room'), '');
});
