import type { RequestKind, RequestOutput, RequestParsed } from '#protocol/frames';
import type { Actor, ServerContext } from '../context.ts';
import { addMembers } from './add-members.ts';
import { createRoom } from './create-room.ts';
import { deleteMessage } from './delete-message.ts';
import { getRoom } from './get-room.ts';
import { history } from './history.ts';
import { leaveRoom } from './leave-room.ts';
import { listMembers } from './list-members.ts';
import { listRooms } from './list-rooms.ts';
import { markRead } from './mark-read.ts';
import { removeMember } from './remove-member.ts';
import { renameRoom } from './rename-room.ts';
import { roomChanges } from './room-changes.ts';
import { searchPeople } from './search-people.ts';
import { seenBy } from './seen-by.ts';
import { sendMessage } from './send-message.ts';

/** The requests that mean something to one session only: the socket has them, REST has not. */
export type SessionKind = 'room.open' | 'room.close' | 'presence.watch' | 'token.refresh';
export type VerbKind = Exclude<RequestKind, SessionKind>;
export type Verb<K extends VerbKind> =
  (context: ServerContext, actor: Actor, input: RequestParsed<K>) => Promise<RequestOutput<K>>;

/** What both doors can do. A request of the protocol that stands neither here nor in `SessionKind` is a type error. */
export const verbs = {
  'rooms.list': listRooms,
  'room.get': getRoom,
  'room.changes': roomChanges,
  'history': history,
  'message.send': sendMessage,
  'message.delete': deleteMessage,
  'room.read': markRead,
  'room.create': createRoom,
  'room.rename': renameRoom,
  'room.leave': leaveRoom,
  'member.add': addMembers,
  'member.remove': removeMember,
  'members.list': listMembers,
  'room.seen': seenBy,
  'people.search': searchPeople,
} satisfies { [K in VerbKind]: Verb<K> };
