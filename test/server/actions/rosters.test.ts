import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { Fact } from '#protocol/models';
import { Rosters } from '../../../server/actions/rosters.ts';
import { MemoryStore } from '../../../server/store/memory-store.ts';
import { ManualClock } from '../../support/clock.ts';

class CountingStore extends MemoryStore {
  reads = 0;
  /** Called while members are being read, after they were. */
  whileReading: () => Promise<void> = async () => {};

  override async memberIds(tenant: string, room: string): Promise<string[]> {
    this.reads += 1;
    const ids = await super.memberIds(tenant, room);
    await this.whileReading();
    return ids;
  }
}

async function scene(): Promise<{ store: CountingStore; clock: ManualClock; rosters: Rosters; room: string }> {
  const clock = new ManualClock();
  const store = new CountingStore({ clock });
  await store.putPeople('t', ['ann', 'ben', 'cat'].map((id) => ({ id, name: id })));
  const { room } = await store.createRoom('t', { kind: 'group', members: ['ann', 'ben'] });
  return { store, clock, rosters: new Rosters(store, clock), room: room.id };
}

const membersOf = async (rosters: Rosters, room: string): Promise<string[]> => [...(await rosters.of('t', room))!.members].sort();

it('is read once, however often it is asked for, also at the same time', async () => {
  const { store, rosters, room } = await scene();
  await Promise.all(Array.from({ length: 10 }, () => rosters.of('t', room)));
  await rosters.of('t', room);
  assert.equal(store.reads, 1);
  assert.equal(await rosters.of('t', 'nowhere'), undefined);
  assert.equal(await rosters.of('other', room), undefined, 'G8: a room of one tenant is none of another');
});

it('G7: follows the facts it hears, and forgets none that come while it is being read', async () => {
  const { store, rosters, room } = await scene();
  store.whileReading = async () => {
    store.whileReading = async () => {};
    rosters.hear('t', room, (await store.changeMembers('t', room, { add: ['cat'], remove: ['ben'] })).facts);
  };
  assert.deepEqual(await membersOf(rosters, room), ['ann', 'cat']);
  rosters.hear('t', room, (await store.changeMembers('t', room, { remove: ['cat'] })).facts);
  assert.deepEqual(await membersOf(rosters, room), ['ann']);
  assert.equal(store.reads, 1);
});

it('an old fact that comes late changes nothing', async () => {
  const { store, rosters, room } = await scene();
  await rosters.of('t', room);
  const left: Fact[] = (await store.changeMembers('t', room, { remove: ['ben'] })).facts;
  const back: Fact[] = (await store.changeMembers('t', room, { add: ['ben'] })).facts;
  rosters.hear('t', room, back);
  rosters.hear('t', room, left);
  assert.deepEqual(await membersOf(rosters, room), ['ann', 'ben']);
});

it('G7: what is heard ahead of a fact that has not come is not forgotten while the room is read again', async () => {
  const { store, clock, rosters, room } = await scene();
  await rosters.of('t', room);
  const before = await store.room('t', room);
  const came: Fact[] = (await store.changeMembers('t', room, { add: ['cat'] })).facts;
  const left: Fact[] = (await store.changeMembers('t', room, { remove: ['cat'] })).facts;
  rosters.hear('t', room, left);
  clock.sleep(30_000);
  // The room was read before both, and the answer comes after one of them.
  store.room = async () => before;
  await rosters.of('t', room);
  rosters.hear('t', room, came);
  assert.deepEqual(await membersOf(rosters, room), ['ann', 'ben']);
});

it('G7: nor is it believed where the clock of the machine was set back', async () => {
  const { store, clock, rosters, room } = await scene();
  await rosters.of('t', room);
  clock.sleep(-3_600_000);
  await store.changeMembers('t', room, { remove: ['ben'] });
  assert.deepEqual(await membersOf(rosters, room), ['ann']);
});

it('G7: is not believed for longer than 30 s; where nothing has changed, its members are not read again', async () => {
  const { store, clock, rosters, room } = await scene();
  await rosters.of('t', room);
  clock.sleep(30_000);
  assert.equal(rosters.known('t', room), undefined);
  await rosters.of('t', room);
  assert.equal(store.reads, 1);
  await store.changeMembers('t', room, { remove: ['ben'] });
  clock.sleep(29_999);
  assert.deepEqual(await membersOf(rosters, room), ['ann', 'ben'], 'unheard');
  clock.sleep(1);
  assert.deepEqual(await membersOf(rosters, room), ['ann']);
});

it('G6: knows how far it has heard without a gap, in whatever order it heard', async () => {
  const { store, rosters, room } = await scene();
  const { epoch } = (await store.room('t', room))!;
  const seqNow = (): number | undefined => rosters.place('t', room)?.seq;
  assert.equal(seqNow(), undefined);
  await rosters.of('t', room);
  assert.deepEqual(rosters.place('t', room), { epoch, seq: 2, isFollowed: false }, 'nobody knows whether that was told');
  rosters.follow('t', room, epoch);
  assert.deepEqual(rosters.place('t', room), { epoch, seq: 2, isFollowed: true });
  const facts: Fact[] = [];
  for (const text of ['3', '4', '5', '6', '7', '8']) {
    const { message } = await store.appendMessage('t', { room, senderId: 'ann', clientMsgId: text, text });
    facts.push({ seq: message.seq, kind: 'message', message });
  }
  rosters.hear('t', room, [facts[1]!, facts[2]!]);
  assert.equal(seqNow(), 2, 'there is a gap');
  rosters.hear('t', room, [facts[0]!]);
  assert.equal(seqNow(), 5);
  rosters.hearPlaces('t', room, [8]);
  rosters.reached('t', room, { epoch: 'another', after: 5, seq: 7 });
  rosters.reached('t', room, { epoch, after: 6, seq: 7 });
  assert.equal(seqNow(), 5, 'nobody has looked at the sixth');
  rosters.reached('t', room, { epoch, after: 5, seq: 7 });
  assert.equal(seqNow(), 8, 'with what was heard ahead');
  rosters.hear('t', room, facts);
  rosters.reached('t', room, { epoch, after: 1, seq: 3 });
  assert.equal(seqNow(), 8, 'and never goes back');
});

it('what is read again is read after it was asked for', async () => {
  const { store, rosters, room } = await scene();
  let added: Promise<unknown> | undefined;
  let again: ReturnType<Rosters['reread']> | undefined;
  store.whileReading = async () => {
    store.whileReading = async () => {};
    added = store.changeMembers('t', room, { add: ['cat'] });
    await added;
    again = rosters.reread('t', room);
  };
  assert.deepEqual(await membersOf(rosters, room), ['ann', 'ben']);
  assert.deepEqual([...(await again)!.members].sort(), ['ann', 'ben', 'cat']);
});
