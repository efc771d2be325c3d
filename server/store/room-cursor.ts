import { ChatterError } from '../errors.ts';

/** Where a page of the room list ended. Activity moves rooms to the front only, so what follows a cursor is never told twice. */
export interface RoomCursor {
  activeAt: number;
  id: string;
}

export function writeRoomCursor({ activeAt, id }: RoomCursor): string {
  return `${activeAt.toString(36)}.${id}`;
}

export function readRoomCursor(cursor: string): RoomCursor {
  const parts = /^(-?[0-9a-z]{1,11})\.([\w-]{1,64})$/.exec(cursor);
  if (!parts) throw new ChatterError('bad_frame', 'cursor must be the `next` of the page before.');
  return { activeAt: Number.parseInt(parts[1]!, 36), id: parts[2]! };
}
