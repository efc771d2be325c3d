/**
 * Finds the links of a text. What a person wrote is never changed: joining the `text` of all pieces gives the text back.
 *
 * Linear in the length of the text, whatever it holds: words are cut first, and each is looked at once.
 */
export type TextPiece = { kind: 'text'; text: string } | { kind: 'link'; text: string; href: string };

/** Only these open when clicked. Asked of the parsed URL, because the written one can hide its scheme. */
const allowedProtocols = new Set(['http:', 'https:', 'mailto:']);

/**
 * Where a link can end at the latest: spaces, control characters, the marks that turn the direction of writing (a link must
 * not be shown in another order than it is followed), what no URL holds bare, and the punctuation of Chinese and Japanese.
 */
const word = /[^\s\p{Cc}\p{Bidi_Control}<>"`{}|\\^「」『』《》【】（），。、；：？！]+/gu;
const schemeStart = /https?:\/\/|mailto:|www\./i;
const email = /^[\p{L}\p{N}][\p{L}\p{N}._%+-]{0,63}@[\p{L}\p{N}-]+(?:\.[\p{L}\p{N}-]+)+$/u;
const longestEmail = 254;
/** A link longer than this is shown as text: no browser promises to open it. */
const longestLink = 2_048;

export function splitLinks(text: string): TextPiece[] {
  const pieces: TextPiece[] = [];
  let shown = 0;
  for (const match of text.matchAll(word)) {
    const link = linkIn(match[0]);
    if (!link) continue;
    const start = match.index + link.start;
    if (start > shown) pieces.push({ kind: 'text', text: text.slice(shown, start) });
    pieces.push({ kind: 'link', text: link.text, href: link.href });
    shown = start + link.text.length;
  }
  if (shown < text.length) pieces.push({ kind: 'text', text: text.slice(shown) });
  return pieces;
}

interface FoundLink {
  start: number;
  text: string;
  href: string;
}

function linkIn(candidate: string): FoundLink | undefined {
  const scheme = schemeStart.exec(candidate);
  if (scheme) {
    const start = scheme.index;
    // "xhttps://…" is not a link: somebody is writing about one, or hiding one.
    // Only Latin letters: where people write without spaces, a link follows a word directly.
    if (start > 0 && /\w/.test(candidate.charAt(start - 1))) return undefined;
    const text = trimEnd(candidate.slice(start));
    const href = checkedHref(/^www\./i.test(text) ? `https://${text}` : text);
    return href === undefined ? undefined : { start, text, href };
  }
  if (!candidate.includes('@')) return undefined;
  const start = /[\p{L}\p{N}]/u.exec(candidate)?.index ?? 0;
  const text = trimEnd(candidate.slice(start));
  if (text.length > longestEmail || !email.test(text)) return undefined;
  const href = checkedHref(`mailto:${text}`);
  return href === undefined ? undefined : { start, text, href };
}

function checkedHref(candidate: string): string | undefined {
  if (candidate.length > longestLink || !URL.canParse(candidate)) return undefined;
  const url = new URL(candidate);
  if (!allowedProtocols.has(url.protocol)) return undefined;
  if (url.protocol === 'mailto:') return url.pathname.includes('@') ? url.href : undefined;
  // "https://bank.example@evil.example" shows one host and opens another.
  if (url.username !== '' || url.password !== '') return undefined;
  // "https://x" and "www.x" are rather the end of a sentence than an address; an own machine is fine.
  if (!url.hostname.includes('.') && url.hostname !== 'localhost' && !url.hostname.startsWith('[')) return undefined;
  return url.href;
}

const openerOf: Record<string, string> = { ')': '(', ']': '[' };

/** Takes off the punctuation of the sentence around a link. A closing bracket stays where the link opened one itself. */
function trimEnd(link: string): string {
  const surplus: Record<string, number> = {};
  for (const [closer, opener] of Object.entries(openerOf)) surplus[closer] = count(link, closer) - count(link, opener);
  let end = link.length;
  for (; end > 0; end -= 1) {
    const last = link.charAt(end - 1);
    if (/[.,:;!?'*_~…’”»]/.test(last)) continue;
    const tooMany = surplus[last];
    if (tooMany === undefined || tooMany <= 0) break;
    surplus[last] = tooMany - 1;
  }
  return link.slice(0, end);
}

function count(text: string, character: string): number {
  let found = 0;
  for (let at = text.indexOf(character); at !== -1; at = text.indexOf(character, at + 1)) found += 1;
  return found;
}
