import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkRevocation } from './revocation.ts';
import { Story } from './story.ts';

/** Ben was taken out of the room, and is told of it once more `afterMs` later. */
function toldAfter(afterMs: number, meanwhile: (story: Story) => void = () => {}): string[] {
  const story = new Story();
  story.ask('ada/1', 'member.remove', { room: 'garden', user: 'ben' }, {});
  meanwhile(story);
  story.wait(afterMs);
  story.tell('ben/1', story.message('ada', 'm1', 3));
  return story.judge(checkRevocation);
}

test('G7: what comes within 2 s of being taken out is well, and what comes later is seen', () => {
  assert.deepEqual(toldAfter(1_500), []);
  const [breach] = toldAfter(4_000);
  assert.match(breach ?? '', /^G7: ben\/1 was told of room garden \(facts\) 4\.0 s after ben was taken out of it\.$/);
});

test('G7: who is let in again may be told, also where nobody knows whether that was done', () => {
  assert.deepEqual(toldAfter(4_000, (story) => story.ask('ada/1', 'member.add', { room: 'garden', users: ['ben'] }, {})), []);
  assert.deepEqual(toldAfter(4_000, (story) => story.ask('ada/1', 'member.add', { room: 'garden', users: ['ben'] })), []);
  assert.equal(toldAfter(4_000, (story) => story.ask('ada/1', 'member.add', { room: 'garden', users: ['ben'] }, 'forbidden')).length, 1);
});

test('G7: while the bus is down it is 32 s', () => {
  const down = (story: Story) => story.add('bus', { node: 'node2', mode: 'down' });
  assert.deepEqual(toldAfter(20_000, down), []);
  assert.equal(toldAfter(40_000, down).length, 1);
});

test('G7: the time in which the node or the client stood still does not count', () => {
  const pause = (story: Story) => {
    story.add('node', { node: 'node2', what: 'paused', detail: '' });
    story.wait(5_000);
    story.add('node', { node: 'node2', what: 'resumed', detail: '' });
  };
  assert.deepEqual(toldAfter(100, pause), []);
  assert.equal(toldAfter(4_000, pause).length, 1);
  const unread = (story: Story) => story.add('reading', { session: 'ben/1', isPaused: true });
  assert.deepEqual(toldAfter(40_000, unread), [], 'it had arrived long before');
  assert.deepEqual(toldAfter(4_000, unread), [], 'it was never read again');
  const otherNode = (story: Story) => story.add('node', { node: 'node1', what: 'paused', detail: '' });
  assert.equal(toldAfter(4_000, otherNode).length, 1);
});

test('G7: that one is out may be told at any time, and a removal that nobody was told of binds nobody', () => {
  const story = new Story();
  story.ask('ada/1', 'member.remove', { room: 'garden', user: 'ben' });
  story.wait(10_000);
  story.tell('ben/1', story.message('ada', 'm1', 3));
  assert.deepEqual(story.judge(checkRevocation), []);
  story.ask('ada/1', 'member.remove', { room: 'garden', user: 'ben' }, {});
  story.wait(10_000);
  story.hear('ben/1', { kind: 'room.gone', room: 'garden' });
  assert.deepEqual(story.judge(checkRevocation), []);
});

test('G7: an answer to a question of before is judged like everything else', () => {
  const story = new Story();
  story.ask('ada/1', 'member.remove', { room: 'garden', user: 'ben' }, {});
  story.wait(4_000);
  story.ask('ben/1', 'history', { room: 'garden' }, { page: { messages: [], hasBefore: false, hasAfter: false, people: [] } });
  assert.equal(story.judge(checkRevocation).length, 1);
});

test('G7: who was shut out is told nothing later than 2 s after, and everything once they are let in again', () => {
  const story = new Story();
  story.add('revoked', { tenant: 'acme', user: 'ben', what: 'person', isRevoked: true });
  story.wait(1_000);
  story.hear('ben/1', { kind: 'heartbeat' });
  story.hear('ada/1', { kind: 'heartbeat' });
  assert.deepEqual(story.judge(checkRevocation), []);
  story.wait(3_000);
  story.hear('ada/1', { kind: 'heartbeat' });
  story.hear('ben/1', { kind: 'heartbeat' });
  assert.deepEqual(story.judge(checkRevocation), ['G7: ben/1 was told something (heartbeat) 4.0 s after ben was shut out.']);
  story.events.pop();
  story.add('revoked', { tenant: 'acme', user: 'ben', what: 'person', isRevoked: false });
  story.hear('ben/1', { kind: 'heartbeat' });
  assert.deepEqual(story.judge(checkRevocation), []);
});

test('G7: signing out everywhere ends the sessions of before, and not those with new tokens', () => {
  const story = new Story();
  story.wait(10_000);
  story.add('revoked', { tenant: 'acme', user: 'ben', what: 'tokens', isRevoked: true });
  story.add('connected', { session: 'ben/2', client: 'ben', tenant: 'acme', user: 'ben', node: 'node1' });
  story.wait(4_000);
  story.hear('ben/2', { kind: 'heartbeat' });
  assert.deepEqual(story.judge(checkRevocation), []);
  story.hear('ben/1', { kind: 'heartbeat' });
  assert.equal(story.judge(checkRevocation).length, 1);
});

test('G7: a message behind the going of who wrote it is seen', () => {
  const story = new Story();
  story.store('ben', 'm1', 3);
  story.store('ada', 'm2', 5);
  Object.assign(story.dump.members[1]!, { isPresent: false, changedSeq: 4 });
  assert.deepEqual(story.judge(checkRevocation), []);
  story.store('ben', 'm3', 6);
  assert.deepEqual(story.judge(checkRevocation), ['G7: Message 6 of room garden is by ben, who had left at 4.']);
});
