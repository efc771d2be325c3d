export interface Publication {
  readonly channel: string;
  readonly text: string;
  /** When it was to be published. */
  readonly at: number;
}

const maxCharacters = 8 * 1024 * 1024;
/** The other nodes look into the database this often at the latest, and then know it without being told. */
const maxAgeMs = 10_000;

/** What waits for Redis to take it. The oldest is dropped when it gets much, or old: it is a doorbell, never the mail (G9). */
export class PublishQueue {
  readonly #onDropped: (count: number) => void;
  #waiting: Publication[] = [];
  #characters = 0;

  constructor(onDropped: (count: number) => void) {
    this.#onDropped = onDropped;
  }

  get length(): number {
    return this.#waiting.length;
  }

  add(publication: Publication): void {
    this.#waiting.push(publication);
    this.#characters += publication.text.length;
    if (this.#characters > maxCharacters) this.#shorten();
  }

  /** Everything that is still worth saying, at most so much of it. */
  take(now: number, characters: number): Publication[] {
    const from = this.#waiting.findIndex(({ at }) => now - at <= maxAgeMs);
    this.#drop(from === -1 ? this.#waiting.length : from);
    let taken = 0;
    for (let left = characters; taken < this.#waiting.length && left > 0; taken++) left -= this.#waiting[taken]!.text.length;
    const publications = this.#waiting.splice(0, taken);
    for (const { text } of publications) this.#characters -= text.length;
    return publications;
  }

  /** These were taken, and nobody knows whether Redis has got them. Said twice is no harm. */
  putBack(publications: readonly Publication[]): void {
    this.#waiting = [...publications, ...this.#waiting];
    for (const { text } of publications) this.#characters += text.length;
    this.#shorten();
  }

  /** To half, so that whoever adds to a full one does not move all of it each time. */
  #shorten(): void {
    if (this.#characters <= maxCharacters) return;
    let count = 0;
    for (let left = this.#characters; left > maxCharacters / 2; count++) left -= this.#waiting[count]!.text.length;
    this.#drop(count);
  }

  #drop(count: number): void {
    if (count === 0) return;
    for (const { text } of this.#waiting.splice(0, count)) this.#characters -= text.length;
    this.#onDropped(count);
  }
}
