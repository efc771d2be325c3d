import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkOneOrder } from './one-order.ts';
import { Story } from './story.ts';

test('G4: the same told in several ways is well, and so is an older state of a message', () => {
  const story = new Story();
  const first = story.message('ada', 'm1', 3);
  story.store('ada', 'm1', 3);
  Object.assign(story.dump.messages[0]!, { isDeleted: true, text: '', changedSeq: 4 });
  story.send('ada/1', 'm1', 3);
  story.tell('ada/1', first);
  story.tell('ben/1', first, { ...first, changedSeq: 4, text: '', deletedAt: 1 });
  assert.deepEqual(story.judge(checkOneOrder), []);
});

test('G4: two sessions that are told different things of one place are seen', () => {
  const story = new Story();
  story.tell('ada/1', story.message('ada', 'm1', 3));
  story.tell('ben/1', story.message('ada', 'm2', 3));
  assert.deepEqual(story.judge(checkOneOrder), ['G4: Of place 3 of room garden ada/1 and ben/1 were told different things.']);
});

test('G4: what differs from what is stored is seen', () => {
  const story = new Story();
  story.store('ada', 'm1', 3, 'as it is');
  story.tell('ben/1', story.message('ada', 'm1', 3, 'as it was not'));
  assert.deepEqual(story.judge(checkOneOrder), ['G4: Of place 3 of room garden ben/1 was told another thing than is stored.']);
});

test('G4: a session that is told backwards is seen, and one that opens the room again is not', () => {
  const story = new Story();
  const [one, other] = [story.message('ada', 'm1', 3), story.message('ada', 'm2', 4)];
  story.tell('ben/1', one, other);
  story.open('ben/1', 2);
  story.tell('ben/1', one, other);
  assert.deepEqual(story.judge(checkOneOrder), []);
  story.tell('ben/1', one);
  assert.deepEqual(story.judge(checkOneOrder), ['G4: ben/1 was told of place 3 of room garden (e1) after 4.']);
});

test('G4: a page that is out of order is seen', () => {
  const story = new Story();
  const messages = [story.message('ada', 'm2', 4), story.message('ada', 'm1', 3)];
  story.ask('ben/1', 'history', { room: 'garden' }, { page: { messages, hasBefore: false, hasAfter: false, people: [] } });
  assert.deepEqual(story.judge(checkOneOrder), ['G4: A page for ben/1 has 3 out of its place.']);
});
