import { svg, html, type TemplateResult } from 'lit';

/*
 * Drawn on a grid of 16, in the colour of the text. They mean nothing to a screen reader: the button around them has the name.
 * `flip` mirrors, in right-to-left writing, what points along a line of text.
 */

const icon = (content: TemplateResult<2>, flip = false) => html`<svg
  class=${flip ? 'icon icon-flip' : 'icon'} viewBox="0 0 16 16" width="16" height="16" fill="none" stroke="currentColor"
  stroke-width="1.4" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true" focusable="false">${content}</svg>`;

export const searchIcon = icon(svg`<circle cx="7" cy="7" r="4.5"/><path d="m10.5 10.5 3.5 3.5"/>`);
export const closeIcon = icon(svg`<path d="m4 4 8 8M12 4l-8 8"/>`);
export const backIcon = icon(svg`<path d="M13 8H3.5M7.5 3.5 3 8l4.5 4.5"/>`, true);
/** A sheet and a pencil: write to someone. */
export const composeIcon = icon(svg`<path d="M7.5 2.7H4.2A1.7 1.7 0 0 0 2.5 4.4v7.4a1.7 1.7 0 0 0 1.7 1.7h7.4a1.7 1.7 0 0 0 1.7-1.7V8.5"/><path
  d="M11.9 2.3a1.3 1.3 0 0 1 1.8 1.8L8.3 9.5l-2.4.6.6-2.4z"/>`);
/** A paper plane. */
export const sendIcon = icon(svg`<path d="M14 2 7.4 8.6M14 2 9.9 13.6 7.4 8.6 2.4 6.1z" stroke-width="1.5"/>`, true);
export const arrowDownIcon = icon(svg`<path d="M8 3v9.5M3.5 8 8 12.5 12.5 8"/>`);
export const checkIcon = icon(svg`<path d="m3.5 8.5 3 3 6-7"/>`);
/** Two ticks: it was seen. */
export const checkAllIcon = icon(svg`<path d="m1.5 8.7 2.8 2.8 5.4-6.6M7.6 10.9l.7.6 5.4-6.6"/>`);
export const clockIcon = icon(svg`<circle cx="8" cy="8" r="5.5"/><path d="M8 5v3l2 1.5"/>`);
export const warningIcon = icon(svg`<circle cx="8" cy="8" r="6"/><path d="M8 5v3.5M8 11v.01"/>`);
export const trashIcon = icon(svg`<path d="M3 4.5h10M6.5 4.5V3h3v1.5M4.3 4.5l.6 8.2h6.2l.6-8.2M6.8 7v3.5M9.2 7v3.5"/>`);
export const pencilIcon = icon(svg`<path d="M10.8 2.8a1.4 1.4 0 0 1 2.4 1.5L6 11.8l-3.2.9.9-3.2z"/>`);
export const peopleIcon = icon(svg`<circle cx="6" cy="5.2" r="2.3"/><path
  d="M1.5 13c.4-2.4 2.2-3.6 4.5-3.6s4.1 1.2 4.5 3.6M10.5 3.1a2.3 2.3 0 0 1 0 4.2M12 9.8c1.3.5 2.2 1.6 2.5 3.2"/>`);
export const personPlusIcon = icon(svg`<circle cx="6.5" cy="5" r="2.5"/><path d="M1.8 13.3c.4-2.6 2.4-3.9 4.7-3.9 1.5 0 2.9.6 3.8 1.7M12.5 9v4.5M10.3 11.2h4.4"/>`);
/** A page with lines: notes. */
export const notesIcon = icon(svg`<path d="M4 2.5h8A1.5 1.5 0 0 1 13.5 4v5.5l-4 4H4A1.5 1.5 0 0 1 2.5 12V4A1.5 1.5 0 0 1 4 2.5zM13.3 9.6H11a1.4 1.4 0 0 0-1.4 1.4v2.3M5.3 5.8h5.4M5.3 8.4h2.8"/>`);
export const leaveIcon = icon(svg`<path d="M9.5 3H4.8a1.3 1.3 0 0 0-1.3 1.3v7.4A1.3 1.3 0 0 0 4.8 13h4.7M7 8h7M11.5 5.5 14 8l-2.5 2.5"/>`, true);
export const chatIcon = icon(svg`<path d="M2.5 4.2a1.7 1.7 0 0 1 1.7-1.7h7.6a1.7 1.7 0 0 1 1.7 1.7v5.1a1.7 1.7 0 0 1-1.7 1.7H7.3L4.2 13.5V11a1.7 1.7 0 0 1-1.7-1.7z"/>`);
export const chatsIcon = icon(svg`<path d="M1.5 3.7a1.5 1.5 0 0 1 1.5-1.5h6A1.5 1.5 0 0 1 10.5 3.7v3.6A1.5 1.5 0 0 1 9 8.8H5.3L2.8 11V8.8A1.4 1.4 0 0 1 1.5 7.4zM12.5 5.5h.5a1.5 1.5 0 0 1 1.5 1.5v3.4a1.5 1.5 0 0 1-1.3 1.5V14l-2.3-2.1H8.2"/>`);
export const offlineIcon = icon(svg`<path d="M2 2l12 12M1.8 6.3A9 9 0 0 1 5 4.3M7 3.6a9 9 0 0 1 7.2 2.7M4 9a6 6 0 0 1 2.8-1.6M9.8 7.6c.8.3 1.6.8 2.2 1.4M6.3 11.4a2.6 2.6 0 0 1 3.4 0"/>`);
