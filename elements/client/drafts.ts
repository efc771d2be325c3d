/** As much of `localStorage` as is needed. Every call may throw: blocked, or full. */
export interface KeyValueStorage {
  getItem(key: string): string | null;
  setItem(key: string, value: string): void;
  removeItem(key: string): void;
}

/** What was typed and not sent, for each room, across reloads where the browser lets us keep it. */
export class Drafts {
  readonly #storage: KeyValueStorage | undefined;
  readonly #byKey = new Map<string, string>();

  constructor(storage: KeyValueStorage | undefined) {
    this.#storage = storage;
  }

  /** `owner` is who writes: two people may use one browser. */
  get(owner: string, room: string): string {
    const key = keyOf(owner, room);
    let text = this.#byKey.get(key);
    if (text === undefined) {
      try {
        text = this.#storage?.getItem(key) ?? '';
      } catch {
        text = '';
      }
      this.#byKey.set(key, text);
    }
    return text;
  }

  set(owner: string, room: string, text: string): void {
    const key = keyOf(owner, room);
    this.#byKey.set(key, text);
    try {
      if (text === '') this.#storage?.removeItem(key);
      else this.#storage?.setItem(key, text);
    } catch {
      // Kept for this visit at least.
    }
  }
}

function keyOf(owner: string, room: string): string {
  return `chatter-draft ${owner} ${room}`;
}
