import { MemoryStore } from '../../server/store/memory-store.ts';
import type { ServerFrame } from '../../server/protocol/frames.ts';
import type { Store } from '../../server/store/store.ts';
import type { ManualClock } from '../support/clock.ts';
import type { WorldServer } from '../support/world-server.ts';
import { World } from '../support/world.ts';
import { BrowserDisk } from './page-outbox.ts';
import { RandomTraffic } from './random-traffic.ts';
import type { Doing, LinkTrouble, NodeTrouble, Step } from './steps.ts';
import { Tab } from './tab.ts';
import { UnreliableBus } from './unreliable-bus.ts';
import { isMadeTrouble, UnreliableStore } from './unreliable-store.ts';
import { Witness } from './witness.ts';

/** Who lives in this world: the same name in two tenants is two people. */
export const people = [
  { tenant: 'main', user: 'ann' }, { tenant: 'main', user: 'bob' }, { tenant: 'main', user: 'cy' }, { tenant: 'main', user: 'dee' },
  { tenant: 'other', user: 'ann' },
] as const;
type User = (typeof people)[number];

const canaries = new Map([['main', '<main>'], ['other', '<other>']]);
const mostTabs = 9;

export interface SimulationOptions {
  seed: number;
  nodes: number;
  checksFrames: boolean;
  /** By default one in memory. The simulation closes it. */
  openStore?: (clock: ManualClock) => Promise<Store>;
}

/** A world in which everything may happen at any moment, that a list of steps tells in full. */
export class Simulation {
  readonly tabs: Tab[] = [];
  readonly world: World;
  readonly witness: Witness;
  readonly disks: ReadonlyMap<User, BrowserDisk>;
  /** The database itself. */
  readonly store: Store;
  readonly #traffic: RandomTraffic;
  readonly #stores: readonly UnreliableStore[];
  readonly #buses: readonly UnreliableBus[];
  /** Messages that somebody let go of, on whatever page. */
  readonly #discarded = new Set<string>();
  readonly #draining = new Set<WorldServer>();
  #isBusDown = false;
  #haveRingsBeenLost = false;
  #haveAnswersBeenLost = false;
  #troubleUntil = -Infinity;

  private constructor(parts: {
    world: World; store: Store; witness: Witness; traffic: RandomTraffic; stores: UnreliableStore[]; buses: UnreliableBus[]; hasLocks: boolean;
  }) {
    this.world = parts.world;
    this.store = parts.store;
    this.witness = parts.witness;
    this.#traffic = parts.traffic;
    this.#stores = parts.stores;
    this.#buses = parts.buses;
    this.disks = new Map(people.map((person) => [person, new BrowserDisk(parts.traffic, parts.hasLocks)]));
  }

  static async start({ seed, nodes, checksFrames, openStore }: SimulationOptions): Promise<Simulation> {
    const made: { simulation?: Simulation; witness?: Witness } = {};
    let traffic: RandomTraffic | undefined;
    let store: Store | undefined;
    const stores: UnreliableStore[] = [];
    const buses: UnreliableBus[] = [];
    let ids = 0;
    const world = await World.start({
      seed, servers: nodes, checksFrames, canPing: true, isCoarse: true,
      traffic: (clock) => (traffic = new RandomTraffic(clock)),
      store: async (clock) => (store = await openStore?.(clock) ?? new MemoryStore({ clock, newId: () => `room-${++ids}` })),
      isExpected: isMadeTrouble,
      server: (index, shared) => {
        const bus = (buses[index] = new UnreliableBus(traffic!));
        stores[index] = new UnreliableStore(shared.store, traffic!, (...what) => made.witness!.done(...what));
        return { ...shared, store: stores[index].store, broker: { bus: () => bus.heardThrough(shared.broker.bus()) } };
      },
    });
    const witness = made.witness = new Witness({
      clock: world.clock, store: store!, canaries,
      fault: (error) => world.carrier.fault(error),
      troubleUntil: () => made.simulation!.#troubleNow(),
      slownessMs: () => made.simulation!.#slownessMs(),
    });
    const simulation = made.simulation = new Simulation({ world, store: store!, witness, traffic: traffic!, stores, buses, hasLocks: seed % 3 !== 0 });
    await simulation.#populate();
    return simulation;
  }

