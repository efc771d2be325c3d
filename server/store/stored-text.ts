/** A noncharacter: nobody writes it, and it stands for no letter anywhere. */
const mark = '\uFDD0';

/**
 * Text as every database can keep it. Postgres takes no NUL, and half a character comes out of none as it went in; both are
 * written as a mark and four hexadecimal digits, and so is the mark itself.
 */
export function toStoredText(text: string): string {
  if (text.isWellFormed() && !text.includes('\0') && !text.includes(mark)) return text;
  return text.replace(/[\0\uFDD0\p{Cs}]/gu, (unit) => mark + unit.charCodeAt(0).toString(16).padStart(4, '0'));
}

export function fromStoredText(stored: string): string {
  if (!stored.includes(mark)) return stored;
  return stored.replace(/\uFDD0([0-9a-f]{4})/g, (_all, code: string) => String.fromCharCode(Number.parseInt(code, 16)));
}

/** Texts as JSON whose texts are those that are stored, so that databases that look into it find them. */
export function toStoredJson(texts: readonly string[]): string {
  return JSON.stringify(texts.map(toStoredText)).replaceAll(mark, '\\ufdd0');
}

export function fromStoredJson(stored: string): string[] {
  return (JSON.parse(stored) as string[]).map(fromStoredText);
}
