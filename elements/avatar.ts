import { css, html, nothing, type TemplateResult } from 'lit';
import type { Person, RoomSummary } from '#protocol/models';
import { personName } from './client/display-name.ts';
import { notesIcon, peopleIcon } from './icons.ts';

/** Written whole, so that a search finds them; each has a rule in `avatarStyles`. */
const tints = ['tint-1', 'tint-2', 'tint-3', 'tint-4', 'tint-5', 'tint-6', 'tint-7', 'tint-8'] as const;

/** The same for the same id, everywhere and for ever. */
function tintOf(id: string): string {
  // FNV-1a, and its upper bits: ids that differ in one letter should differ in colour.
  let hash = 0x811c9dc5;
  for (const character of id) hash = Math.imul(hash ^ character.codePointAt(0)!, 0x01000193);
  return tints[(hash >>> 13) % tints.length]!;
}

/** First letters of the first and the last word: as people see them, so a flag or an accented letter stays whole. */
export function initialsOf(name: string): string {
  const words = name.match(/[\p{L}\p{N}\p{Extended_Pictographic}][^\s]*/gu) ?? [name];
  const firsts = words.length > 1 ? [words[0]!, words.at(-1)!] : [words[0]!];
  return firsts.map((word) => firstLetter(word)).join('').toLocaleUpperCase();
}

let graphemes: Intl.Segmenter | undefined;

function firstLetter(word: string): string {
  graphemes ??= new Intl.Segmenter(undefined, { granularity: 'grapheme' });
  for (const { segment } of graphemes.segment(word)) return segment;
  return '';
}

/** A picture that cannot be had leaves the initials below it, until there is another one. */
function forgetBroken(event: Event): void {
  (event.target as HTMLImageElement).removeAttribute('src');
}

function face(person: Person): TemplateResult {
  return html`<span class="avatar-face ${tintOf(person.id)}">${initialsOf(personName(person))}${person.avatar
    ? html`<img src=${person.avatar} alt="" loading="lazy" decoding="async" referrerpolicy="no-referrer" @error=${forgetBroken}>`
    : nothing}</span>`;
}

/** A person's picture, or initials. Decoration: the name stands beside it. */
export function personAvatar(person: Person, options: { online?: boolean } = {}): TemplateResult {
  return html`<span class="avatar" part="avatar" aria-hidden="true">${face(person)}${options.online
    ? html`<span class="avatar-online"></span>`
    : nothing}</span>`;
}

/** A room's picture: the other person, two of the members, or an icon. */
export function roomAvatar(room: Pick<RoomSummary, 'id' | 'kind' | 'people'>, options: { online?: boolean } = {}): TemplateResult {
  const [first, second] = room.people;
  if (room.kind === 'direct' && first) return personAvatar(first, options);
  if (first && second) {
    return html`<span class="avatar avatar-pair" part="avatar" aria-hidden="true">${face(second)}${face(first)}</span>`;
  }
  return html`<span class="avatar" part="avatar" aria-hidden="true"><span class="avatar-face ${tintOf(room.id)}">${
    room.kind === 'direct' ? notesIcon : peopleIcon}</span></span>`;
}

/** `--avatar-size` sets the size; `--avatar-ring` is what stands behind it. */
export const avatarStyles = css`
  .avatar {
    --size: var(--avatar-size, 44px);
    position: relative;
    flex: none;
    display: block;
    inline-size: var(--size);
    block-size: var(--size);
    font-size: calc(var(--size) * 0.36);
    font-weight: 600;
    line-height: 1;
    user-select: none;
  }

  .avatar-face {
    position: absolute;
    inset: 0;
    display: grid;
    place-items: center;
    overflow: hidden;
    border-radius: 50%;
    color: light-dark(oklch(0.4 0.13 var(--hue)), oklch(0.92 0.05 var(--hue)));
    background: light-dark(oklch(0.915 0.055 var(--hue)), oklch(0.4 0.08 var(--hue)));
  }

  .avatar-face > img {
    position: absolute;
    inset: 0;
    inline-size: 100%;
    block-size: 100%;
    object-fit: cover;
    background: var(--_ch-body-bg);
  }

  .avatar-face > img:not([src]) {
    display: none;
  }

  .avatar-pair {
    font-size: calc(var(--size) * 0.23);
  }

  .avatar-pair > .avatar-face {
    inset: 0 0 auto auto;
    inset-inline: auto 0;
    inline-size: 62%;
    block-size: 62%;
  }

  .avatar-pair > .avatar-face:last-child {
    inset-block: auto 0;
    inset-inline: 0 auto;
    box-shadow: 0 0 0 2px var(--avatar-ring, var(--_ch-body-bg));
  }

  .avatar-online {
    position: absolute;
    inset-block-end: 0;
    inset-inline-end: 0;
    inline-size: 27%;
    block-size: 27%;
    border-radius: 50%;
    background: var(--_ch-online);
    box-shadow: 0 0 0 2px var(--avatar-ring, var(--_ch-body-bg));
    forced-color-adjust: none;
  }

  .tint-1 { --hue: 15; }
  .tint-2 { --hue: 50; }
  .tint-3 { --hue: 90; }
  .tint-4 { --hue: 145; }
  .tint-5 { --hue: 190; }
  .tint-6 { --hue: 240; }
  .tint-7 { --hue: 290; }
  .tint-8 { --hue: 335; }

  @media (forced-colors: active) {
    .avatar-face {
      border: 1px solid CanvasText;
    }
  }
`;
