import type { HistoryEvent } from '../history.ts';

/** A stretch of time, in milliseconds of the round. */
export interface Stretch {
  from: number;
  to: number;
}

/** How much of the time between `from` and `to` lies in any of the stretches. */
export function overlapMs(stretches: readonly Stretch[], from: number, to: number): number {
  let covered = 0;
  let reached = from;
  for (const stretch of [...stretches].sort((a, b) => a.from - b.from)) {
    const begin = Math.max(reached, stretch.from);
    const end = Math.min(to, stretch.to);
    if (end <= begin) continue;
    covered += end - begin;
    reached = end;
  }
  return covered;
}

/** When nobody was there to do or to see anything: a node or this harness did not come to run, or a client did not read. */
export class LostTime {
  readonly #ofNode = new Map<string, Stretch[]>();
  readonly #ofSession = new Map<string, Stretch[]>();
  readonly #ours: Stretch[] = [];
  readonly #busDown: Stretch[] = [];

  constructor(events: readonly HistoryEvent[]) {
    const open = new Map<string, number>();
    const close = (key: string, at: number, into: Stretch[]) => {
      const from = open.get(key);
      open.delete(key);
      if (from !== undefined) into.push({ from, to: at });
    };
    for (const event of events) {
      const { at } = event;
      if (event.kind === 'stall') {
        (event.who === 'harness' ? this.#ours : listOf(this.#ofNode, event.who)).push({ from: at - event.ms, to: at });
      } else if (event.kind === 'node') {
        if (event.what === 'paused') open.set(`node ${event.node}`, at);
        else close(`node ${event.node}`, at, listOf(this.#ofNode, event.node));
      } else if (event.kind === 'reading') {
        if (event.isPaused) open.set(`session ${event.session}`, at);
        else close(`session ${event.session}`, at, listOf(this.#ofSession, event.session));
      } else if (event.kind === 'bus') {
        if (event.mode === 'down') open.set(`bus ${event.node}`, at);
        else close(`bus ${event.node}`, at, this.#busDown);
      } else if (event.kind === 'fault' && /^(redis|bus-loses)/.test(event.name)) {
        // Whatever a bus loses that does not know of it is lost as on one that is down.
        if (event.phase === 'begins') open.set(`fault ${event.name}`, at);
        else close(`fault ${event.name}`, at, this.#busDown);
      }
    }
    for (const [key, from] of open) {
      if (key.startsWith('bus') || key.startsWith('fault')) this.#busDown.push({ from, to: Infinity });
      // Who never read on is given what had arrived when their connection ends.
      else if (key.startsWith('session ')) listOf(this.#ofSession, key.slice('session '.length)).push({ from, to: Infinity });
    }
  }

  /** How much of this time was nobody's fault for a session of a node. */
  between(from: number, to: number, { session, node }: { session: string; node: string }): number {
    return overlapMs([...(this.#ofNode.get(node) ?? []), ...(this.#ofSession.get(session) ?? []), ...this.#ours], from, to);
  }

  /** Whether the bus was down, or lied, at any time between the two. */
  wasBusDown(from: number, to: number): boolean {
    return overlapMs(this.#busDown, from, to) > 0;
  }
}

function listOf<K>(lists: Map<K, Stretch[]>, key: K): Stretch[] {
  const list = lists.get(key) ?? [];
  lists.set(key, list);
  return list;
}
