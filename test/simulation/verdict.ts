import assert from 'node:assert/strict';
import type { Member, RoomSummary } from '../../server/protocol/models.ts';
import type { Store } from '../../server/store/store.ts';
import { people, type Simulation } from './simulation.ts';
import type { Tab } from './tab.ts';
import { idOf } from './witness.ts';

/** After all trouble: those who stayed, those who came back, who comes new, and the database agree. */
export async function judge(simulation: Simulation): Promise<void> {
  await simulation.heal();
  const stayed = simulation.livingTabs;
  for (const tab of stayed) for (const id of tab.openRooms) await judgeEnd(simulation.store, tab, id);
  if (simulation.haveRingsBeenLost) {
    // Markers, and lists of rooms that a node had not had to do with, may then be told no sooner than this.
    for (const { guest } of stayed) guest.link.hangUp();
    await simulation.until(() => stayed.every(({ guest }) => guest.client.connection.status === 'online'));
  }
  for (const tab of stayed) await judgeList(simulation.store, tab, 'stayed');

  // Whoever comes new takes over what dead pages have left unsent.
  const fresh = people.map((person, index) => simulation.openTab(person, index));
  await simulation.until(() => !isAnythingPending(simulation) && fresh.every(({ guest }) => guest.client.rooms.status === 'ready'));
  // What was sent last is told to lists a moment later.
  await simulation.world.advance(1_000);
  for (const tab of simulation.livingTabs) await judgeList(simulation.store, tab, fresh.includes(tab) ? 'is new' : 'stayed');

  // Who comes new looks into every room; who was here before, into those that were left somewhere.
  for (const tab of fresh) await judgeRooms(simulation, tab, simulation.witness.rooms.filter(({ tenant }) => tenant === tab.tenant).map(({ id }) => id));
  for (const tab of stayed) await judgeRooms(simulation, tab, [...tab.visited]);
  await judgeSends(simulation, stayed, fresh);
}

function isAnythingPending({ livingTabs, witness }: Simulation): boolean {
  return livingTabs.some((tab) => witness.rooms.some(({ id }) => tab.room(id).state.messages.some(({ status }) => status === 'pending')));
}

async function judgeRooms(simulation: Simulation, tab: Tab, ids: readonly string[]): Promise<void> {
  const wereOpen = new Set(tab.openRooms);
  for (const id of ids) tab.open(id);
  await simulation.until(() => ids.every((id) => tab.room(id).state.status !== 'opening'));
  for (const id of ids) await judgeRoom(simulation, tab, id, wereOpen.has(id) ? 'had it open' : 'opens it');
}

/** Who has a room open and looks at its end sees all that there is, whatever was lost. */
async function judgeEnd(store: Store, tab: Tab, id: string): Promise<void> {
  const { status, hasAfter } = tab.room(id).state;
  const isIn = (await store.member(tab.tenant, id, tab.user)) !== undefined;
  assert.equal(status === 'ready', isIn, `${tab.name} has ${id} open, which is ${status}`);
  if (status !== 'ready' || hasAfter) return;
  const shown = tab.shown(id);
  const { messages } = await store.history(tab.tenant, id, { limit: 100_000 });
  assert.deepEqual(shown, messages.slice(messages.length - shown.length), `G6: the end of ${id} at ${tab.name}, who has it open`);
  assert.ok(shown.length > 0 || messages.length === 0, `G6: something of ${id} at ${tab.name}`);
}

/** The list shows the rooms that the person is in, as the database has them. */
async function judgeList(store: Store, tab: Tab, how: string): Promise<void> {
  const { rooms } = await store.summaries(tab.tenant, tab.user, { limit: 100 });
  const listed = tab.guest.client.rooms.rooms;
  const byId = (all: readonly RoomSummary[]) => [...all].sort((a, b) => (a.id < b.id ? -1 : 1)).map(comparable);
  assert.deepEqual(byId(listed), byId(rooms), `the list of ${tab.name}, who ${how}, and the database (unread equals a recount: G10)`);
  const times = listed.map(({ activeAt }) => activeAt);
  assert.deepEqual(times, [...times].sort((a, b) => b - a), `${tab.name} has the most active room first`);
}

function comparable({ lastSender: _, people: named, ...summary }: RoomSummary): object {
  return { ...summary, name: summary.name ?? '', lastMessage: summary.lastMessage?.seq, people: named.map(({ id }) => id) };
}

