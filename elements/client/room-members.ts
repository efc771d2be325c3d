import type { Member } from '#protocol/models';

/** Who is in a room, and how far each of them has read: where it is small enough to be told all of it (100). */
export class RoomMembers {
  #present: readonly Member[] = [];

  /** A new array after each change. */
  get present(): readonly Member[] {
    return this.#present;
  }

  replace(members: readonly Member[]): void {
    this.#present = members;
  }

  /** The state with the higher `changedSeq` wins (R5). */
  put(member: Member): void {
    const known = this.#present.find(({ userId }) => userId === member.userId);
    if (known && known.changedSeq >= member.changedSeq) return;
    const others = this.#present.filter((one) => one !== known);
    this.#present = member.leftAt === undefined ? [...others, member] : others;
  }

  /** Markers move forward, never back (G10). */
  putSeen(cursors: readonly (readonly [userId: string, readSeq: number])[]): void {
    const seen = new Map(cursors);
    this.#present = this.#present.map((member) => {
      const readSeq = seen.get(member.userId) ?? 0;
      return readSeq > member.readSeq ? { ...member, readSeq } : member;
    });
  }
}
