import type { Person } from '#protocol/models';

/** Everyone the server has told of, as last told. */
export class People {
  readonly #byId = new Map<string, Person>();

  get(id: string): Person | undefined {
    return this.#byId.get(id);
  }

  put(people: readonly Person[]): void {
    for (const person of people) this.#byId.set(person.id, person);
  }

  clear(): void {
    this.#byId.clear();
  }
}
