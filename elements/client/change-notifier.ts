/** Tells listeners that something changed: once per microtask, however much has changed in it. */
export class ChangeNotifier {
  readonly #listeners = new Set<() => void>();
  #isScheduled = false;

  get hasListeners(): boolean {
    return this.#listeners.size > 0;
  }

  add(listener: () => void): () => void {
    // Wrapped, so that the same function added twice is two registrations with an undo each.
    const own = () => listener();
    this.#listeners.add(own);
    return () => {
      this.#listeners.delete(own);
    };
  }

  notify(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    queueMicrotask(() => {
      this.#isScheduled = false;
      for (const listener of [...this.#listeners]) {
        // One that an earlier listener of this round has removed is not called any more.
        if (!this.#listeners.has(listener)) continue;
        try {
          listener();
        } catch (error) {
          // Someone else's mistake must not keep the news from the rest; it is still reported as uncaught.
          queueMicrotask(() => {
            throw error;
          });
        }
      }
    });
  }
}
