import type { Step } from './steps.ts';

/** What the simulation has found once, cut down to what it takes. Each holds for ever. */
export interface Found {
  what: string;
  nodes: number;
  seed: number;
  story: readonly Step[];
}

const plain = { order: 0, turns: 0 };

export const found: readonly Found[] = [
  {
    what: 'G5: a second tab without locks put what it took over later before what it had taken over first',
    nodes: 1, seed: 42,
    story: [
      { what: 'send twice', who: 6, room: 0, which: 0, ...plain },
      { what: 'hang up', who: 6, which: 0, ...plain },
      { what: 'another tab', who: 1, which: 0, order: 0, turns: 4 },
      { what: 'send', who: 7, room: 0, which: 0, ...plain },
      { what: 'kill', node: 1, which: 0, ...plain },
    ],
  },
  {
    what: 'who was taken out and put back while away stayed out until the page was loaded again',
    nodes: 1, seed: 21,
    story: [
      { what: 'leave', who: 0, room: 0, which: 0, ...plain },
      { what: 'crash', who: 7, which: 0, order: 0, turns: 4 },
      { what: 'stall down', who: 0, which: 0, ...plain },
      { what: 'reload', who: 1, which: 0, ...plain },
      { what: 'add', who: 3, room: 0, which: 0, ...plain },
      { what: 'delete', who: 0, room: 0, which: 0, order: 0, turns: 20 },
      { what: 'kill', node: 0, which: 0, ...plain },
    ],
  },
  {
    what: 'G10: what one wrote in a room that was not open counted as unread where the heads skipped it',
    nodes: 3, seed: 218,
    story: [
      { what: 'send', who: 0, room: 0, which: 0, ...plain },
      { what: 'send', who: 6, room: 3, which: 0, ...plain },
      { what: 'send', who: 0, room: 5, which: 0, ...plain },
    ],
  },
  {
    what: 'lists did not hear who left a room that nobody on their node had to do with',
    nodes: 2, seed: 232,
    story: [{ what: 'leave', who: 0, room: 5, which: 0, ...plain }],
  },
  {
    what: 'R10: a list that was being read brought back the room that one had just left',
    nodes: 2, seed: 49,
    story: [
      { what: 'group', who: 0, room: 0, which: 2, order: 0, turns: 3 },
      { what: 'crash', who: 0, which: 0, order: 490_212, turns: 4 },
      { what: 'remove', who: 0, room: 0, which: 0, ...plain },
      { what: 'leave', who: 4, room: 0, which: 0, ...plain },
      { what: 'crash', who: 0, which: 0, order: 967_071, turns: 11 },
    ],
  },
  {
    what: 'a new room was not told to its members where the database failed after it was made',
    nodes: 1, seed: 141,
    story: [
      { what: 'group', who: 7, room: 0, which: 3, ...plain },
      { what: 'move', who: 0, which: 0, order: 11, turns: 3 },
      { what: 'store fails', node: 0, which: 0, order: 0, turns: 4 },
    ],
  },
  {
    what: 'who was added was refused for half a minute on a node that had missed it',
    nodes: 2, seed: 445,
    story: [
      { what: 'bus down', ...plain },
      { what: 'crash', who: 7, which: 5, ...plain },
      { what: 'rename', who: 4, room: 1, which: 0, ...plain },
      { what: 'another tab', who: 0, which: 0, order: 0, turns: 2 },
      { what: 'add', who: 0, room: 7, which: 7, ...plain },
      { what: 'wait', ms: 0, ...plain },
    ],
  },
  {
    what: 'a message that was taken over from a dead page was shown twice while it was tried again',
    nodes: 3, seed: 95,
    story: [
      { what: 'send', who: 1, room: 0, which: 0, order: 0, turns: 3 },
      { what: 'kill', node: 1, which: 0, ...plain },
      { what: 'leave', who: 0, room: 0, which: 0, ...plain },
      { what: 'wait', ms: 0, ...plain },
      { what: 'reload', who: 1, which: 0, ...plain },
      { what: 'send', who: 0, room: 0, which: 0, order: 0, turns: 3 },
      { what: 'send twice', who: 4, room: 0, which: 0, ...plain },
      { what: 'wait', ms: 0, order: 951_102, turns: 0 },
    ],
  },
  {
    what: 'G7: a node that had read the members before the ring came told nobody of it',
    nodes: 3, seed: 155,
    story: [
      { what: 'store slow', node: 2, which: 3, ...plain },
      { what: 'leave', who: 0, room: 0, which: 0, ...plain },
      { what: 'add', who: 7, room: 0, which: 0, ...plain },
      { what: 'wait', ms: 1_500, ...plain },
      { what: 'another tab', who: 0, which: 1, ...plain },
      { what: 'wait', ms: 0, ...plain },
    ],
  },
  {
    what: 'an older answer replaced the members that a newer push had told',
    nodes: 1, seed: 246,
    story: [
      { what: 'leave', who: 0, room: 7, which: 0, order: 0, turns: 2 },
      { what: 'open', who: 6, room: 5, which: 0, order: 0, turns: 1 },
      { what: 'remove', who: 0, room: 0, which: 0, order: 266_492, turns: 3 },
    ],
  },
  {
    what: 'R2: a marker that moved while a room was being opened was never told',
    nodes: 1, seed: 147,
    story: [
      { what: 'crash', who: 2, which: 0, order: 0, turns: 2 },
      { what: 'another tab', who: 6, which: 0, ...plain },
      { what: 'type', who: 0, room: 0, which: 0, order: 0, turns: 3 },
      { what: 'add', who: 0, room: 7, which: 0, order: 618_516, turns: 2 },
      { what: 'open', who: 0, room: 0, which: 0, order: 320_690, turns: 2 },
      { what: 'mend', who: 0, which: 0, order: 661_662, turns: 3 },
      { what: 'send', who: 0, room: 0, which: 0, ...plain },
      { what: 'hang up', who: 0, which: 0, ...plain },
      { what: 'open', who: 0, room: 0, which: 0, order: 548_795, turns: 3 },
    ],
  },
  {
    what: 'a message that was acknowledged when its room was gone stayed pending for ever',
    nodes: 2, seed: 22,
    story: [
      { what: 'hear late', node: 1, which: 0, ...plain },
      { what: 'another tab', who: 0, which: 0, ...plain },
      { what: 'send', who: 0, room: 0, which: 0, ...plain },
      { what: 'send', who: 7, room: 0, which: 0, order: 0, turns: 4 },
      { what: 'leave', who: 1, room: 0, which: 0, ...plain },
    ],
  },
  {
    what: 'a list that the database could not give once was never read again',
    nodes: 1, seed: 294,
    story: [
      { what: 'store fails', node: 2, which: 0, ...plain },
      { what: 'crash', who: 0, which: 0, ...plain },
      { what: 'add', who: 4, room: 0, which: 0, order: 0, turns: 5 },
      { what: 'send', who: 2, room: 3, which: 0, ...plain },
    ],
  },
  {
    what: 'a list did not hear who left where the database failed when it was to be told',
    nodes: 2, seed: 55,
    story: [
      { what: 'store fails', node: 1, which: 0, ...plain },
      { what: 'leave', who: 0, room: 0, which: 0, ...plain },
      { what: 'wait', ms: 0, ...plain },
    ],
  },
  {
    what: 'a message that was acknowledged stayed pending where its room was found gone after a reconnect',
    nodes: 1, seed: 339,
    story: [
      { what: 'lose', who: 2, which: 0, ...plain },
      { what: 'send', who: 0, room: 0, which: 0, ...plain },
      { what: 'send twice', who: 7, room: 0, which: 0, ...plain },
      { what: 'wait', ms: 0, ...plain },
      { what: 'remove', who: 0, room: 0, which: 2, ...plain },
      { what: 'crash', who: 6, which: 0, order: 0, turns: 2 },
      { what: 'kill', node: 1, which: 0, ...plain },
    ],
  },
  {
    what: 'lists did not hear of what a node had read of a room in the meantime, where the bus had lost it',
    nodes: 3, seed: 405,
    story: [
      { what: 'wait', ms: 70_000, ...plain },
      { what: 'add', who: 0, room: 1, which: 6, order: 0, turns: 4 },
      { what: 'send', who: 1, room: 0, which: 0, ...plain },
      { what: 'send', who: 1, room: 7, which: 0, ...plain },
      { what: 'open', who: 0, room: 0, which: 0, order: 0, turns: 3 },
      { what: 'bus down', order: 0, turns: 4 },
    ],
  },
  {
    what: 'G1: a message that was tried again was lost with a page that ended in that moment',
    nodes: 2, seed: 703_403,
    story: [
      { what: 'send twice', who: 7, room: 5, which: 0, order: 0, turns: 4 },
      { what: 'send', who: 0, room: 0, which: 0, order: 0, turns: 1 },
      { what: 'reload', who: 0, which: 0, order: 0, turns: 2 },
      { what: 'retry', who: 1, room: 3, which: 0, order: 723_100, turns: 3 },
      { what: 'crash', who: 6, which: 0, ...plain },
    ],
  },
  {
    what: 'G10: what one wrote counted as unread where it came back with a page before it was acknowledged, and the fact was lost',
    nodes: 3, seed: 16,
    story: [
      { what: 'remove', who: 0, room: 0, which: 2, order: 0, turns: 2 },
      { what: 'send', who: 0, room: 3, which: 0, ...plain },
      { what: 'send twice', who: 2, room: 0, which: 0, ...plain },
      { what: 'open', who: 0, room: 3, which: 0, ...plain },
      { what: 'newer', who: 0, room: 0, which: 0, order: 999_983, turns: 14 },
      { what: 'send', who: 1, room: 3, which: 0, ...plain },
      { what: 'send', who: 0, room: 0, which: 0, order: 227_277, turns: 1 },
      { what: 'delete', who: 0, room: 0, which: 0, order: 8, turns: 1 },
      { what: 'hear well', node: 0, which: 0, ...plain },
      { what: 'hang up', who: 1, which: 1, order: 422_648, turns: 4 },
      { what: 'hang up', who: 2, which: 1, order: 175_907, turns: 5 },
      { what: 'lose', who: 0, which: 0, order: 0, turns: 3 },
    ],
  },
];
