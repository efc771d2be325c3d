import { css, unsafeCSS } from 'lit';
import bootstrap from './bootstrap.css.ts';

/**
 * The Bootstrap subset and the tokens: one `CSSResult`, so one `CSSStyleSheet` that all shadow roots share.
 * Every element has it first in its `styles`. In an element's own `css`, sizes of text are `var(--_ch-text-…)` or `em` and
 * lengths are `px`, never `rem`: a page may have shrunk `html`.
 */
export const sharedStyles = unsafeCSS(bootstrap);

/**
 * For elements that are a surface of their own (list, room, chat). They fill what they stand in; where that has no height
 * of its own they take this one, and their content scrolls. `contain: size` and not `min-height`, so that any height that
 * the page gives, a small one too, is the height.
 *
 * All that is shown stands in a `.surface`. It is taken out of the flow, as a flex column whose own height is `auto` is laid
 * out by its content even where containment makes it smaller.
 */
export const surfaceStyles = css`
  :host {
    contain: size layout;
    contain-intrinsic-size: 320px min(576px, 80dvh);
    box-sizing: border-box;
    display: block;
    inline-size: auto;
    block-size: 100%;
    overflow: hidden;
    color: var(--_ch-body-color);
    background: var(--_ch-body-bg);
    border: var(--_ch-frame-border);
    border-radius: var(--_ch-frame-radius);
  }

  .surface {
    position: absolute;
    inset: 0;
    display: flex;
    flex-direction: column;
  }
`;
