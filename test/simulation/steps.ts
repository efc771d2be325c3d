import fc from 'fast-check';

/**
 * One thing that somebody does, or that goes wrong. Plain data, so that a story which found something can be kept. Numbers
 * choose among what there is when the step is taken, so that any part of a story is a story too.
 */
export type Step = {
  /** Chooses what arrives in which order from here on; 0 is the plain order. */
  order: number;
  /** So many turns of the event loop go by before the next step; none: it comes in the same turn. */
  turns: number;
} & (
  | { what: (typeof doings)[number]; who: number; room: number; which: number }
  | { what: (typeof linkTroubles)[number]; who: number; which: number }
  | { what: (typeof nodeTroubles)[number]; node: number; which: number }
  | { what: (typeof brokerTroubles)[number] }
  | { what: 'wait'; ms: number }
);

/** What people do. `which` chooses a message, a person, or a thing of that kind. */
export const doings = [
  'send', 'send twice', 'delete', 'read', 'open', 'close', 'older', 'newer', 'newest', 'around', 'rename', 'add', 'remove', 'leave',
  'direct', 'group', 'type', 'retry', 'discard',
] as const;

/** What happens between a page and its server, or to the page. */
export const linkTroubles = [
  'cut', 'mend', 'hang up', 'stall up', 'stall down', 'unstall', 'slow', 'lose', 'double', 'swap', 'move', 'reload', 'crash',
  'another tab', 'token ends',
] as const;

export const nodeTroubles = [
  'kill', 'start', 'drain', 'hear nothing', 'hear half', 'hear twice', 'hear late', 'hear in any order', 'hear well',
  'store slow', 'store fails', 'store answers nothing', 'store well', 'clock jumps',
] as const;

export const brokerTroubles = ['bus down', 'bus up', 'bus gap'] as const;

export type StepOf<W extends Step['what']> = Extract<Step, { what: W }>;
export type Doing = Extract<Step, { room: number }>;
export type LinkTrouble = Exclude<Extract<Step, { who: number }>, { room: number }>;
export type NodeTrouble = Extract<Step, { node: number }>;

const weights: Partial<Record<Step['what'], number>> = {
  'send': 40, 'send twice': 6, 'delete': 5, 'read': 6, 'open': 8, 'close': 3, 'older': 2, 'rename': 2, 'add': 4, 'remove': 4, 'leave': 2,
  'direct': 2, 'group': 2, 'type': 2, 'cut': 3, 'mend': 4, 'hang up': 5, 'move': 3, 'reload': 2, 'crash': 2, 'another tab': 2,
  'lose': 6, 'swap': 3, 'kill': 3, 'start': 6, 'drain': 2, 'hear well': 2, 'store well': 3, 'bus up': 2,
};

const few = fc.nat(7);
const pace = {
  order: fc.oneof({ weight: 1, arbitrary: fc.constant(0) }, { weight: 3, arbitrary: fc.nat(1_000_000) }),
  turns: fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, { weight: 3, arbitrary: fc.nat(4) }, { weight: 1, arbitrary: fc.nat(30) }),
};

function all<W extends Step['what'], F extends object>(kinds: readonly W[], fields: { [K in keyof F]: fc.Arbitrary<F[K]> }) {
  return kinds.map((what) => ({
    weight: weights[what] ?? 1,
    arbitrary: fc.record({ what: fc.constant(what), ...fields, ...pace }) as fc.Arbitrary<unknown> as fc.Arbitrary<Step>,
  }));
}

const wait: fc.Arbitrary<Step> = fc.record({
  what: fc.constant('wait' as const), ms: fc.constantFrom(0, 10, 60, 300, 600, 1_500, 2_500, 12_000, 35_000, 70_000), ...pace,
});

export const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    ...all(doings, { who: few, room: few, which: few }),
    ...all(linkTroubles, { who: few, which: few }),
    ...all(nodeTroubles, { node: fc.nat(2), which: few }),
    ...all(brokerTroubles, {}),
    { weight: 14, arbitrary: wait },
  ),
  { minLength: 5, maxLength: 60, size: 'max' },
);
