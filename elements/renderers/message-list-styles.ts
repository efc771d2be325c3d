import { css } from 'lit';

/** What scrolls, and what floats above it. How a row looks is in `message-row-styles.ts`. */
export const messageListStyles = css`
  :host {
    position: relative;
    display: block;
    flex: 1;
    min-block-size: 0;
    container-type: inline-size;
    color: var(--_ch-body-color);
    background: var(--_ch-body-bg);
  }

  .scroller {
    block-size: 100%;
    overflow-x: hidden;
    overflow-anchor: none;
    outline-offset: -2px;
  }

  .content {
    display: flex;
    flex-direction: column;
    justify-content: flex-end;
    min-block-size: 100%;
    max-inline-size: calc(var(--_ch-rem) * 60);
    margin-inline: auto;
    padding-block: 8px;
    font-size: var(--_ch-rem);
  }

  .edge {
    display: flex;
    align-items: center;
    justify-content: center;
    flex: none;
    gap: 8px;
    block-size: 56px;
    padding-inline: 16px;
    font-size: var(--_ch-text-sm);
    color: var(--_ch-muted-color);
    text-align: center;
  }

  .above,
  .below {
    flex: none;
  }

  .pill {
    position: absolute;
    inset-inline-start: 50%;
    display: inline-flex;
    align-items: center;
    gap: 6px;
    padding: 6px 14px;
    font-size: var(--_ch-text-sm);
    font-weight: 600;
    line-height: 1.4;
    white-space: nowrap;
    color: var(--_ch-on-primary);
    background: var(--_ch-primary);
    border: 0;
    border-radius: 99px;
    box-shadow: 0 2px 10px rgb(0 0 0 / 22%);
    translate: -50% 0;
    animation: rise 0.16s ease-out;
  }

  .pill:dir(rtl) {
    translate: 50% 0;
  }

  .pill-unread {
    inset-block-start: 12px;
  }

  .pill-unread .icon {
    rotate: 180deg;
  }

  .jump {
    position: absolute;
    inset-block-end: 12px;
    /* At the edge of the column, not of a wide screen. */
    inset-inline-end: max(16px, (100cqi - var(--_ch-rem) * 60) / 2 + 16px);
    display: grid;
    place-items: center;
    inline-size: 40px;
    block-size: 40px;
    padding: 0;
    color: var(--_ch-body-color);
    background: color-mix(in srgb, var(--_ch-body-bg) 94%, var(--_ch-body-color));
    border: 1px solid var(--_ch-hairline);
    border-radius: 50%;
    box-shadow: 0 2px 10px rgb(0 0 0 / 16%);
    animation: rise 0.16s ease-out;
  }

  .jump-count {
    position: absolute;
    inset-block-start: -8px;
    inset-inline-end: -4px;
    min-inline-size: 20px;
    padding-inline: 5px;
    font-size: var(--_ch-text-xs);
    font-weight: 600;
    line-height: 20px;
    font-variant-numeric: tabular-nums;
    color: var(--_ch-on-primary);
    background: var(--_ch-primary);
    border-radius: 10px;
  }

  .seen .btn-text {
    text-decoration: none;
    text-align: end;
  }

  .seen .btn-text:hover {
    text-decoration: underline;
  }

  @keyframes rise {
    from {
      opacity: 0;
      transform: translateY(6px);
    }
  }
`;
