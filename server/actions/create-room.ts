import { createHash } from 'node:crypto';
import type { RequestOutput, RequestParsed } from '#protocol/frames';
import type { Fact } from '#protocol/models';
import type { Actor, ServerContext } from '../context.ts';
import type { Change, RoomDraft, RoomRecord } from '../store/store.ts';
import { mustFind } from './directory.ts';
import { summaryFor } from './get-room.ts';

/** Finds or makes: the direct room of two people (R8), or the group that the same `clientRoomId` made before. */
export async function createRoom(
  context: ServerContext, actor: Actor, input: RequestParsed<'room.create'>,
): Promise<RequestOutput<'room.create'>> {
  const { tenant, user } = actor;
  await mustFind(context, actor, input.type === 'direct' ? [input.user] : input.users);
  const draft: RoomDraft = input.type === 'direct'
    ? { kind: 'direct', key: directKey(user.id, input.user), members: [...new Set([user.id, input.user])] }
    : {
      kind: 'group', name: input.name, members: [...new Set([user.id, ...input.users])],
      key: keyOf('group', user.id, input.clientRoomId),
    };
  const { room, facts, created } = await context.store.createRoom(tenant, draft);
  if (created) context.announcer.changed(tenant, room.id, changeOf(room, facts));
  return { room: await summaryFor(context, actor, room.id), created };
}

/** What making a room did: its members came, and nothing was said yet. Asks nobody, so that nothing can keep it from being told. */
function changeOf({ id, epoch, seq, messageCount, deletedCount }: RoomRecord, facts: Fact[]): Change {
  const members = facts.filter((fact) => fact.kind === 'member');
  const activeAt = Math.max(...members.map(({ member }) => member.joinedAt));
  return { facts, people: members.map(({ person }) => person), head: { room: id, epoch, seq, messageCount, deletedCount, activeAt } };
}

/** The natural key of the one direct room that two people have. */
export function directKey(one: string, other: string): string {
  return keyOf('direct', ...[one, other].sort());
}

/** Hashed, because ids are as long as hosts like them and an index is not. */
function keyOf(kind: 'direct' | 'group', ...ids: string[]): string {
  return `${kind}:${createHash('sha256').update(JSON.stringify(ids)).digest('base64url')}`;
}
