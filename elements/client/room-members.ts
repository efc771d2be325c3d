import type { Member } from '#protocol/models';

/** Who is in a room, and how far each of them has read: where it is small enough to be told all of it (100). */
export class RoomMembers {
  /** Those who left while we looked on are known as such: an older answer does not bring them back. */
  #known = new Map<string, Member>();
  #present: readonly Member[] | undefined;

  /** A new array after each change. */
  get present(): readonly Member[] {
    this.#present ??= [...this.#known.values()].filter(({ leftAt }) => leftAt === undefined);
    return this.#present;
  }

  /** Everyone, as they were at `seq`: what was heard since is newer, and markers have gone on (R5, G10). */
  replace(members: readonly Member[], seq: number): void {
    const before = this.#known;
    this.#known = new Map();
    this.#present = undefined;
    for (const member of members) {
      const readSeq = Math.max(member.readSeq, before.get(member.userId)?.readSeq ?? 0);
      this.#known.set(member.userId, readSeq > member.readSeq ? { ...member, readSeq } : member);
    }
    // Of a large room nobody is told, and nobody is known.
    if (members.length > 0) for (const member of before.values()) if (member.changedSeq > seq) this.put(member);
  }

  clear(): void {
    this.#known.clear();
    this.#present = undefined;
  }

  /** The state with the higher `changedSeq` wins (R5). */
  put(member: Member): void {
    const known = this.#known.get(member.userId);
    if (known && known.changedSeq >= member.changedSeq) return;
    this.#known.set(member.userId, member);
    this.#present = undefined;
  }

  /** Markers move forward, never back (G10). */
  putSeen(cursors: readonly (readonly [userId: string, readSeq: number])[]): void {
    for (const [userId, readSeq] of cursors) {
      const known = this.#known.get(userId);
      if (!known || known.readSeq >= readSeq) continue;
      this.#known.set(userId, { ...known, readSeq });
      this.#present = undefined;
    }
  }
}
