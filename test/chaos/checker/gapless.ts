import type { DumpedRoom } from '../dump.ts';
import { type Case, grouped } from './case.ts';
import type { Breach } from './evidence.ts';

/**
 * G3: the log of a room is 1 to its head, with no hole and no twin. Rows tell the places that were not superseded, and a
 * message its first place for ever; of the other places of members and names only those are known that somebody was told.
 */
export function checkGapless(court: Case): Breach[] {
  return [...court.rooms.values()].flatMap((room) => [...ordinalsOf(court, room), ...placesOf(court, room)]);
}

function ordinalsOf({ rowsOf }: Case, room: DumpedRoom): Breach[] {
  const rows = [...(rowsOf.get(room.id)?.values() ?? [])].sort((a, b) => a.seq - b.seq);
  const wrong = rows.find((row, index) => row.ordinal !== index + 1);
  const about = { room: room.id, seq: wrong?.seq };
  if (wrong) return [{ guarantee: 'G3', sentence: `Message ${wrong.seq} of room ${room.id} has ordinal ${wrong.ordinal}: a hole or a twin.`, about }];
  const deleted = rows.filter(({ isDeleted }) => isDeleted).length;
  if (rows.length === room.messageCount && deleted === room.deletedCount) return [];
  return [{
    guarantee: 'G3', about,
    sentence: `Room ${room.id} counts ${room.messageCount} messages and ${room.deletedCount} deletions, and holds ${rows.length} and ${deleted}.`,
  }];
}

function placesOf({ rowsOf, membersOf, facts, requests }: Case, room: DumpedRoom): Breach[] {
  const { id, seq: head } = room;
  const holders = new Map<number, string[]>();
  const hold = (seq: number, what: string) => {
    const known = holders.get(seq);
    if (!known) holders.set(seq, [what]);
    else if (!known.includes(what)) known.push(what);
  };
  for (const row of rowsOf.get(id)?.values() ?? []) {
    hold(row.seq, `message ${row.seq}`);
    if (row.changedSeq !== row.seq) hold(row.changedSeq, `message ${row.seq}`);
  }
  for (const { user, changedSeq } of membersOf.get(id) ?? []) hold(changedSeq, `member ${user}`);
  if (room.namedSeq > 0) hold(room.namedSeq, 'name');
  for (const { fact } of facts.filter((told) => told.room === id && told.epoch === room.epoch)) {
    hold(fact.seq, fact.kind === 'message' ? `message ${fact.message.seq}` : fact.kind === 'member' ? `member ${fact.member.userId}` : 'name');
  }

  const breaches: Breach[] = [];
  for (const [seq, what] of holders) {
    if (what.length > 1) breaches.push({ guarantee: 'G3', sentence: `Place ${seq} of room ${id} is held by ${what.join(' and by ')}.`, about: { room: id, seq } });
    if (seq > head) breaches.push({ guarantee: 'G3', sentence: `Place ${seq} of room ${id} was told, and its log ends at ${head}.`, about: { room: id, seq } });
  }
  const empty = Array.from({ length: head }, (_, index) => index + 1).filter((seq) => !holders.has(seq));
  // A name or a member that changed again before anybody was told leaves no trace; there are as many as were asked for.
  const asked = requests.filter(({ input, outcome }) => input.room === id && outcome !== 'error')
    .reduce((sum, { kind, input }) => sum + (kind === 'room.rename' || kind === 'member.remove' || kind === 'room.leave' ? 1 : kind === 'member.add' ? (input.users as string[]).length : 0), 0);
  const told = grouped(holders.values(), ([what]) => (what!.startsWith('message') ? 'message' : 'other')).get('other')?.length ?? 0;
  const unseen = asked - Math.max(0, told - room.memberCount);
  if (empty.length > Math.max(0, unseen) || empty.includes(head)) {
    breaches.push({
      guarantee: 'G3', sentence: `Places ${empty.slice(0, 5).join(', ')} of room ${id} are empty, and nothing that was asked for explains it.`,
      about: { room: id, seq: empty[0] },
    });
  }
  return breaches;
}
