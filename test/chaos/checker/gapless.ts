import type { RequestOutput } from '#protocol/frames';
import type { DumpedRoom } from '../dump.ts';
import type { Case } from './case.ts';
import { type Breach, mayHaveHappened } from './evidence.ts';

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

function placesOf(court: Case, room: DumpedRoom): Breach[] {
  const { rowsOf, membersOf, facts } = court;
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
  const known = [...holders.values()].filter(([what]) => !what!.startsWith('message')).length;
  if (empty.length > mostOthers(court, room) - known || empty.includes(head)) {
    breaches.push({
      guarantee: 'G3', sentence: `Places ${empty.slice(0, 5).join(', ')} of room ${id} are empty, and nothing that was asked for explains it.`,
      about: { room: id, seq: empty[0] },
    });
  }
  return breaches;
}

/** How many facts of members and names there can be: of those with whom the room was made, and one for each that was asked for. */
function mostOthers({ requests, membersOf }: Case, { id }: DumpedRoom): number {
  const made = requests.find(({ kind, data }) => kind === 'room.create' && (data as RequestOutput<'room.create'> | undefined)?.room.id === id);
  const atFirst = made && Array.isArray(made.input.users) ? made.input.users.length + 1 : membersOf.get(id)?.length ?? 0;
  let asked = 0;
  for (const request of requests) {
    const { kind, input } = request;
    if (input.room !== id || !mayHaveHappened(request)) continue;
    if (kind === 'room.rename' || kind === 'member.remove' || kind === 'room.leave') asked += 1;
    else if (kind === 'member.add') asked += (input.users as string[]).length;
  }
  return atFirst + asked;
}
