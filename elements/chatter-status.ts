import { closeCodes } from '#protocol/codes';
import { css, html, nothing, type TemplateResult } from 'lit';
import { property } from 'lit/decorators.js';
import { statusContext } from './context.ts';
import { lacksToken } from './controllers/client-controller.ts';
import { NearestController } from './controllers/nearest-controller.ts';
import { WatchController } from './controllers/watch-controller.ts';
import { ChatterElement } from './element.ts';
import { offlineIcon, warningIcon } from './icons.ts';

/** Most losses heal within this: telling of them would only worry. */
const patienceMs = 1_000;

/**
 * A line that tells when the connection is in trouble, and what one can do. Empty, and without height, while all is well.
 *
 * The list, the room and the chat have one inside; put one anywhere else to show the state there too.
 *
 * @csspart status - the line
 * @csspart status-action - its button
 */
export class ChatterStatus extends ChatterElement {
  static override readonly tag = 'chatter-status';

  static override styles = [
    ChatterElement.styles,
    css`
      :host {
        display: block;
        flex: none;
      }

      .line {
        display: flex;
        align-items: center;
        justify-content: center;
        gap: 8px;
        padding: 6px 16px;
        font-size: var(--_ch-text-sm);
        line-height: 1.4;
        text-align: center;
        text-wrap: balance;
        color: var(--_ch-body-color);
        background: color-mix(in srgb, var(--_ch-warning) 20%, var(--_ch-body-bg));
        animation: appear 0.2s ease-out;
      }

      .line.is-stopped {
        background: color-mix(in srgb, var(--_ch-danger) 16%, var(--_ch-body-bg));
      }

      .seconds {
        font-variant-numeric: tabular-nums;
      }

      .btn-text {
        font-weight: 600;
      }

      @keyframes appear {
        from {
          opacity: 0;
          transform: translateY(-4px);
        }
      }

      @media (forced-colors: active) {
        .line {
          border-block-end: 1px solid CanvasText;
        }
      }
    `,
  ];

  /** Shows the state even below an element that shows it already. */
  @property({ type: Boolean }) always = false;

  #shownAbove = new NearestController(this, statusContext);
  #isPatient = true;
  #patience: ReturnType<typeof setTimeout> | undefined;
  #tick: ReturnType<typeof setTimeout> | undefined;

  constructor() {
    super();
    new WatchController(this, () => this.client);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#stopTimers();
    this.#isPatient = true;
  }

  protected override render(): unknown {
    // The live region is there before its first sentence: one that comes together with it is not read out.
    return html`<div role="status" aria-live="polite">${this.#line() ?? nothing}</div>`;
  }

  #line(): TemplateResult | undefined {
    const connection = this.client?.connection;
    if (!this.isConnected || !connection || (this.#shownAbove.value && !this.always)) {
      this.#stopTimers();
      return undefined;
    }
    if (connection.status === 'stopped') {
      this.#stopTimers();
      return html`<div class="line is-stopped" part="status">${warningIcon}<span>${this.#whyStopped(connection)}</span>${this.#tryNow()}</div>`;
    }
    if (connection.status === 'online' || connection.status === 'idle') {
      this.#stopTimers();
      this.#isPatient = true;
      return undefined;
    }
    if (this.#isPatient) {
      this.#patience ??= setTimeout(() => {
        this.#isPatient = false;
        this.requestUpdate();
      }, patienceMs);
      return undefined;
    }
    if (connection.status === 'connecting') {
      return html`<div class="line" part="status">${connection.attempt > 1 ? this.strings.reconnecting : this.strings.connecting}</div>`;
    }
    if (connection.offline) {
      return html`<div class="line" part="status">${offlineIcon}<span>${this.strings.offline}</span></div>`;
    }
    if (lacksToken(this.client!)) {
      return html`<div class="line" part="status">${warningIcon}<span>${this.strings.cannotSignIn}</span>${this.#tryNow()}</div>`;
    }
    const seconds = Math.max(1, Math.ceil((connection.retryAt - Date.now()) / 1_000));
    clearTimeout(this.#tick);
    this.#tick = setTimeout(() => this.requestUpdate(), 1_000);
    // Seconds are for the eye: a screen reader would say each of them.
    return html`<div class="line" part="status">
      <span class="seconds" aria-hidden="true">${this.strings.reconnectingIn(seconds)}</span>
      <span class="visually-hidden">${this.strings.reconnecting}</span>
      ${this.#tryNow()}
    </div>`;
  }

  /** In the language of the page, where it has a sentence for that; what else a server says is shown as it says it. */
  #whyStopped({ closeCode, message }: { closeCode: number; message: string }): string {
    if (closeCode === closeCodes.revoked) return this.strings.accessEnded;
    return closeCode === closeCodes.displaced ? this.strings.tooManyPlaces : this.strings.signedOut(message);
  }

  #tryNow(): TemplateResult {
    return html`<button class="btn btn-text" part="status-action" type="button" @click=${() => this.client?.reconnectNow()}>${
      this.strings.tryNow}</button>`;
  }

  #stopTimers(): void {
    clearTimeout(this.#patience);
    clearTimeout(this.#tick);
    this.#patience = undefined;
    this.#tick = undefined;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'chatter-status': ChatterStatus;
  }
}
