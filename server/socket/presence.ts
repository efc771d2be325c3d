import { rhythms } from '#protocol/codes';
import type { Bus } from '../bus/bus.ts';
import type { Clock } from '../clock.ts';
import type { Log } from '../log.ts';
import type { PresenceFrame } from './bus-frames.ts';
import { beatMs, OtherNodes } from './presence-nodes.ts';
import { PresenceReporter } from './presence-reporter.ts';
import { PresenceWatches, type Watcher } from './presence-watches.ts';
import { StormWatch } from './storm-watch.ts';

interface PersonThere {
  /** Sessions on this node. */
  sessions: number;
  /** With sessions here, or within the grace after the last one. */
  isHere: boolean;
  stopGrace: (() => void) | undefined;
  /** Other nodes that say that the person is with them. */
  otherNodes: number;
}

export interface PresenceOptions {
  node: string;
  bus: Pick<Bus, 'mode' | 'onGap'>;
  clock: Clock;
  log: Log;
  publish(frame: PresenceFrame): void;
  /** Those of `users` who share a room with `user` now (P3). */
  companions(tenant: string, user: string, users: readonly string[]): Promise<string[]>;
  /** Sessions of the person on this node. */
  watchersOf(tenant: string, user: string): readonly Watcher[];
}

/**
 * Who is there (P3): those with sessions on this node, and those who are with others, as these say. Nothing of it is stored,
 * and what is lost on the way heals with the next sign of life.
 */
export class Presence {
  readonly #options: PresenceOptions;
  /** Everyone who is there, by tenant. */
  readonly #people = new Map<string, Map<string, PersonThere>>();
  readonly #nodes: OtherNodes;
  readonly #reporter: PresenceReporter;
  readonly #watches: PresenceWatches;
  readonly #storm: StormWatch;
  readonly #undo: (() => void)[];
  #sessions = 0;
  #isListening = false;

