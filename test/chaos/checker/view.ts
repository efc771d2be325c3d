import type { DumpedMember, DumpedMessage, DumpedRoom } from '../dump.ts';
import type { View } from './evidence.ts';

export interface Stored {
  rooms: ReadonlyMap<string, DumpedRoom>;
  rowsOf: ReadonlyMap<string, ReadonlyMap<number, DumpedMessage>>;
  membersOf: ReadonlyMap<string, readonly DumpedMember[]>;
}

/** Up to so many members a client holds all of them. */
const heldMembers = 100;

/** What is wrong with a view, and which place or message it is about. */
interface Difference {
  sentence: string;
  seq?: number;
  clientMsgId?: string;
}

/** The first thing in which what a client shows is not what is stored; undefined where there is none. */
export function differenceOf(view: View, { rooms, rowsOf, membersOf }: Stored): Difference | undefined {
  const room = rooms.get(view.room);
  const members = membersOf.get(view.room) ?? [];
  const me = members.find(({ user }) => user === view.user);
  if (!room || me?.isPresent !== true) {
    return view.status === 'ready' ? { sentence: 'it is open, and its person is not in it' } : undefined;
  }
  if (view.status !== 'ready') return { sentence: `it is ${view.status}` };
  if (view.pending.length > 0) return { sentence: `${view.pending[0]} still waits to be sent`, clientMsgId: view.pending[0] };
  const rows = rowsOf.get(view.room) ?? new Map<number, DumpedMessage>();
  return messagesOf(view, room, rows) ?? summaryOf(view, room, me, rows) ?? membersIn(view, members);
}

function messagesOf(view: View, room: DumpedRoom, rows: ReadonlyMap<number, DumpedMessage>): Difference | undefined {
  let before: number | undefined;
  for (const { seq, ordinal, changedSeq, text, senderId, clientMsgId, deletedAt } of view.messages) {
    const row = rows.get(seq);
    if (!row || row.clientMsgId !== clientMsgId || row.senderId !== senderId) return { sentence: `place ${seq} is ${clientMsgId}`, seq };
    if (row.changedSeq !== changedSeq || row.text !== text || row.isDeleted !== (deletedAt !== undefined)) {
      return { sentence: `place ${seq} is as it was at ${changedSeq}, and it changed at ${row.changedSeq}`, seq };
    }
    if (before !== undefined && ordinal !== before + 1) return { sentence: `before place ${seq} something is missing`, seq };
    before = ordinal;
  }
  if (view.hasAfter || (before ?? 0) !== room.messageCount) return { sentence: `it ends with message ${before ?? 0} of ${room.messageCount}` };
  return undefined;
}

function summaryOf(
  view: View, room: DumpedRoom, me: DumpedMember, rows: ReadonlyMap<number, DumpedMessage>,
): Difference | undefined {
  const { summary } = view;
  if (!summary) return { sentence: 'it has no summary' };
  const unread = [...rows.values()].filter((row) => row.ordinal > me.readCount && !row.isDeleted).length;
  const wanted = { seq: room.seq, name: room.name, messageCount: room.messageCount, readSeq: me.readSeq, unread };
  for (const [name, value] of Object.entries(wanted)) {
    const shown = summary[name as keyof typeof wanted];
    if (shown !== value) return { sentence: `its ${name} is ${shown}, and should be ${value}` };
  }
  return undefined;
}

function membersIn(view: View, members: readonly DumpedMember[]): Difference | undefined {
  const present = members.filter(({ isPresent }) => isPresent).map(({ user }) => user).sort();
  if (present.length > heldMembers || present.join() === [...view.members].sort().join()) return undefined;
  return { sentence: `its members are ${[...view.members].sort().join(', ')}, and should be ${present.join(', ')}` };
}
