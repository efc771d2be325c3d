import assert from 'node:assert/strict';
import { test } from 'node:test';
import { displayName, personName } from '../../../elements/client/display-name.ts';

const strings = { notesToSelf: 'Notes to yourself', onlyYou: 'Only you', morePeople: (count: number) => `${count} more` };
const people = (...names: string[]) => names.map((name) => ({ id: name.toLowerCase(), name }));
const name = (room: Partial<Parameters<typeof displayName>[0]>) => (
  displayName({ kind: 'group', people: [], memberCount: 1, ...room }, strings, 'en')
);

test('a direct room is called after the other person', () => {
  assert.equal(name({ kind: 'direct', people: people('Ann'), memberCount: 2 }), 'Ann');
});

test('a room with oneself is for notes', () => {
  assert.equal(name({ kind: 'direct' }), 'Notes to yourself');
});

test('a given name is taken', () => {
  assert.equal(name({ name: 'Lunch', people: people('Ann'), memberCount: 2 }), 'Lunch');
});

test('an unnamed group is called after its members, in the language of the reader', () => {
  assert.equal(name({ people: people('Ann', 'Bob', 'Cy'), memberCount: 4 }), 'Ann, Bob, and Cy');
  assert.equal(displayName({ kind: 'group', people: people('Ann', 'Bob'), memberCount: 3 }, strings, 'de'), 'Ann und Bob');
});

test('of many members the rest is counted, without oneself', () => {
  assert.equal(name({ people: people('Ann', 'Bob'), memberCount: 10 }), 'Ann, Bob, and 7 more');
});

test('a group that all others have left', () => {
  assert.equal(name({}), 'Only you');
});

test('the id stands in for a missing name', () => {
  assert.equal(personName({ id: 'u17', name: ' ' }), 'u17');
});