  constructor(options: PresenceOptions) {
    const { node, bus, clock, log, publish } = options;
    this.#options = options;
    this.#storm = new StormWatch(clock, () => this.#watches.allMissed());
    this.#reporter = new PresenceReporter({ node, clock, publish, mode: () => bus.mode, people: () => this.#peopleHere() });
    this.#nodes = new OtherNodes({
      clock, log,
      ask: (other) => publish({ kind: 'presence.ask', node: other }),
      came: (tenant, user) => this.#cameElsewhere(tenant, user),
      left: (tenant, user) => this.#leftElsewhere(tenant, user),
    });
    this.#watches = new PresenceWatches({
      clock, log,
      isOnline: (tenant, user) => this.isOnline(tenant, user),
      companions: (tenant, user, users) => options.companions(tenant, user, users),
      watchersOf: (tenant, user) => options.watchersOf(tenant, user),
      isDeaf: () => bus.mode === 'down',
      isHeldBack: () => this.#storm.isOn,
    });
    this.#undo = [
      clock.every(beatMs, () => this.#beat()),
      bus.onGap(() => {
        this.#watches.doubt();
        this.#greet();
      }),
    ];
  }

  /** The other nodes can be heard from now on. */
  listen(): void {
    this.#isListening = true;
    this.#greet();
  }

  /** A session of the person began. Returns its undo. */
  arrive(tenant: string, user: string): () => void {
    const person = this.#person(tenant, user);
    const wasThere = person.isHere || person.otherNodes > 0;
    person.stopGrace?.();
    person.stopGrace = undefined;
    person.sessions += 1;
    this.#sessions += 1;
    this.#storm.note('here', this.#sessions);
    if (!person.isHere) {
      person.isHere = true;
      this.#reporter.changed(tenant, user, true);
    }
    if (!wasThere) this.#watches.turned(tenant, user);
    let isOver = false;
    return () => {
      if (isOver) return;
      isOver = true;
      person.sessions -= 1;
      this.#sessions -= 1;
      this.#storm.note('here', this.#sessions, 1, true);
      if (person.sessions === 0) {
        person.stopGrace = this.#options.clock.after(rhythms.presenceGraceMs, () => this.#endGrace(tenant, user, person));
      }
    };
  }

  isOnline(tenant: string, user: string): boolean {
    return this.#people.get(tenant)?.has(user) ?? false;
  }

  /** How many of these are there. */
  countOnline(tenant: string, users: ReadonlySet<string>): number {
    const people = this.#people.get(tenant);
    if (!people) return 0;
    const isFewer = people.size < users.size;
    let count = 0;
    for (const user of isFewer ? people.keys() : users) if ((isFewer ? users : people).has(user)) count += 1;
    return count;
  }

  /** From now on `watcher` is told of those of these people with whom it shares a room. Answers who of them is there. */
  watch(watcher: Watcher, users: readonly string[]): Promise<string[]> {
    return this.#watches.set(watcher, users);
  }

  unwatch(watcher: Watcher): void {
    this.#watches.end(watcher);
  }

  /** The watcher was not told of some changes, and can be now. */
  recovered(watcher: Watcher): void {
    this.#watches.missed(watcher);
  }

  /** The person is in one room less. */
  recheck(tenant: string, user: string): void {
    this.#watches.recheck(tenant, user);
  }

  heard(frame: PresenceFrame): void {
    const { node } = this.#options;
    if (frame.kind !== 'presence.ask') {
      // Nobody but this node itself can say who is with it, and it does not hear itself.
      if (frame.node === node) return;
      if (frame.kind === 'presence.changed') this.#storm.note('elsewhere', this.#nodes.peopleCount, frame.online.length + frame.offline.length);
      this.#nodes.heard(frame);
    } else if (frame.node === undefined) {
      this.#reporter.alive();
    } else if (frame.node === node) {
      this.#reporter.asked();
    }
  }

  /** Says goodbye for everyone who is here: the other nodes keep them for the grace, in which they come back elsewhere. */
  close(): void {
    for (const undo of this.#undo) undo();
    this.#reporter.close();
    this.#nodes.close();
    this.#watches.close();
    this.#storm.close();
    for (const people of this.#people.values()) for (const person of people.values()) person.stopGrace?.();
    this.#people.clear();
  }

  #beat(): void {
    if (this.#isListening) this.#reporter.alive();
    this.#nodes.beat();
    this.#watches.retry();
  }

  /** Tells that this node is there, and asks who else is. */
  #greet(): void {
    if (!this.#isListening || this.#options.bus.mode !== 'up') return;
    this.#reporter.alive();
    this.#options.publish({ kind: 'presence.ask' });
  }

  #person(tenant: string, user: string): PersonThere {
    let people = this.#people.get(tenant);
    if (!people) this.#people.set(tenant, (people = new Map()));
    let person = people.get(user);
    if (!person) people.set(user, (person = { sessions: 0, isHere: false, stopGrace: undefined, otherNodes: 0 }));
    return person;
  }

  #endGrace(tenant: string, user: string, person: PersonThere): void {
    person.isHere = false;
    person.stopGrace = undefined;
    this.#storm.note('here', this.#sessions);
    this.#reporter.changed(tenant, user, false);
    this.#leave(tenant, user, person);
  }

  #cameElsewhere(tenant: string, user: string): void {
    const person = this.#person(tenant, user);
    person.otherNodes += 1;
    if (!person.isHere && person.otherNodes === 1) this.#watches.turned(tenant, user);
  }

  #leftElsewhere(tenant: string, user: string): void {
    const person = this.#person(tenant, user);
    person.otherNodes -= 1;
    this.#leave(tenant, user, person);
  }

  #leave(tenant: string, user: string, person: PersonThere): void {
    if (person.isHere || person.otherNodes > 0) return;
    const people = this.#people.get(tenant);
    people?.delete(user);
    if (people?.size === 0) this.#people.delete(tenant);
    this.#watches.turned(tenant, user);
  }

  *#peopleHere(): Generator<[string, string[]]> {
    for (const [tenant, people] of this.#people) {
      const here = [...people].filter(([, { isHere }]) => isHere).map(([user]) => user);
      if (here.length > 0) yield [tenant, here];
    }
  }
}
