import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RoomSummary } from '#protocol/models';
import type { View } from './evidence.ts';
import { checkNoSilentLoss } from './no-silent-loss.ts';
import { Story } from './story.ts';

function viewOf(story: Story, clientMsgIds: readonly string[], change: Partial<RoomSummary> = {}): View {
  const messages = clientMsgIds.map((clientMsgId, index) => story.message('ada', clientMsgId, index + 3));
  const summary = { seq: 4, name: 'Garden', messageCount: 2, readSeq: 2, unread: 2, ...change } as RoomSummary;
  return { client: 'ben', tenant: 'acme', user: 'ben', room: 'garden', status: 'ready', messages, hasAfter: false, pending: [], summary, members: ['ben', 'ada'] };
}

/** Two messages are stored. */
function twoMessages(): Story {
  const story = new Story();
  story.store('ada', 'm1', 3);
  story.store('ada', 'm2', 4);
  return story;
}

test('G6: a client that shows what is stored is well', () => {
  const story = twoMessages();
  story.views.push(viewOf(story, ['m1', 'm2']));
  assert.deepEqual(story.judge(checkNoSilentLoss), []);
});

const wrongViews: [string, (story: Story) => View, RegExp][] = [
  ['the last message', (story) => viewOf(story, ['m1']), /it ends with message 1 of 2/],
  ['a change', (story) => ({ ...viewOf(story, ['m1', 'm2']), messages: [story.message('ada', 'm1', 3, 'old'), story.message('ada', 'm2', 4)] }), /place 3 is as it was at 3/],
  ['the count of unread', (story) => viewOf(story, ['m1', 'm2'], { unread: 1 }), /its unread is 1, and should be 2/],
  ['its own message on its way', (story) => ({ ...viewOf(story, ['m1', 'm2']), pending: ['m3'] }), /m3 still waits to be sent/],
  ['a member', (story) => ({ ...viewOf(story, ['m1', 'm2']), members: ['ben'] }), /its members are ben, and should be ada, ben/],
  ['everything', (story) => ({ ...viewOf(story, []), status: 'opening' }), /it is opening/],
];

for (const [what, view, expected] of wrongViews) {
  test(`G6: a client that has lost ${what} is seen`, () => {
    const story = twoMessages();
    story.views.push(view(story));
    const [breach] = story.judge(checkNoSilentLoss);
    assert.match(breach ?? '', expected);
  });
}

test('G6: a client that has lost a message in between is seen', () => {
  const story = twoMessages();
  story.store('ada', 'm3', 5);
  const [first, , last] = ['m1', 'm2', 'm3'].map((id, index) => story.message('ada', id, index + 3));
  story.views.push({ ...viewOf(story, []), messages: [first!, last!] });
  assert.match(story.judge(checkNoSilentLoss)[0] ?? '', /before place 5 something is missing/);
});

test('G6: a session that was told everything after its place is well, and need not be told what was superseded', () => {
  const story = twoMessages();
  Object.assign(story.dump.messages[0]!, { isDeleted: true, text: '', changedSeq: 5 });
  Object.assign(story.dump.rooms[0]!, { seq: 5, deletedCount: 1 });
  story.open('ben/1', 2);
  story.tell('ben/1', story.message('ada', 'm2', 4), { ...story.message('ada', 'm1', 3, ''), changedSeq: 5, deletedAt: 1 });
  assert.deepEqual(story.judge(checkNoSilentLoss), []);
});

test('G6: a hole in what a session was told is seen, and one that it filled by asking is none', () => {
  const story = twoMessages();
  story.open('ben/1', 2);
  story.tell('ben/1', story.message('ada', 'm2', 4));
  assert.deepEqual(story.judge(checkNoSilentLoss), ['G6: ben/1 had room garden open from 2 on and was told up to 4, but never of 3.']);
  const facts = [{ seq: 3, kind: 'message', message: story.message('ada', 'm1', 3) }];
  story.ask('ben/1', 'room.changes', { room: 'garden', epoch: 'e1', after: 2 }, { reset: false, changes: { facts, upTo: 4, more: false, people: [] } });
  assert.deepEqual(story.judge(checkNoSilentLoss), []);
});

test('G6: the last fact before a silence, that never came, is seen, and not where the session ended before', () => {
  const story = twoMessages();
  story.open('ben/1', 2);
  story.tell('ben/1', story.message('ada', 'm1', 3));
  assert.deepEqual(story.judge(checkNoSilentLoss), ['G6: ben/1 had room garden open from 2 on and was told up to 4, but never of 4.']);
  story.add('disconnected', { session: 'ben/1', code: 1006 });
  assert.deepEqual(story.judge(checkNoSilentLoss), []);
});

test('G6: a session that ended before it had read all pages of what it missed has no hole', () => {
  const story = twoMessages();
  const changes = { facts: [], upTo: 2, more: true, people: [] };
  story.ask('ben/1', 'room.open', { room: 'garden', epoch: 'e1', after: 1 }, { room: { id: 'garden', epoch: 'e1', seq: 3 }, upTo: 2, reset: false, changes });
  story.tell('ben/1', story.message('ada', 'm2', 4));
  story.add('disconnected', { session: 'ben/1', code: 1006 });
  assert.deepEqual(story.judge(checkNoSilentLoss), []);
});
