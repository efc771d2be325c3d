import { ChatterClientError } from '../../elements/client/errors.ts';
import { canary } from './canary.ts';
import type { Device } from './clients/device.ts';
import type { Chance } from './seeds.ts';
import { pause } from './time.ts';
import type { Town, TownRoom } from './town.ts';

/** What people do, and how often. */
const usual = {
  send: 100, sendLong: 6, delete: 8, read: 30, type: 8, scroll: 8, switchRoom: 10, rename: 3, direct: 3, group: 1, comeAndGo: 10, sleep: 2, crash: 2, replay: 15, intrude: 2,
};
type Habit = keyof typeof usual;
export type Habits = Readonly<Record<Habit, number>>;

/** The rhythm of one town: about this many things a second. */
const actsPerSecond = 30;

/** Who was switched off while they waited for an answer waits for ever; the room must not. */
const patienceMs = 25_000;

/** The people of a town, living. Whatever they are refused they take as people do: they go on with something else. */
export class Workload {
  readonly #town: Town;
  readonly #chance: Chance;
  readonly #habits: Habits;
  readonly #replays = new Set<Promise<unknown>>();
  #count = 0;

  /** `habits` are those that are not as usual. */
  constructor(town: Town, chance: Chance, habits: Partial<Habits> = {}) {
    this.#town = town;
    this.#chance = chance;
    this.#habits = { ...usual, ...habits };
  }

  /** Goes on while `isGoingOn` says so. Resolves when nothing is said any more but by clients that owe it. */
  async run(isGoingOn: () => boolean): Promise<void> {
    while (isGoingOn()) {
      // In a turn of its own, so that what is thrown at once is heard of in the same way.
      Promise.resolve().then(() => this.#act()).catch(expected);
      await pause(2_000 / actsPerSecond * this.#chance.next());
    }
    for (const replayer of this.#town.replayers) replayer.rest();
    await Promise.all(this.#replays);
  }

  #act(): Promise<unknown> | undefined {
    const habit = this.#chance.weighted(this.#habits);
    if (habit === 'replay') return this.#replay();
    if (habit === 'intrude') return this.#intrude();
    const device = this.#chance.pick(this.#town.devices)!;
    if (!device.isOn) {
      device.switchOn();
      return;
    }
    const rooms = this.#town.roomsOf(device);
    const room = this.#chance.happens(0.5) ? rooms.find(({ label }) => label === 'hot') : this.#chance.pick(rooms);
    return room && this.#do(habit, device, room);
  }

  async #replay(): Promise<void> {
    const replayer = this.#chance.pick(this.#town.replayers)!;
    const room = this.#chance.pick(this.#town.roomsOf(replayer));
    if (!room) return;
    const replay: Promise<unknown> = replayer.send(room.id, `${canary(room.tenant, room.label)} ${++this.#count}`).finally(() => this.#replays.delete(replay));
    this.#replays.add(replay);
    await replay;
  }

  async #intrude(): Promise<void> {
    const intruder = this.#chance.pick(this.#town.intruders)!;
    const own = this.#town.roomsOf(intruder);
    const foreign = this.#town.rooms.filter((room) => !own.includes(room));
    await intruder.act(foreign.map(({ id }) => id), own.find(({ label }) => label === 'hot')?.id);
  }

  #do(habit: Exclude<Habit, 'replay' | 'intrude'>, device: Device, room: TownRoom): Promise<unknown> | undefined {
    const chance = this.#chance;
    const view = device.client.room(room.id);
    const sent = view.state.messages.flatMap((entry) => (entry.status === 'sent' ? [entry.message] : []));
    switch (habit) {
      case 'send':
      case 'sendLong': {
        const length = habit === 'sendLong' ? chance.whole(1_000, 7_500) : 0;
        device.send(room.id, `${canary(room.tenant, room.label)} ${++this.#count} `.padEnd(length, 'lorem '));
        return;
      }
      case 'delete': {
        const mine = chance.pick(sent.filter(({ senderId, deletedAt }) => senderId === device.user && deletedAt === undefined));
        return mine && view.delete(mine.seq);
      }
      case 'read': {
        const message = sent.at(-chance.whole(1, 5));
        if (message) view.markRead(message.seq);
        return;
      }
      case 'type': {
        view.setTyping(true);
        return;
      }
      case 'scroll': return chance.happens(0.5) ? view.loadBefore() : sent[0] && device.scrollTo(room.id, chance.pick(sent)!.seq);
      case 'switchRoom': {
        if (device.isLookingAt(room.id) && chance.happens(0.4)) device.lookAway(room.id);
        else device.look(room.id);
        return;
      }
      case 'rename': return room.kind === 'group' ? view.rename(`${room.label} ${++this.#count} ${canary(room.tenant, room.label)}`) : undefined;
      case 'direct': return this.#town.makeDirect(device, chance.pick(this.#town.people)!);
      case 'group': {
        const others = this.#town.people.filter((user) => user !== device.user && chance.happens(0.5));
        return others.length === 0 ? undefined : this.#town.makeGroup(device.tenant, device.user, `group${++this.#count}`, [device.user, ...others]);
      }
      case 'comeAndGo': return this.#comeAndGo(room);
      case 'sleep': {
        device.sleep();
        return pause(chance.whole(200, 3_000)).then(() => device.wake());
      }
      case 'crash': {
        device.crash();
        return;
      }
    }
  }

  /** The keeper of a room lets somebody in or takes somebody out: one change at a time, so that the last one must hold. */
  async #comeAndGo(room: TownRoom): Promise<void> {
    const keeper = this.#town.deviceOf(room.tenant, room.keeper);
    if (!keeper || room.kind === 'direct' || room.label === 'hot' || room.isChanging) return;
    const user = this.#chance.pick(this.#town.people.filter((one) => one !== room.keeper))!;
    const view = keeper.client.room(room.id);
    room.isChanging = true;
    try {
      if (room.members.has(user)) {
        // Out of the plan first: nobody means to write into a room that they are being taken out of.
        room.members.delete(user);
        await Promise.race([view.removeMember(user), pause(patienceMs)]);
      } else {
        await Promise.race([view.addMembers([user]), pause(patienceMs)]);
        room.members.add(user);
      }
    } finally {
      room.isChanging = false;
    }
  }
}

/** What a client says is part of life; anything else is a mistake of ours. */
function expected(error: unknown): void {
  if (!(error instanceof ChatterClientError)) throw error;
}
