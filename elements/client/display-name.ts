import type { Person, RoomSummary } from '#protocol/models';

/** The words that names are made with, in the reader's language. */
export interface DisplayNameStrings {
  /** A room with oneself: "Notes to yourself". */
  notesToSelf: string;
  /** A group that everyone else has left: "Only you". */
  onlyYou: string;
  /** The end of a list of names: "3 more". The "and" before it comes from `Intl.ListFormat`. */
  morePeople: (count: number) => string;
}

/** What a person is called: the id stands in where there is no name. */
export function personName(person: Person): string {
  return person.name.trim() || person.id;
}

/** What a room is called in a list and in its header. */
export function displayName(
  room: Pick<RoomSummary, 'kind' | 'name' | 'people' | 'memberCount'>,
  strings: DisplayNameStrings,
  locale?: string,
): string {
  if (room.name) return room.name;
  const names = room.people.map(personName);
  if (room.kind === 'direct') return names[0] ?? strings.notesToSelf;
  const hidden = room.memberCount - 1 - names.length;
  if (hidden > 0) names.push(strings.morePeople(hidden));
  if (names.length === 0) return strings.onlyYou;
  return new Intl.ListFormat(locale, { style: 'long', type: 'conjunction' }).format(names);
}
