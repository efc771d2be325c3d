import { limits } from '#protocol/codes';
import type { RequestOutput, RequestParsed } from '#protocol/frames';
import type { Changes, Person, RoomSummary } from '#protocol/models';
import type { Actor, ServerContext } from '../context.ts';
import { roomFor } from './access.ts';
import { summaryFor } from './get-room.ts';
import { fittingChanges, fittingPage } from './page-budget.ts';
import { isWithinReach } from './room-changes.ts';

/** Everything one needs to stand in a room. Whoever wants its facts from here on has subscribed before calling this (R2). */
export async function openRoom(
  context: ServerContext, actor: Actor, input: RequestParsed<'room.open'>,
): Promise<RequestOutput<'room.open'>> {
  const { tenant } = actor;
  await roomFor(context, actor, 'read', input.room);
  // Position first, data second: seeing a change twice is harmless, missing one is not.
  const room = await summaryFor(context, actor, input.room);
  const hasCursor = input.epoch !== undefined && input.after !== undefined;
  const canResume = hasCursor && isWithinReach({ epoch: input.epoch!, after: input.after! }, room);
  if (hasCursor && !canResume) context.metrics.reset();
  const [membership, allChanges, wholePage] = await Promise.all([
    room.memberCount <= limits.membersTold ? context.store.members(tenant, input.room, { limit: limits.membersTold }) : undefined,
    canResume ? changesAfter(context, tenant, room, input.after!) : undefined,
    canResume ? undefined : context.store.history(tenant, input.room, { limit: input.limit }),
  ]);
  const changes = allChanges && fittingChanges(allChanges);
  return {
    room,
    members: membership?.members ?? [],
    people: distinct([...room.people, ...(membership?.people ?? [])]),
    upTo: changes?.upTo ?? room.seq,
    reset: hasCursor && !canResume,
    changes,
    page: wholePage && fittingPage(wholePage, {}),
  };
}

/** Who is at the head has missed nothing: what comes after it is held for them already. */
async function changesAfter({ store }: ServerContext, tenant: string, { id, seq }: RoomSummary, after: number): Promise<Changes> {
  if (after === seq) return { facts: [], upTo: seq, more: false, people: [] };
  return store.changes(tenant, id, after, limits.changesPage);
}

function distinct(people: readonly Person[]): Person[] {
  return [...new Map(people.map((person) => [person.id, person])).values()];
}
