import assert from 'node:assert/strict';
import { test } from 'node:test';
import { initialsOf } from '../../elements/avatar.ts';

test('initials are the first letters of the first and the last word', () => {
  assert.equal(initialsOf('Ada Lovelace'), 'AL');
  assert.equal(initialsOf('Dr. Maximiliana von Hohenstein'), 'DH');
  assert.equal(initialsOf('linus'), 'L');
});

test('initials keep what people see as one letter whole, and pass over signs', () => {
  assert.equal(initialsOf('e\u0301mile zola'), 'E\u0301Z');
  assert.equal(initialsOf('👩‍🚀 Kosmos'), '👩‍🚀K');
  assert.equal(initialsOf('(bot) Weather'), 'BW');
  assert.equal(initialsOf('松本 行弘'), '松行');
});

test('a name without any letter still has something to show', () => {
  assert.equal(initialsOf('…'), '…');
  assert.equal(initialsOf(''), '');
});
