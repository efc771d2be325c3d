import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Guest, World } from '../../support/world.ts';

/** Bob has his list open, and is not in the room. */
async function reader(world: World): Promise<{ ann: Guest; bob: Guest; room: string; unread: () => number | undefined }> {
  const { guests: [ann, bob], room } = await world.meet('ann', 'bob');
  bob!.exit();
  bob!.client.rooms.onChange(() => {});
  await world.settle();
  return { ann: ann!, bob: bob!, room, unread: () => bob!.client.rooms.rooms.find(({ id }) => id === room)?.unread };
}

const lastSeq = (guest: Guest) => {
  const sent = guest.room.state.messages.filter((entry) => entry.status === 'sent');
  return sent.at(-1)?.message.seq ?? 0;
};

test('G10: unread grows with what others write, and is gone when it was read', async () => {
  await using world = await World.start();
  const { ann, bob, room, unread } = await reader(world);
  for (const text of ['1', '2', '3']) ann.room.send(text);
  await world.advance(2_000);
  assert.equal(unread(), 3);
  assert.equal(ann.room.state.summary?.unread, 0, 'one has read what one has written');
  bob.enter(room);
  await world.settle();
  bob.room.markRead(lastSeq(bob));
  assert.equal(unread(), 0, 'at once');
  await world.advance(2_000);
  assert.equal(unread(), 0);
  assert.equal((await world.store.summary('main', room, 'bob'))?.unread, 0);
});

test('the divider stands before what was unread when the room was opened, and stays there', async () => {
  await using world = await World.start();
  const { ann, bob, room } = await reader(world);
  ann.room.send('1');
  await world.advance(2_000);
  bob.enter(room);
  await world.settle();
  const divider = bob.room.state.unreadAfterSeq;
  assert.equal(bob.room.state.messages.filter((entry) => entry.status === 'sent' && entry.message.seq > (divider ?? 0)).length, 1);
  bob.room.markRead(lastSeq(bob));
  ann.room.send('2');
  await world.advance(2_000);
  assert.equal(bob.room.state.unreadAfterSeq, divider);
  bob.room.markRead(lastSeq(bob));
  bob.exit();
  bob.enter(room);
  assert.equal(bob.room.state.unreadAfterSeq, undefined);
});

test('P2: the sender sees who has read', async () => {
  await using world = await World.start();
  const { ann, bob, room } = await reader(world);
  ann.room.send('Did you see this?');
  await world.settle();
  const seq = lastSeq(ann);
  const markOf = (user: string) => ann.room.state.members.find(({ userId }) => userId === user)?.readSeq ?? 0;
  assert.ok(markOf('bob') < seq);
  bob.enter(room);
  await world.settle();
  bob.room.markRead(lastSeq(bob));
  await world.advance(2_000);
  assert.equal(markOf('bob'), seq);
  assert.deepEqual(await world.run(ann.room.seenBy(seq)), { count: 1, people: [{ id: 'bob', name: 'Bob' }] });
});

test('P5: what was read on one device is read on the other', async () => {
  await using world = await World.start();
  const { ann, bob, room, unread } = await reader(world);
  const phone = await world.join('bob');
  phone.enter(room);
  ann.room.send('1');
  await world.advance(2_000);
  assert.equal(unread(), 1);
  phone.room.markRead(lastSeq(phone));
  await world.settle();
  assert.equal(unread(), 0);
  bob.client.close();
});

test('G10: what was read offline is told when the connection is back', async () => {
  await using world = await World.start();
  const { ann, bob, room } = await reader(world);
  bob.enter(room);
  ann.room.send('1');
  await world.advance(3_000);
  bob.link.cut();
  await world.settle();
  bob.room.markRead(lastSeq(bob));
  bob.link.heal();
  await world.advance(5_000);
  assert.equal((await world.store.summary('main', room, 'bob'))?.unread, 0);
});

test('G10: with deletions in between, unread still equals a recount', async () => {
  await using world = await World.start();
  const { ann, bob, room, unread } = await reader(world);
  for (const text of ['1', '2', '3', '4', '5']) ann.room.send(text);
  await world.advance(2_000);
  const sent = ann.room.state.messages.flatMap((entry) => (entry.status === 'sent' ? [entry.message.seq] : []));
  await world.run(ann.room.delete(sent[1]!));
  await world.run(ann.room.delete(sent[4]!));
  await world.advance(2_000);
  const recount = async () => (await world.store.summary('main', room, 'bob'))?.unread;
  assert.deepEqual([unread(), await recount()], [3, 3]);
  bob.enter(room);
  await world.settle();
  bob.room.markRead(sent[2]!);
  await world.advance(5_000);
  assert.deepEqual([unread(), await recount()], [1, 1]);
  ann.room.send('6');
  await world.advance(2_000);
  assert.deepEqual([unread(), await recount()], [2, 2]);
});

test('P4: typing is seen, and ends by itself or with the message', async () => {
  await using world = await World.start();
  const { guests: [ann, bob] } = await world.meet('ann', 'bob');
  const typing = () => bob!.room.state.typing.map(({ id }) => id);
  ann!.room.setTyping(true);
  await world.settle();
  assert.deepEqual(typing(), ['ann']);
  assert.deepEqual(ann!.room.state.typing, [], 'one does not see oneself');
  await world.advance(6_000);
  assert.deepEqual(typing(), []);
  ann!.room.setTyping(true);
  await world.settle();
  ann!.room.send('done');
  await world.settle();
  assert.deepEqual(typing(), []);
  await world.advance(3_000);
  ann!.room.setTyping(true);
  await world.settle();
  assert.deepEqual(typing(), ['ann']);
  ann!.room.setTyping(false);
  await world.advance(250);
  assert.deepEqual(typing(), []);
});

test('P8: several who type at the same time are all seen, and each of them ends by themselves', async () => {
  await using world = await World.start();
  const { guests: [ann, bob, cy, dee] } = await world.meet('ann', 'bob', 'cy', 'dee');
  const typing = () => ann!.room.state.typing.map(({ id, name }) => `${id} ${name}`);
  for (const guest of [bob, cy, dee]) guest!.room.setTyping(true);
  await world.settle();
  assert.equal(ann!.link.received.filter(({ kind }) => kind === 'typing').length, 1, 'in one frame');
  assert.deepEqual(typing(), ['bob Bob', 'cy Cy', 'dee Dee']);
  bob!.room.setTyping(false);
  await world.advance(3_000);
  dee!.room.setTyping(true);
  await world.advance(3_000);
  assert.deepEqual(typing(), ['dee Dee']);
});
