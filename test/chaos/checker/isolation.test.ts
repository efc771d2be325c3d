import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkIsolation } from './isolation.ts';
import { Story } from './story.ts';

test('G8: what sings of one\'s own tenant and rooms is well', () => {
  const story = new Story();
  story.tell('ben/1', story.message('ada', 'm1', 3, '~acme/garden~ hello'));
  story.hear('ben/1', { kind: 'typing', room: 'garden', user: { id: 'ada', name: 'ada ~acme/-~' }, active: true });
  assert.deepEqual(story.judge(checkIsolation), []);
});

test('G8: something of another tenant is seen, wherever it stands', () => {
  const story = new Story();
  story.ask('ben/1', 'people.search', { query: 'a' }, { people: [{ id: 'ada', name: 'ada ~bolt/-~' }] });
  assert.deepEqual(story.judge(checkIsolation), ['G8: ben/1 got something of tenant bolt in a frame of kind ok.']);
});

test('G8: something of a room in which one never was is seen, and not after one was let in', () => {
  const story = new Story();
  story.add('connected', { session: 'cy/1', client: 'cy', tenant: 'acme', user: 'cy', node: 'node1' });
  const sing = () => story.tell('cy/1', story.message('ada', 'm1', 3, '~acme/garden~ hello'));
  sing();
  assert.deepEqual(story.judge(checkIsolation), ['G8: cy/1 got something of room garden, in which cy never was in a frame of kind facts.']);
  story.events.pop();
  story.ask('ada/1', 'member.add', { room: 'garden', users: ['cy'] });
  sing();
  assert.deepEqual(story.judge(checkIsolation), []);
});