  get livingTabs(): Tab[] {
    return this.tabs.filter((tab) => !tab.isGone);
  }

  openTab(person: User, node = 0): Tab {
    const { tenant, user } = person;
    const outbox = this.disks.get(person)!.openPage();
    const fault = (error: unknown) => this.world.carrier.fault(error);
    const guest = this.world.arrive(user, { tenant, server: node % this.world.servers.length, outboxStorage: outbox });
    guest.link.overhear = () => this.witness.hear(tenant, user);
    const tab = new Tab({ name: `${tenant}/${user}/${this.tabs.length}`, tenant, guest, outbox, discarded: this.#discarded, fault });
    this.tabs.push(tab);
    return tab;
  }

  async take(step: Step): Promise<void> {
    this.#traffic.choose(step.order);
    if ('room' in step) this.#do(step);
    else if ('who' in step) this.#troubleLink(step);
    else if ('node' in step) await this.#troubleNode(step);
    else if (step.what === 'bus down') this.#turnBus(true);
    else if (step.what === 'bus up') this.#turnBus(false);
    else if (step.what === 'bus gap') this.world.broker.gap();
    else if (step.what === 'wait') await this.world.advance(step.ms);
    for (let turns = step.turns; turns > 0; turns -= 1) await this.world.turn();
  }

  /** All trouble ends, and what heals by itself has time to. */
  async heal(): Promise<void> {
    this.#traffic.choose(0);
    for (const { link } of this.world.guests) {
      link.meddle = (frame) => [frame];
      link.slowDown(0);
      link.unstall();
    }
    for (const tab of this.livingTabs) tab.guest.link.heal();
    for (const { trouble } of this.#stores) Object.assign(trouble, { delayMs: 0, failing: 0, unanswered: 0 });
    for (const bus of this.#buses) bus.hearing = 'well';
    this.#turnBus(false);
    await this.until(() => this.#draining.size === 0);
    for (const server of this.world.servers) if (!server.isRunning) await server.start();
    await this.until(() => this.livingTabs.every(({ guest }) => guest.client.connection.status === 'online'));
    // Heads are told every 10 s, holes filled within half a second of them, markers within two. An answer is waited for longer.
    await this.world.advance(this.#haveAnswersBeenLost ? 60_000 : 15_000);
  }

  /** Lets time go by until it is so. What never comes is for the verdict to say. */
  async until(isSo: () => boolean): Promise<void> {
    await this.world.settle();
    for (let waitedMs = 0; !isSo() && waitedMs < 120_000; waitedMs += 5_000) await this.world.advance(5_000);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // Where it has failed, something may hang for ever: nothing is waited for.
    for (const { client } of this.world.guests) client.close();
    for (const server of this.world.servers) server.kill();
    await this.store.close();
  }

  async #populate(): Promise<void> {
    const { store, world } = this;
    for (const { tenant, user } of people) await store.putPeople(tenant, [{ id: user, name: `${user} ${canaries.get(tenant)}` }]);
    const make = async (tenant: string, name: string, ...members: string[]): Promise<void> => {
      const made = await store.createRoom(tenant, { kind: 'group', name: `${name} ${canaries.get(tenant)}`, members });
      this.witness.done('createRoom', [tenant], made);
    };
    await make('main', 'Room', 'ann', 'bob', 'cy');
    await make('main', 'Side', 'ann', 'bob');
    await make('other', 'Room', 'ann');
    for (const [index, person] of people.entries()) {
      const tab = this.openTab(person, index);
      tab.open(this.#roomsOf(tab)[0]!);
    }
    await world.settle();
  }

  #roomsOf({ tenant }: Tab): string[] {
    return this.witness.rooms.filter((room) => room.tenant === tenant).map(({ id }) => id);
  }

  #do(step: Doing): void {
    const tab = chosen(this.livingTabs, step.who);
    const rooms = this.#roomsOf(tab);
    const id = chosen(rooms, step.room);
    const room = tab.room(id);
    const others = people.filter(({ tenant }) => tenant === tab.tenant);
    const { user } = chosen(others, step.which);
    const canary = canaries.get(tab.tenant)!;
    const shown = tab.shown(id);
    const failed = room.state.messages.filter((entry) => entry.status === 'failed');
    switch (step.what) {
      case 'send': return tab.send(id, canary);
      case 'send twice':
        tab.send(id, canary);
        return tab.send(id, canary);
      case 'delete': {
        const mine = shown.filter(({ senderId, deletedAt }) => senderId === tab.user && deletedAt === undefined);
        return mine.length > 0 ? tab.attempt(room.delete(chosen(mine, step.which).seq)) : undefined;
      }
      case 'read': return shown.length > 0 ? room.markRead(shown.at(-1 - (step.which % Math.min(3, shown.length)))!.seq) : undefined;
      case 'open': return tab.open(id);
      case 'close': return tab.close(id);
      case 'older': return tab.attempt(room.loadBefore());
      case 'newer': return tab.attempt(room.loadAfter());
      case 'newest': return tab.attempt(room.loadNewest());
      case 'around': return tab.attempt(room.loadAround(step.which * 3));
      case 'rename': return tab.attempt(room.rename(step.which === 0 ? undefined : `Name ${step.which} ${canary}`));
      case 'add': return tab.attempt(room.addMembers([user]));
      case 'remove': return tab.attempt(room.removeMember(user));
      case 'leave': return tab.attempt(room.leave());
      case 'direct': return tab.attempt(tab.guest.client.createDirect(user));
      case 'group': return tab.attempt(tab.guest.client.createGroup({ name: `Group ${canary}`, users: [user] }));
      case 'type': return room.setTyping(step.which % 2 === 0);
      case 'retry': return failed.length > 0 ? tab.retry(id, chosen(failed, step.which).clientMsgId) : undefined;
      case 'discard': return failed.length > 0 ? tab.discard(id, chosen(failed, step.which).clientMsgId) : undefined;
    }
  }

  #troubleLink(step: LinkTrouble): void {
    const tab = chosen(this.livingTabs, step.who);
    const { guest } = tab;
    const { link } = guest;
    const person = people.find(({ tenant, user }) => tenant === tab.tenant && user === tab.user)!;
    switch (step.what) {
      case 'cut': return link.cut();
      case 'mend': return link.heal();
      case 'hang up': return link.hangUp(step.which % 2 === 0);
      case 'stall up': return link.stall('up');
      case 'stall down': return link.stall('down');
      case 'unstall': return link.unstall();
      case 'slow': return link.slowDown(step.which * 400);
      case 'lose':
        if (step.which % 2 === 0) return link.dropNext(isTold);
        this.#haveAnswersBeenLost = true;
        return link.dropNext(isAnswer);
      case 'double': {
        link.meddle = (frame) => (isAnswer(frame) ? [frame] : [frame, frame]);
        return;
      }
      case 'swap': return link.swapNext(isTold);
      case 'move': {
        link.server = this.world.server((step.which + 1) % this.world.servers.length);
        return;
      }
      case 'reload': {
        this.#leave(tab);
        guest.client.close();
        this.#comeBack(tab, person, step.which);
        return;
      }
      case 'crash': {
        this.#leave(tab);
        guest.crash(step.which % 2 === 0);
        tab.outbox.crash(step.which % 4 < 2);
        this.#comeBack(tab, person, step.which);
        return;
      }
      case 'another tab': {
        if (this.livingTabs.length < mostTabs) this.#comeBack(tab, person, step.which);
        return;
      }
      case 'token ends': {
        guest.endNextToken();
        return link.hangUp();
      }
    }
  }

  async #troubleNode(step: NodeTrouble): Promise<void> {
    const { servers } = this.world;
    const index = step.node % servers.length;
    const server = servers[index]!;
    const store = this.#stores[index]!;
    const bus = this.#buses[index]!;
    switch (step.what) {
      case 'kill':
        this.#lostRings();
        this.#draining.delete(server);
        server.kill();
        return store.died(step.which % 2 === 0);
      case 'start':
        if (server.isRunning) return;
        await server.start();
        // A node that starts while the bus is down finds it so.
        if (this.#isBusDown) this.world.broker.down();
        return;
      case 'drain': return this.#drain(server);
      case 'hear nothing': return this.#hears(bus, 'nothing');
      case 'hear half': return this.#hears(bus, 'half');
      case 'hear twice': return this.#hears(bus, 'twice');
      case 'hear late': return this.#hears(bus, 'late');
      case 'hear in any order': return this.#hears(bus, 'in any order');
      case 'hear well': return this.#hears(bus, 'well');
      case 'store slow': return this.#storeTroubled(store, { delayMs: 50 + step.which * 400 });
      case 'store fails': return this.#storeTroubled(store, { failing: 1 + (step.which % 4) });
      case 'store answers nothing': return this.#storeTroubled(store, { unanswered: 1 + (step.which % 4) });
      case 'store well': return this.#storeTroubled(store, { delayMs: 0, failing: 0, unanswered: 0 });
      case 'clock jumps': return server.jump((step.which - 3) * 20_000);
    }
  }

  #drain(server: WorldServer): void {
    if (!server.isRunning) return;
    this.#lostRings();
    this.#draining.add(server);
    void server.stop().then(() => this.#draining.delete(server));
  }

  /** Its page goes; whatever was open in it is not looked at any more. */
  #leave(tab: Tab): void {
    tab.isGone = true;
  }

  #comeBack(before: Tab, person: User, node: number): void {
    const tab = this.openTab(person, node);
    for (const id of before.openRooms) tab.open(id);
  }

  /** Whether some node may not have heard of something that was committed, and nobody knows that it has not. */
  get haveRingsBeenLost(): boolean {
    return this.#haveRingsBeenLost;
  }

  #lostRings(): void {
    this.#troubled();
    this.#haveRingsBeenLost = true;
  }

