import { rhythms } from '#protocol/codes';
import type { Clock } from '../clock.ts';
import type { Log } from '../log.ts';
import type { BusFrameOf } from './bus-frames.ts';

/** A node gives a sign of life this often. What it does not repeat ends after the lease; its people stay for the grace. */
export const beatMs = 5_000;
const leaseBeats = 3;
const graceBeats = Math.ceil(rhythms.presenceGraceMs / beatMs);
/** A frame that comes after the next one is waited for so long before all is asked for. */
const lateMs = 100;
const maxAhead = 64;
/** More than anybody runs or has: what is made up by whoever can write to the broker ends here (G9). */
const maxNodes = 1_000;
const maxPeople = 1_000_000;

type Told = BusFrameOf<'presence.alive'> | BusFrameOf<'presence.changed'> | BusFrameOf<'presence.all'> | BusFrameOf<'presence.gone'>;
type People = Map<string, Set<string>>;

interface OtherNode {
  readonly id: string;
  /** Everyone who is with it, by tenant, as it was at `version`. A node begins at 0, with nobody; at -1 nothing is sure. */
  readonly people: People;
  version: number;
  /** The version that it has come to, by all that was heard. */
  newest: number;
  /** Beats of this node's own heart since the other was heard. */
  missedBeats: number;
  /** Changes that came before the one that they follow. */
  readonly ahead: Map<number, BusFrameOf<'presence.changed'>>;
  /** An answer that has come in part. */
  incoming: { version: number; answer: number; parts: Set<number>; people: People; count: number } | undefined;
  stopWaiting: (() => void) | undefined;
}

export interface OtherNodesOptions {
  clock: Clock;
  log: Log;
  /** Asks a node for everyone who is with it. */
  ask(node: string): void;
  came(tenant: string, user: string): void;
  left(tenant: string, user: string): void;
}

/**
 * Who is with the other nodes, by what they say. It is held by a lease on each node, because a node may die without a word;
 * and the lease is counted in beats of this one's own heart, so that a node that was asleep itself blames nobody for it.
 */
export class OtherNodes {
  readonly #options: OtherNodesOptions;
  readonly #nodes = new Map<string, OtherNode>();
  #peopleCount = 0;
  #isFull = false;

  constructor(options: OtherNodesOptions) {
    this.#options = options;
  }

  /** People with other nodes; who is with two counts twice. */
  get peopleCount(): number {
    return this.#peopleCount;
  }

  heard(frame: Told): void {
    const node = this.#nodes.get(frame.node) ?? this.#meet(frame);
    if (!node) return;
    node.missedBeats = 0;
    switch (frame.kind) {
      case 'presence.alive':
        node.newest = frame.version;
        // It knows nothing of what was heard here: somebody else said that.
        if (frame.version < node.version) node.version = -1;
        break;
      case 'presence.changed':
        this.#takeChange(node, frame);
        break;
      case 'presence.all':
        this.#takePart(node, frame);
        break;
      case 'presence.gone':
        // Its people are given the grace in which they come back elsewhere.
        node.missedBeats = leaseBeats;
    }
    if (node.version < node.newest) this.#waitAndAsk(node);
  }

  /** Called every `beatMs`. */
  beat(): void {
    for (const node of this.#nodes.values()) {
      node.missedBeats += 1;
      if (node.missedBeats > leaseBeats + graceBeats) this.#lose(node);
    }
  }

  close(): void {
    for (const node of this.#nodes.values()) node.stopWaiting?.();
    this.#nodes.clear();
  }

  #meet({ node: id, kind }: Told): OtherNode | undefined {
    if (kind === 'presence.gone' || this.#nodes.size >= maxNodes) return undefined;
    const node: OtherNode = {
      id, people: new Map(), version: 0, newest: 0, missedBeats: 0, ahead: new Map(), incoming: undefined, stopWaiting: undefined,
    };
    this.#nodes.set(id, node);
    return node;
  }

  #takeChange(node: OtherNode, frame: BusFrameOf<'presence.changed'>): void {
    node.newest = Math.max(node.newest, frame.version);
    if (frame.version <= node.version) return;
    if (node.ahead.size < maxAhead || frame.version === node.version + 1) node.ahead.set(frame.version, frame);
    this.#goOn(node);
  }

  /** Takes in the changes that follow. */
  #goOn(node: OtherNode): void {
    for (let next = node.ahead.get(node.version + 1); next; next = node.ahead.get(node.version + 1)) {
      node.ahead.delete(next.version);
      node.version = next.version;
      for (const user of next.offline) this.#remove(node, next.tenant, user);
      for (const user of next.online) this.#add(node, next.tenant, user);
    }
  }

  #takePart(node: OtherNode, { version, answer, part, parts, tenant, online }: BusFrameOf<'presence.all'>): void {
    node.newest = Math.max(node.newest, version);
    if (version <= node.version) return;
    if (node.incoming?.version !== version || node.incoming.answer !== answer) {
      node.incoming = { version, answer, parts: new Set(), people: new Map(), count: 0 };
    }
    const { incoming } = node;
    incoming.parts.add(part);
    incoming.count += online.length;
    if (tenant !== undefined && online.length > 0 && incoming.count <= maxPeople) {
      let users = incoming.people.get(tenant);
      if (!users) incoming.people.set(tenant, (users = new Set()));
      for (const user of online) users.add(user);
    }
    if (incoming.parts.size < parts) return;
    node.incoming = undefined;
    this.#replace(node, incoming.people);
    node.version = version;
    for (const old of node.ahead.keys()) if (old <= version) node.ahead.delete(old);
    this.#goOn(node);
  }

  #replace(node: OtherNode, people: People): void {
    for (const [tenant, users] of node.people) {
      const present = people.get(tenant);
      for (const user of users) if (!present?.has(user)) this.#remove(node, tenant, user);
    }
    for (const [tenant, users] of people) for (const user of users) this.#add(node, tenant, user);
  }

  #waitAndAsk(node: OtherNode): void {
    node.stopWaiting ??= this.#options.clock.after(lateMs, () => {
      node.stopWaiting = undefined;
      // Where the answer is lost, the next sign of life has it asked for again.
      if (node.version < node.newest) this.#options.ask(node.id);
    });
  }

  #lose(node: OtherNode): void {
    node.stopWaiting?.();
    this.#nodes.delete(node.id);
    this.#replace(node, new Map());
  }

  #add(node: OtherNode, tenant: string, user: string): void {
    let users = node.people.get(tenant);
    if (users?.has(user)) return;
    if (this.#peopleCount >= maxPeople) return this.#full();
    if (!users) node.people.set(tenant, (users = new Set()));
    users.add(user);
    this.#peopleCount += 1;
    this.#options.came(tenant, user);
  }

  #remove(node: OtherNode, tenant: string, user: string): void {
    const users = node.people.get(tenant);
    if (!users?.delete(user)) return;
    if (users.size === 0) node.people.delete(tenant);
    this.#peopleCount -= 1;
    this.#options.left(tenant, user);
  }

  #full(): void {
    if (!this.#isFull) this.#options.log.warn('Other nodes have more people than this one keeps; some seem away.', { most: maxPeople });
    this.#isFull = true;
  }
}
