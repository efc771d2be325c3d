import { limits } from '#protocol/codes';
import { ChangeNotifier } from './change-notifier.ts';

/** Who is online, of the people that somebody watches now (P3). */
export class Presence {
  readonly #ask: (users: string[]) => Promise<{ online: string[] }>;
  /** How many watch each of them. */
  readonly #watched = new Map<string, number>();
  readonly #online = new Set<string>();
  readonly #notifier = new ChangeNotifier();
  #isOpen = false;
  /** What the server was last asked to tell of: a new session tells of nobody. */
  #told = '[]';
  #isAsking = false;

  constructor(ask: (users: string[]) => Promise<{ online: string[] }>) {
    this.#ask = ask;
  }

  /** Without a connection nobody is known to be there. */
  isOnline(userId: string): boolean {
    return this.#isOpen && this.#online.has(userId);
  }

  watch(userIds: readonly string[], listener: () => void): () => void {
    const users = [...new Set(userIds)];
    for (const user of users) this.#watched.set(user, (this.#watched.get(user) ?? 0) + 1);
    const stopListening = this.#notifier.add(listener);
    this.#schedule();
    let isOver = false;
    return () => {
      if (isOver) return;
      isOver = true;
      stopListening();
      for (const user of users) {
        const left = (this.#watched.get(user) ?? 0) - 1;
        if (left > 0) this.#watched.set(user, left);
        else this.#watched.delete(user);
      }
      this.#schedule();
    };
  }

  /** There is a connection, and it knows of no watches yet. */
  resume(): void {
    this.#isOpen = true;
    this.#told = '[]';
    this.#schedule();
  }

  pause(): void {
    this.#isOpen = false;
    this.#notifier.notify();
  }

  /** A push of the server. */
  put({ online, offline }: { online: readonly string[]; offline: readonly string[] }): void {
    for (const user of online) this.#online.add(user);
    for (const user of offline) this.#online.delete(user);
    this.#notifier.notify();
  }

  /** One question for all that was watched and let go of in one turn, and one at a time. */
  #schedule(): void {
    if (this.#isAsking || !this.#isOpen) return;
    this.#isAsking = true;
    queueMicrotask(() => void this.#tell());
  }

  async #tell(): Promise<void> {
    const users = this.#wanted();
    const wanted = JSON.stringify(users);
    if (wanted !== this.#told) {
      this.#told = wanted;
      try {
        const { online } = await this.#ask(users);
        this.#online.clear();
        this.put({ online, offline: [] });
      } catch {
        // Presence may be missed (P3): the next change of the watches, or the next connection, asks again.
      }
    }
    this.#isAsking = false;
    if (this.#told !== JSON.stringify(this.#wanted())) this.#schedule();
  }

  #wanted(): string[] {
    return [...this.#watched.keys()].slice(0, limits.presenceWatch);
  }
}
