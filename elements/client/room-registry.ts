import { Room } from './room.ts';
import type { RoomHost, RoomListener, RoomUse } from './room-host.ts';

/** The one object for each room, and the way to it for what the server says. */
export class RoomRegistry {
  readonly #host: RoomHost;
  readonly #rooms = new Map<string, Room>();
  readonly #listeners = new Map<string, RoomListener>();
  readonly #uses = new Map<string, RoomUse>();

  constructor(host: RoomHost) {
    this.#host = host;
  }

  get(id: string): Room {
    let room = this.#rooms.get(id);
    if (!room) {
      room = new Room(id, this.#host, (listener, use) => {
        this.#listeners.set(id, listener);
        this.#uses.set(id, use);
      });
      this.#rooms.set(id, room);
    }
    return room;
  }

  /** Whom to tell what is said of a room; undefined where nobody has asked for it yet. */
  listener(id: string): RoomListener | undefined {
    return this.#listeners.get(id);
  }

  listeners(): Iterable<RoomListener> {
    return this.#listeners.values();
  }

  /** Where `limit` rooms are open, closes one that nobody looks at. */
  makePlace(limit: number): void {
    const open = [...this.#uses.values()].filter((use) => use.isOpen());
    if (open.length >= limit) open.find((use) => use.isIdle())?.close();
  }
}
