/** A message that waits for its acknowledgement, as it is kept on disk. */
export interface OutboxEntry {
  /** Server, tenant and person: nobody else may see or send it. */
  owner: string;
  clientMsgId: string;
  room: string;
  text: string;
  /** When it was sent, and its place in the order: each entry of an owner has a later one than those before it. */
  at: number;
  /** Refused for good: the server's sentence. It waits for the person to retry or discard it. */
  error?: string;
}

/** Where messages wait across reloads. Nothing here throws: what cannot be kept is kept for this visit only. */
export interface OutboxStorage {
  /** Entries of `owner` that no other living page looks after, oldest first. From now on they are this page's. */
  adopt(owner: string): Promise<OutboxEntry[]>;
  /** Adds an entry, or replaces it. */
  put(entry: OutboxEntry): Promise<void>;
  remove(owner: string, clientMsgId: string): Promise<void>;
  /** Leaves what is kept to whoever adopts it next. The storage may be used again. */
  release(): void;
}

/** Keeps nothing beyond the process: for private windows, for Node, and for tests that share one between two "pages". */
export class MemoryOutboxStorage implements OutboxStorage {
  readonly #entries = new Map<string, OutboxEntry>();

  async adopt(owner: string): Promise<OutboxEntry[]> {
    return [...this.#entries.values()].filter((entry) => entry.owner === owner).sort((a, b) => a.at - b.at);
  }

  async put(entry: OutboxEntry): Promise<void> {
    this.#entries.set(`${entry.owner} ${entry.clientMsgId}`, entry);
  }

  async remove(owner: string, clientMsgId: string): Promise<void> {
    this.#entries.delete(`${owner} ${clientMsgId}`);
  }

  release(): void {}
}
