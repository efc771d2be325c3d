import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RoomMembers } from '../../../elements/client/room-members.ts';
import type { Member } from '../../../server/protocol/models.ts';

const member = (userId: string, changedSeq: number, more: Partial<Member> = {}): Member => ({
  userId, changedSeq, joinedAt: 1_000, readSeq: changedSeq, ...more,
});
const ids = ({ present }: RoomMembers) => present.map(({ userId }) => userId).sort();

test('R5: who came or went after an answer was read is not undone by it', () => {
  const members = new RoomMembers();
  members.replace([member('ann', 1), member('bob', 2)], 2);
  members.put(member('cy', 3));
  members.put(member('bob', 4, { leftAt: 2_000 }));
  members.replace([member('ann', 1), member('bob', 2)], 2);
  assert.deepEqual(ids(members), ['ann', 'cy']);
  members.replace([member('ann', 1), member('bob', 5)], 5);
  assert.deepEqual(ids(members), ['ann', 'bob'], 'a newer one says all that there is');
});

test('G10: markers do not go back, whatever was read before they moved', () => {
  const members = new RoomMembers();
  members.replace([member('ann', 1), member('bob', 2)], 2);
  members.putSeen([['bob', 9]]);
  members.putSeen([['bob', 5], ['nobody', 7]]);
  members.replace([member('ann', 1), member('bob', 2, { readSeq: 4 })], 8);
  assert.deepEqual(members.present.map(({ readSeq }) => readSeq), [1, 9]);
});

test('of a large room nobody is told, and nobody is known', () => {
  const members = new RoomMembers();
  members.replace([member('ann', 1)], 1);
  members.put(member('bob', 2));
  members.replace([], 102);
  assert.deepEqual(ids(members), []);
});