  #hears(bus: UnreliableBus, hearing: UnreliableBus['hearing']): void {
    if (hearing === 'nothing' || hearing === 'half') this.#lostRings();
    this.#troubled();
    bus.hearing = hearing;
  }

  #storeTroubled(store: UnreliableStore, trouble: Partial<UnreliableStore['trouble']>): void {
    if ((trouble.unanswered ?? 0) > 0) this.#lostRings();
    this.#troubled();
    Object.assign(store.trouble, trouble);
  }

  #turnBus(isDown: boolean): void {
    if (isDown) this.#lostRings();
    this.#troubled();
    this.#isBusDown = isDown;
    if (isDown) this.world.broker.down();
    else this.world.broker.up();
  }

  #troubled(): void {
    this.#troubleUntil = this.world.clock.now();
  }

  /** When there was last something wrong between the nodes, or between them and the database: perhaps now. */
  #troubleNow(): number {
    const isTroubled = this.#isBusDown || this.#buses.some(({ hearing }) => hearing !== 'well')
      || this.#stores.some(({ trouble: { delayMs, failing, unanswered } }) => delayMs + failing + unanswered > 0);
    return isTroubled ? this.world.clock.now() : this.#troubleUntil;
  }

  /** What slow or refused answers of the database may add to the time that a word takes to get about. */
  #slownessMs(): number {
    return 40_000;
  }
}

function chosen<T>(all: readonly T[], number: number): T {
  const one = all[number % all.length];
  if (one === undefined) throw new Error('There is nothing to choose from.');
  return one;
}

/** Frames that may be lost: those that follow make up for them. No line loses one; a proxy may, and a bug. */
function isTold({ kind }: ServerFrame): boolean {
  return kind === 'facts' || kind === 'typing';
}

function isAnswer({ kind }: ServerFrame): boolean {
  return kind === 'ok' || kind === 'error';
}