async function judgeRoom({ store, world }: Simulation, tab: Tab, id: string, how: string): Promise<void> {
  const member = await store.member(tab.tenant, id, tab.user);
  const room = tab.room(id);
  if (!member) {
    assert.ok(['gone', 'error'].includes(room.state.status), `${tab.name} is not in ${id}, which is ${room.state.status}`);
  } else {
    const what = `${tab.name}, who ${how}, and the database: ${id}`;
    assert.equal(room.state.status, 'ready', what);
    await loadAll(world, tab, id);
    const { messages } = await store.history(tab.tenant, id, { limit: 100_000 });
    assert.deepEqual(tab.shown(id), messages, `G4, G6: messages of ${what}`);
    const { members } = await store.members(tab.tenant, id, { limit: 100 });
    // One's own marker is told as the room's, and not as a member's.
    const byId = (all: readonly Member[]) => [...all].sort((a, b) => (a.userId < b.userId ? -1 : 1))
      .map((one) => (one.userId === tab.user ? { ...one, readSeq: 0 } : one));
    assert.deepEqual(byId(room.state.members), byId(members), `members of ${what}`);
    const summary = await store.summary(tab.tenant, id, tab.user);
    assert.deepEqual(room.state.summary && comparable(room.state.summary), summary && comparable(summary), `head of ${what}`);
  }
}

/** As a person who scrolls to both ends. */
async function loadAll(world: Simulation['world'], tab: Tab, id: string): Promise<void> {
  const room = tab.room(id);
  for (let pages = 0; room.state.hasAfter || room.state.hasBefore; pages += 1) {
    assert.ok(pages < 20, `${tab.name} scrolls to the ends of ${id}, and gets there`);
    await world.run(room.loadAfter());
    await world.run(room.loadBefore());
  }
}

/** Every send is there once, or its sender sees it and knows why it is not (G1, G2); each page's in the order it sent them (G5). */
async function judgeSends(simulation: Simulation, stayed: readonly Tab[], fresh: readonly Tab[]): Promise<void> {
  const { store, witness, tabs } = simulation;
  const places = new Map<string, number>();
  for (const { tenant, id } of witness.rooms) {
    const { messages } = await store.history(tenant, id, { limit: 100_000 });
    assert.deepEqual(messages.map(({ ordinal }) => ordinal), messages.map((_, index) => index + 1), `${id} counts its messages`);
    for (const message of messages) {
      const name = idOf(tenant, message);
      assert.ok(!places.has(name), `G2: ${name} is there once`);
      places.set(name, message.seq);
    }
    const texts = messages.filter(({ deletedAt }) => deletedAt === undefined).map(({ text }) => text);
    assert.equal(new Set(texts).size, texts.length, `G2: nothing was sent twice to ${id}`);
  }
  for (const name of witness.acknowledged) assert.ok(places.has(name), `G1: ${name} was acknowledged, and is there`);

  for (const tab of tabs) {
    const disk = [...simulation.disks].find(([person]) => person.tenant === tab.tenant && person.user === tab.user)![1];
    for (const [id, written] of tab.written) {
      const seqs: number[] = [];
      for (const clientMsgId of written) {
        const place = places.get(idOf(tab.tenant, { senderId: tab.user, clientMsgId }));
        if (place !== undefined) seqs.push(place);
        const mustBeSomewhere = !tab.isGone || disk.everKept.has(clientMsgId);
        if (place !== undefined || !mustBeSomewhere || tab.discarded.has(clientMsgId)) continue;
        const seenBy = [...stayed, ...fresh].filter((other) => other.tenant === tab.tenant && other.user === tab.user);
        const isFailed = seenBy.some((other) => other.room(id).state.messages.some((entry) => (
          entry.status === 'failed' && entry.clientMsgId === clientMsgId && entry.error !== ''
        )));
        assert.ok(isFailed, `G1: ${clientMsgId} of ${tab.name} in ${id} is there, or said to have failed`);
      }
      assert.deepEqual(seqs, [...seqs].sort((a, b) => a - b), `G5: what ${tab.name} sent to ${id} keeps its order`);
    }
  }
  for (const tab of simulation.livingTabs) {
    for (const { id } of witness.rooms) {
      const pending = tab.room(id).state.messages.filter(({ status }) => status === 'pending');
      assert.deepEqual(pending, [], `nothing waits any more in ${id} at ${tab.name}`);
    }
  }
}
