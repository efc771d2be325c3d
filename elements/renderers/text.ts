import { html, nothing, type TemplateResult } from 'lit';
import { splitLinks } from './links.ts';

/**
 * The text of a message, exactly as it was written: tags are text, spaces and line ends stay (the sheet says
 * `white-space: pre-wrap`), links can be followed. Nodes only, never markup: there is nothing here to escape, and nothing to forget.
 */
export function renderText(text: string): TemplateResult[] {
  return splitLinks(text).map((piece) => (piece.kind === 'text' ? html`${piece.text}` : renderLink(piece.text, piece.href)));
}

function renderLink(text: string, href: string): TemplateResult {
  // Letters of another script can look like those of a known host: the tooltip then shows the name that is really asked.
  const disguised = href.includes('//xn--') || href.includes('.xn--');
  return html`<a part="link" href=${href} target="_blank" rel="noopener noreferrer ugc nofollow" title=${disguised ? href : nothing}
    >${text}</a>`;
}

const emojiOnly = /^(?:[\p{Extended_Pictographic}\p{Emoji_Modifier}\p{Regional_Indicator}\u200d\ufe0f\s]|[#*0-9]\ufe0f?\u20e3)+$/u;
/** A family of four with skin tones is 19 code units; three of those still fit. */
const longestEmojiOnly = 60;
const mostEmoji = 3;

/** How many emoji the text is made of, where it is nothing but one to three of them; otherwise 0. They are shown larger. */
export function countLoneEmoji(text: string): number {
  const trimmed = text.trim();
  if (trimmed === '' || trimmed.length > longestEmojiOnly || !emojiOnly.test(trimmed)) return 0;
  let count = 0;
  for (const { segment } of new Intl.Segmenter().segment(trimmed)) if (segment.trim() !== '') count += 1;
  return count <= mostEmoji ? count : 0;
}
