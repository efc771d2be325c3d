import type { BusMode } from '../bus/bus.ts';
import type { Clock } from '../clock.ts';
import type { PresenceFrame } from './bus-frames.ts';
import { Pace } from './pace.ts';

/** People who come and leave are told together, this often at most. */
const changesEveryMs = 250;
/** Whoever asks for all within this time is answered together. */
const askersMs = 200;
/** Ids in one frame. */
const idsPerFrame = 500;

export interface PresenceReporterOptions {
  node: string;
  clock: Clock;
  mode(): BusMode;
  publish(frame: PresenceFrame): void;
  /** Everyone who is here, by tenant. */
  people(): Iterable<[tenant: string, users: Iterable<string>]>;
}

/**
 * Tells the other nodes who is with this one: each change once, with a running number, and all of it to whoever asks. The
 * number goes out with every sign of life, so that a node that missed something knows, and a quiet one costs nothing more.
 */
export class PresenceReporter {
  readonly #options: PresenceReporterOptions;
  readonly #pace: Pace;
  /** People whose coming (true) or leaving was not told yet, by tenant. */
  #changes = new Map<string, Map<string, boolean>>();
  /** Changes told so far, in frames. */
  #version = 0;
  #answers = 0;
  #stopWaitingForAskers: (() => void) | undefined;

  constructor(options: PresenceReporterOptions) {
    this.#options = options;
    this.#pace = new Pace(options.clock, changesEveryMs, () => this.#tellChanges());
  }

  /** The person is here from now on, or is not any more. */
  changed(tenant: string, user: string, isHere: boolean): void {
    if (this.#options.mode() === 'alone') return;
    let changes = this.#changes.get(tenant);
    if (!changes) this.#changes.set(tenant, (changes = new Map()));
    // Left and came back before anybody was told: there is nothing to tell.
    if (changes.get(user) === !isHere) changes.delete(user);
    else changes.set(user, isHere);
    this.#pace.plan();
  }

  /** A sign of life. */
  alive(): void {
    this.#publish({ kind: 'presence.alive', node: this.#options.node, version: this.#version });
  }

  /** Another node wants to know of everyone here. */
  asked(): void {
    this.#stopWaitingForAskers ??= this.#options.clock.after(askersMs, () => {
      this.#stopWaitingForAskers = undefined;
      this.#tellAll();
    });
  }

  /** Says goodbye for everyone. */
  close(): void {
    this.#pace.stop();
    this.#stopWaitingForAskers?.();
    this.#publish({ kind: 'presence.gone', node: this.#options.node });
  }

  #tellChanges(): void {
    const { node } = this.#options;
    const changes = this.#changes;
    this.#changes = new Map();
    for (const [tenant, users] of changes) {
      for (const part of partsOf([...users])) {
        // Counted also where nobody can hear it: then the next sign of life says that something was missed.
        this.#version += 1;
        const of = (isHere: boolean) => part.filter(([, here]) => here === isHere).map(([user]) => user);
        this.#publish({ kind: 'presence.changed', node, version: this.#version, tenant, online: of(true), offline: of(false) });
      }
    }
  }

  #tellAll(): void {
    const { node, people } = this.#options;
    // So that everyone who is told of now is in the version that is told with them.
    this.#tellChanges();
    this.#answers += 1;
    const frames = [...people()].flatMap(([tenant, users]) => partsOf([...users]).map((online) => ({ tenant, online })));
    const answer = { kind: 'presence.all' as const, node, version: this.#version, answer: this.#answers, parts: frames.length };
    if (frames.length === 0) this.#publish({ ...answer, part: 0, online: [] });
    for (const [part, frame] of frames.entries()) this.#publish({ ...answer, part, ...frame });
  }

  #publish(frame: PresenceFrame): void {
    if (this.#options.mode() === 'up') this.#options.publish(frame);
  }
}

function partsOf<T>(list: readonly T[]): T[][] {
  return Array.from({ length: Math.ceil(list.length / idsPerFrame) }, (_, part) => list.slice(part * idsPerFrame, (part + 1) * idsPerFrame));
}
