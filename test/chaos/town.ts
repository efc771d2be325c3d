import type { Person } from '#protocol/models';
import { canary } from './canary.ts';
import { Device } from './clients/device.ts';
import { Follower } from './clients/follower.ts';
import { Intruder } from './clients/intruder.ts';
import type { Line, Route } from './clients/line.ts';
import { Replayer } from './clients/replayer.ts';
import type { History } from './history.ts';
import type { Chance } from './seeds.ts';
import { holds } from './time.ts';

export const tenantNames = ['acme', 'bolt', 'cove'] as const;
const names = ['ada', 'ben', 'cy', 'dora', 'eve'];

/** A room as the people know it. `label` is in its canary; `members` are those who are meant to be in it. */
export interface TownRoom {
  tenant: string;
  label: string;
  id: string;
  kind: 'group' | 'direct';
  members: Set<string>;
  /** The one person who lets people in and takes them out, so that what was last asked for is what must hold. */
  keeper: string;
  /** Somebody is being let in or taken out. */
  isChanging?: boolean;
}

/** The people of a round, their devices and their rooms. */
export class Town {
  readonly devices: Device[] = [];
  readonly followers: Follower[] = [];
  readonly replayers: Replayer[] = [];
  readonly intruders: Intruder[] = [];
  readonly rooms: TownRoom[] = [];
  readonly #history: History;
  readonly #route: Route;

  constructor(history: History, route: Route) {
    this.#history = history;
    this.#route = route;
  }

  /** Everyone comes, and the first rooms are made. Throws where nobody gets in. */
  async settle(chance: Chance, tenants: number = tenantNames.length): Promise<void> {
    const inhabited = tenantNames.slice(0, tenants);
    for (const tenant of inhabited) {
      const people = names.map((id): Person => ({ id, name: `${id} ${canary(tenant)}` }));
      for (const [index, user] of people.entries()) {
        this.#addDevice(tenant, user, 'phone', chance);
        if (index < 2) this.#addDevice(tenant, user, 'desk', chance);
      }
      this.#addFollower(tenant, people[1]!);
      this.#addFollower(tenant, people[3]!);
      this.#addRawPeople(tenant, people[2]!, chance);
    }
    for (const device of this.devices) device.switchOn();
    const areIn = await holds(() => this.devices.every(({ client }) => client.connection.status === 'online'), 180_000);
    if (!areIn) throw new Error('The people did not get in: is the server running?');
    for (const tenant of inhabited) {
      await this.makeGroup(tenant, 'ada', 'hot', names);
      await this.makeGroup(tenant, 'ben', 'garden', ['ben', 'ada', 'cy']);
      await this.makeGroup(tenant, 'ada', 'door', ['ada', 'dora', 'eve']);
    }
    for (const device of this.devices) {
      for (const { id } of this.roomsOf(device).filter(({ label }) => label !== 'garden' || chance.happens(0.5))) device.look(id);
    }
    for (const follower of this.followers) {
      for (const room of this.rooms) if (room.tenant === follower.tenant && room.members.has(follower.user)) follower.follow(room.id);
      follower.start();
    }
  }

  roomsOf({ tenant, user }: { tenant: string; user: string }): TownRoom[] {
    return this.rooms.filter((room) => room.tenant === tenant && room.members.has(user));
  }

  /** Ids of those who live there, in each tenant the same: whoever mixed them up would be seen. */
  readonly people: readonly string[] = names;

  deviceOf(tenant: string, user: string): Device | undefined {
    return this.devices.find((device) => device.tenant === tenant && device.user === user && device.isOn);
  }

  /** Throws what the client throws: whether the room is there is not known then. */
  async makeGroup(tenant: string, keeper: string, label: string, members: readonly string[]): Promise<TownRoom> {
    const device = this.deviceOf(tenant, keeper);
    if (!device) throw new Error(`${keeper} is not there.`);
    const name = `${label} ${canary(tenant, label)}`;
    const { id } = await device.client.createGroup({ name, users: members.filter((user) => user !== keeper) });
    const room: TownRoom = { tenant, label, id, kind: 'group', members: new Set(members), keeper };
    this.rooms.push(room);
    return room;
  }

  async makeDirect(device: Device, other: string): Promise<TownRoom> {
    const { id } = await device.client.createDirect(other);
    const { tenant, user } = device;
    const known = this.rooms.find((room) => room.id === id);
    if (known) return known;
    const label = `direct.${[user, other].sort().join('.')}`;
    const room: TownRoom = { tenant, label, id, kind: 'direct', members: new Set([user, other]), keeper: user };
    this.rooms.push(room);
    return room;
  }

  /** Everybody's way to the nodes. */
  get lines(): Line[] {
    return [...this.devices, ...this.followers].map(({ line }) => line).concat(this.replayers.flatMap(({ lines }) => lines));
  }

  leave(): void {
    for (const device of this.devices) device.crash();
    for (const raw of [...this.followers, ...this.replayers, ...this.intruders]) raw.stop();
  }

  #addDevice(tenant: string, user: Person, kind: string, chance: Chance): void {
    this.devices.push(new Device({
      client: `${tenant}.${user.id}.${kind}`, tenant, user, route: this.#route, history: this.#history, random: chance.next,
      // Some have tokens that end all the time.
      tokenMs: chance.happens(0.3) ? chance.whole(10_000, 80_000) : 3_600_000,
    }));
  }

  #addFollower(tenant: string, user: Person): void {
    this.followers.push(new Follower({ client: `${tenant}.${user.id}.follower`, tenant, user, route: this.#route, history: this.#history }));
  }

  #addRawPeople(tenant: string, user: Person, chance: Chance): void {
    const common = { tenant, user, route: this.#route, history: this.#history, chance };
    this.replayers.push(new Replayer({ ...common, client: `${tenant}.${user.id}.replayer` }));
    this.intruders.push(new Intruder({ ...common, client: `${tenant}.${user.id}.intruder` }));
  }
}
