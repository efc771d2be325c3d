import { css } from 'lit';

/** How `renderMessageRow` looks. Rows touch each other: gaps are padding, so that heights add up. */
export const messageRowStyles = css`
  .row {
    --avatar-size: 32px;
    padding-block-start: 2px;
    outline: none;
  }

  .row.starts-group {
    padding-block-start: 12px;
  }

  .line {
    display: flex;
    align-items: flex-end;
    gap: 8px;
    padding-inline: 16px;
  }

  .picture {
    flex: none;
    inline-size: var(--avatar-size);
  }

  .stack {
    display: flex;
    flex-direction: column;
    align-items: flex-start;
    flex: 1;
    min-inline-size: 0;
  }

  .is-mine .stack {
    align-items: flex-end;
  }

  .head {
    display: flex;
    align-items: baseline;
    gap: 8px;
    max-inline-size: 100%;
    padding-inline: 14px;
    margin-block-end: 3px;
    font-size: var(--_ch-text-xs);
    line-height: 1.5;
    white-space: nowrap;
    font-variant-numeric: tabular-nums;
    color: var(--_ch-muted-color);
  }

  .author {
    min-inline-size: 0;
    overflow: hidden;
    text-overflow: ellipsis;
    font-size: var(--_ch-text-sm);
    font-weight: 600;
    color: color-mix(in srgb, var(--_ch-body-color) 85%, var(--_ch-body-bg));
  }

  .bubble-line {
    display: flex;
    align-items: center;
    gap: 4px;
    max-inline-size: 100%;
  }

  .is-mine .bubble-line {
    flex-direction: row-reverse;
  }

  .bubble {
    --own: 18px;
    --near: 6px;
    max-inline-size: min(36em, 100cqi - 104px);
    min-inline-size: 0;
    padding: 7px 14px 8px;
    font-size: var(--_ch-text-md);
    line-height: 1.42;
    color: var(--chatter-bubble-color, var(--_ch-body-color));
    background: var(--chatter-bubble-bg, color-mix(in srgb, var(--_ch-body-color) 7.5%, var(--_ch-body-bg)));
    border-radius: var(--chatter-bubble-radius, var(--own));
    border-start-start-radius: var(--near);
    border-end-start-radius: var(--near);
  }

  .starts-group .bubble {
    border-start-start-radius: var(--chatter-bubble-radius, var(--own));
  }

  .is-mine .bubble {
    color: var(--chatter-own-bubble-color, var(--_ch-on-primary));
    background: var(--chatter-own-bubble-bg, var(--_ch-primary));
    border-radius: var(--chatter-bubble-radius, var(--own));
    border-start-end-radius: var(--near);
    border-end-end-radius: var(--near);
  }

  .is-mine.starts-group .bubble {
    border-start-end-radius: var(--chatter-bubble-radius, var(--own));
  }

  .text {
    white-space: pre-wrap;
    overflow-wrap: anywhere;
    unicode-bidi: plaintext;
    tab-size: 4;
  }

  .bubble a {
    color: inherit;
    text-decoration: underline;
    text-decoration-thickness: 1px;
    text-underline-offset: 0.16em;
    text-decoration-color: color-mix(in srgb, currentColor 55%, transparent);
  }

  .bubble a:hover {
    text-decoration-color: currentColor;
  }

  .bubble a:focus-visible {
    outline-color: currentColor;
    outline-offset: 1px;
    border-radius: 2px;
  }

  .row:not(.is-deleted) .bubble.emoji {
    padding: 0 2px;
    line-height: 1.2;
    color: var(--_ch-body-color);
    background: none;
    font-size: 2.25em;
  }

  .row:not(.is-deleted) .bubble.emoji-1 {
    font-size: 3em;
  }

  .is-deleted .bubble {
    padding-block: 6px 7px;
    font-size: var(--_ch-text-sm);
    font-style: italic;
    color: var(--_ch-muted-color);
    background: none;
    box-shadow: inset 0 0 0 1px var(--_ch-hairline);
  }

  /* Only what really waits pales: most messages are there before the eye is. The text stays as readable as it was. */
  .is-pending .bubble:not(.emoji) {
    animation: wait 0.3s 0.5s both;
  }

  .is-pending .bubble.emoji {
    opacity: 0.7;
  }

  @keyframes wait {
    to {
      color: var(--_ch-body-color);
      background: color-mix(in srgb, var(--_ch-primary) 24%, var(--_ch-body-bg));
    }
  }

  .is-failed .bubble {
    color: var(--_ch-body-color);
    background: color-mix(in srgb, var(--_ch-danger) 14%, var(--_ch-body-bg));
    box-shadow: inset 0 0 0 1px color-mix(in srgb, var(--_ch-danger) 45%, transparent);
  }

  .is-failed {
    padding-block-end: 6px;
  }

  .row:focus-visible .bubble {
    outline: 2px solid var(--_ch-accent);
    outline-offset: 2px;
  }

  /* Beside the bubble: the time, and what can be done. Takes no room of its own in the height. */
  .aside {
    display: flex;
    align-items: center;
    flex: none;
    gap: 2px;
    block-size: 0;
    opacity: 0;
    transition: opacity 0.12s;
  }

  .is-mine .aside {
    flex-direction: row-reverse;
  }

  .row:hover .aside,
  .row:focus-visible .aside,
  .row:focus-within .aside {
    opacity: 1;
  }

  .aside-time {
    padding-inline: 4px;
    font-size: var(--_ch-text-xs);
    white-space: nowrap;
    font-variant-numeric: tabular-nums;
    color: var(--_ch-muted-color);
  }

  .action {
    inline-size: 32px;
    block-size: 32px;
    font-size: 0.8125em;
  }

  .foot {
    display: flex;
    align-items: center;
    flex-wrap: wrap;
    gap: 0 4px;
    min-block-size: 21px;
    padding: 2px 14px 0;
    font-size: var(--_ch-text-xs);
    line-height: 19px;
    font-variant-numeric: tabular-nums;
    color: var(--_ch-muted-color);
  }

  .is-mine .foot {
    justify-content: flex-end;
    padding-inline: 14px 4px;
    text-align: end;
  }

  .foot .icon {
    inline-size: 15px;
    block-size: 15px;
  }

  .foot .btn-text {
    line-height: inherit;
  }

  .state {
    display: inline-flex;
    align-items: center;
    gap: 4px;
  }

  .trouble {
    gap: 0 8px;
    font-size: var(--_ch-text-xs);
    line-height: 1.5;
    color: var(--_ch-danger-text);
  }

  .trouble > span {
    display: inline-flex;
    align-items: flex-start;
    gap: 6px;
  }

  .trouble .icon {
    margin-block-start: 2px;
  }

  .trouble .btn-text {
    padding-inline: 2px;
    font-weight: 600;
  }

  .question {
    display: flex;
    align-items: center;
    flex-wrap: wrap;
    justify-content: flex-end;
    gap: 8px;
    margin-block-start: 6px;
    padding: 8px 8px 8px 14px;
    padding-inline: 14px 8px;
    font-size: var(--_ch-text-sm);
    line-height: 1.4;
    background: var(--_ch-body-bg);
    border: 1px solid var(--_ch-hairline);
    border-radius: 14px;
    box-shadow: 0 2px 10px rgb(0 0 0 / 8%);
  }

  .question .btn {
    --_ch-btn-border-radius: 8px;
  }

  .day {
    display: flex;
    justify-content: center;
    padding: 16px 16px 10px;
  }

  .day-label {
    padding: 3px 12px;
    font-size: var(--_ch-text-xs);
    font-weight: 500;
    line-height: 1.5;
    color: var(--_ch-muted-color);
    background: var(--_ch-hover-bg);
    border-radius: 99px;
  }

  .unread {
    display: flex;
    align-items: center;
    gap: 12px;
    padding: 14px 16px 8px;
    font-size: var(--_ch-text-xs);
    font-weight: 600;
    line-height: 1.5;
    color: var(--_ch-accent);
  }

  .unread::before,
  .unread::after {
    content: '';
    flex: 1;
    block-size: 1px;
    background: color-mix(in srgb, var(--_ch-accent) 35%, transparent);
  }

  @media (hover: none) {
    .aside-time {
      display: none;
    }

    /* What cannot be seen is not pressed by a finger that means the bubble. */
    .row:not(:focus-within) .aside {
      pointer-events: none;
    }
  }

  @container (max-inline-size: 420px) {
    .line {
      padding-inline: 12px;
    }

    .row {
      --avatar-size: 28px;
    }

    .bubble {
      max-inline-size: calc(100cqi - 96px);
    }
  }

  @media (forced-colors: active) {
    .bubble:not(.emoji) {
      border: 1px solid CanvasText;
    }

    .is-mine .bubble:not(.emoji) {
      border-width: 2px;
    }

    .unread::before,
    .unread::after {
      background: CanvasText;
    }
  }
`;
