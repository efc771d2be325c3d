/**
 * Text as searches compare it: without marks and case, and with one blank before every word, so that "a word starts with"
 * is "contains the folded query". A query is folded by the same function.
 *
 * Upper case on purpose: it is the one that folds ß to SS and both small sigmas to one.
 */
export function searchText(text: string): string {
  const folded = text.normalize('NFKD').toUpperCase().normalize('NFKD').replace(/\p{M}/gu, '');
  const words = folded.replace(/(?<=[^\p{L}\p{N}])(?=[\p{L}\p{N}])/gu, ' ');
  return ` ${words.replace(/[\s\p{Cc}]+/gu, ' ').trim()}`;
}

/** What a person is found by. */
export function personSearchText(person: { id: string; name: string }): string {
  return searchText(person.name) + searchText(person.id);
}
