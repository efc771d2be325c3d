import type { Identity } from '../auth/auth.ts';
import { ChatterError } from '../errors.ts';
import type { ServerContext } from '../context.ts';
import type { Roster } from './rosters.ts';

/** What a member may want to do in a room. */
export type RoomAct = 'read' | 'send' | 'delete' | 'rename' | 'add-members' | 'remove-member' | 'leave';

/** Whom a person may find by searching, and so put in a room: everyone of the tenant, those they share a room with, or nobody. */
export const directoryPolicies = ['tenant', 'shared', 'none'] as const;
export type DirectoryPolicy = (typeof directoryPolicies)[number];

/**
 * Who may do what. A host may give its own; what it cannot give away is that only members get near a room at all (R1) and
 * that people meet only within their tenant (G8): that is asked before, in `roomFor`.
 */
export interface Access {
  /** Whether a member of the room may do this in it. Anything but `true` is a no. */
  may(identity: Identity, act: RoomAct, room: Roster): boolean | Promise<boolean>;
  directory(identity: Identity): DirectoryPolicy;
}

/** The default: whoever is in a room may do everything that the protocol lets one do there. */
export class MembershipAccess implements Access {
  readonly #directory: DirectoryPolicy;

  constructor(directory: DirectoryPolicy = 'tenant') {
    this.#directory = directory;
  }

  may(identity: Identity, _act: RoomAct, room: Roster): boolean {
    return room.members.has(identity.user.id);
  }

  directory(): DirectoryPolicy {
    return this.#directory;
  }
}

/** The door of every action on a room. What does not exist and what is not yours answer alike (R1). */
export async function roomFor(context: ServerContext, identity: Identity, act: RoomAct, room: string): Promise<Roster> {
  const { rosters } = context;
  const isIn = (roster: Roster | undefined): roster is Roster => roster?.members.has(identity.user.id) === true;
  const known = rosters.known(identity.tenant, room);
  let roster = known ?? (await rosters.of(identity.tenant, room));
  // The ring that told of their coming may have been lost: nobody is refused by hearsay.
  if (known && !isIn(roster)) roster = await rosters.reread(identity.tenant, room);
  if (!isIn(roster)) throw noSuchRoom();
  if ((await context.access.may(identity, act, roster)) !== true) {
    throw new ChatterError('forbidden', `You may not do this here (${act}).`);
  }
  return roster;
}

/** As `roomFor`, for what makes sense in groups only (R8). */
export async function groupFor(context: ServerContext, identity: Identity, act: RoomAct, room: string): Promise<Roster> {
  const roster = await roomFor(context, identity, act, room);
  if (roster.kind === 'direct') {
    throw new ChatterError('forbidden', 'A direct room is for its two people: it cannot be renamed or left, and nobody can be added or removed.');
  }
  return roster;
}

export function noSuchRoom(): ChatterError {
  return new ChatterError('not_found', 'There is no such room, or you are not in it.');
}
