import { css, html, nothing, type PropertyValues } from 'lit';
import { property, query, state } from 'lit/decorators.js';
import { live } from 'lit/directives/live.js';
import { isBlank } from '#protocol/codes';
import type { Room } from './client/room.ts';
import { readComposerKey, typesByTouch } from './composer-keys.ts';
import { WatchController } from './controllers/watch-controller.ts';
import { ChatterElement } from './element.ts';
import { ChatterSendEvent } from './events.ts';
import { sendIcon } from './icons.ts';

/** The characters that are left are counted aloud only when it becomes tight. */
const tightShare = 0.1;
const mostTight = 200;

/**
 * Where one writes: grows with the text, keeps a draft for each room, sends with Enter (by touch: with the button).
 * `<chatter-room>` has one inside.
 *
 * @fires chatter-send - before a message is sent; `preventDefault()` keeps it in the field
 * @csspart composer - the whole
 * @csspart composer-field - the frame around the text
 * @csspart composer-input - the text
 * @csspart send - the button that sends
 * @csspart composer-hint - the sentence about the length
 */
export class ChatterComposer extends ChatterElement {
  static override readonly tag = 'chatter-composer';

  static override shadowRootOptions: ShadowRootInit = { ...ChatterElement.shadowRootOptions, delegatesFocus: true };

  static override styles = [
    ChatterElement.styles,
    css`
      :host {
        display: block;
        flex: none;
        container-type: inline-size;
        color: var(--_ch-body-color);
        background: var(--_ch-body-bg);
      }

      .composer {
        max-inline-size: calc(var(--_ch-rem) * 60);
        margin-inline: auto;
        padding: 0 16px 14px;
      }

      .field {
        display: flex;
        align-items: flex-end;
        gap: 4px;
        padding: 4px;
        background: color-mix(in srgb, var(--_ch-body-color) 5%, var(--_ch-body-bg));
        border: 1px solid color-mix(in srgb, var(--_ch-body-color) 12%, transparent);
        border-radius: 24px;
        transition: border-color 0.12s, background-color 0.12s;
        cursor: text;
      }

      .field:focus-within {
        border-color: var(--_ch-accent);
        background: var(--_ch-body-bg);
        box-shadow: 0 0 0 3px var(--_ch-focus-ring);
      }

      textarea {
        flex: 1;
        min-inline-size: 0;
        min-block-size: 38px;
        max-block-size: calc(8 * 1.42em + 18px);
        padding: 9px 4px 9px 14px;
        padding-inline: 14px 4px;
        /* Below 16 px a phone zooms in at focus, and does not zoom out again. */
        font: inherit;
        font-size: var(--_ch-text-md);
        line-height: 1.42;
        color: inherit;
        background: none;
        border: 0;
        outline: 0;
        resize: none;
        overflow-y: auto;
        field-sizing: content;
        overflow-wrap: anywhere;
        unicode-bidi: plaintext;
        scrollbar-width: thin;
      }

      /* The frame around it shows the focus. */
      textarea:focus-visible {
        outline: 0;
      }

      textarea::placeholder {
        color: var(--_ch-muted-color);
        opacity: 1;
      }

      @media (pointer: coarse) {
        textarea {
          font-size: max(16px, var(--_ch-text-md));
        }
      }

      .send {
        --_ch-btn-color: var(--_ch-on-primary);
        --_ch-btn-bg: var(--_ch-primary);
        --_ch-btn-hover-color: var(--_ch-on-primary);
        --_ch-btn-hover-bg: color-mix(in srgb, var(--_ch-primary) 88%, #000);
        --_ch-btn-active-color: var(--_ch-on-primary);
        --_ch-btn-active-bg: color-mix(in srgb, var(--_ch-primary) 80%, #000);
        --_ch-btn-disabled-color: var(--_ch-muted-color);
        --_ch-btn-disabled-bg: transparent;
        --_ch-btn-border-width: 0;
        inline-size: 38px;
        block-size: 38px;
        transition: background-color 0.12s, color 0.12s;
      }

      .hint {
        padding: 4px 16px 0;
        font-size: var(--_ch-text-xs);
        line-height: 1.5;
        font-variant-numeric: tabular-nums;
        color: var(--_ch-muted-color);
        text-align: end;
      }

      .hint.is-over {
        color: var(--_ch-danger-text);
      }

      @container (max-inline-size: 420px) {
        .composer {
          padding: 0 12px 12px;
        }
      }

      @media (forced-colors: active) {
        .field:focus-within {
          outline: 2px solid Highlight;
        }
      }
    `,
  ];

  /** The room that is written to. */
  @property({ attribute: false }) room: Room | undefined;

  /** What a screen reader calls the field; "Write a message…" where nothing is given. */
  @property() label: string | undefined;

  @state() private text = '';
  /** Why the message was not taken. */
  @state() private refusal: string | undefined;

  @query('textarea') private textarea!: HTMLTextAreaElement | null;

  /** Called after a message was taken. */
  @property({ attribute: false }) onSend: (() => void) | undefined;

  /** Nothing was typed here yet: the draft may still come, when it is known who writes. */
  #isUntouched = true;

  constructor() {
    super();
    new WatchController(this, () => this.client);
  }

  protected override willUpdate(changed: PropertyValues): void {
    if (changed.has('room')) {
      this.#isUntouched = true;
      this.refusal = undefined;
    }
    if (this.#isUntouched) this.text = this.room?.draft ?? '';
  }

  protected override updated(changed: PropertyValues): void {
    if (changed.has('text') || changed.has('room')) this.#grow();
  }

  protected override render(): unknown {
    const { strings } = this;
    const limit = this.client?.textLimit ?? Infinity;
    const left = limit - trimmed(this.text).length;
    const isTight = left <= Math.min(mostTight, limit * tightShare);
    const hint = this.refusal ?? (left < 0 ? strings.charactersOver(-left) : isTight ? strings.charactersLeft(left) : undefined);
    const isWrong = left < 0 || this.refusal !== undefined;
    return html`<form class="composer" part="composer" @submit=${this.#onSubmit}>
      <div class="field" part="composer-field" @click=${this.#onFieldClick}>
        <textarea part="composer-input" rows="1" enterkeyhint=${typesByTouch() ? 'enter' : 'send'} dir=${this.text === '' ? nothing : 'auto'} autocapitalize="sentences"
          placeholder=${strings.composerPlaceholder} aria-label=${this.label ?? strings.composerPlaceholder}
          aria-describedby=${hint === undefined ? nothing : 'hint'} aria-invalid=${isWrong ? 'true' : nothing}
          .value=${live(this.text)} @input=${this.#onInput} @keydown=${this.#onKeydown} @blur=${this.#onBlur}></textarea>
        <button class="btn btn-icon send" part="send" type="submit" ?disabled=${isBlank(this.text) || left < 0}
          title=${strings.send} aria-label=${strings.send} @mousedown=${keepFocus}>${sendIcon}</button>
      </div>
      <div role="status">${hint === undefined ? nothing : html`<div class="hint ${isWrong ? 'is-over' : ''}" part="composer-hint" id="hint">${hint}</div>`}</div>
    </form>`;
  }

  #onInput = (event: Event): void => {
    this.text = (event.target as HTMLTextAreaElement).value;
    this.#isUntouched = false;
    this.refusal = undefined;
    if (!this.room) return;
    this.room.draft = this.text;
    this.room.setTyping(!isBlank(this.text));
  };

  #onKeydown = (event: KeyboardEvent): void => {
    switch (readComposerKey(event, typesByTouch())) {
      case 'send':
        event.preventDefault();
        this.#send();
        break;
      case 'blur':
        this.textarea?.blur();
        break;
      case 'newline':
      case 'none':
        break;
    }
  };

  #onSubmit = (event: SubmitEvent): void => {
    event.preventDefault();
    this.#send();
  };

  #onBlur = (): void => this.room?.setTyping(false);

  #onFieldClick = (event: Event): void => {
    if (event.target === event.currentTarget) this.textarea?.focus();
  };

  #send(): void {
    const { room } = this;
    const text = trimmed(this.text);
    if (!room || isBlank(text) || text.length > (this.client?.textLimit ?? Infinity)) return;
    if (!this.emit(new ChatterSendEvent(room.id, text))) return;
    try {
      room.send(text);
    } catch (error) {
      this.refusal = error instanceof Error ? error.message : this.strings.somethingWentWrong;
      return;
    }
    this.text = '';
    room.draft = '';
    room.setTyping(false);
    this.onSend?.();
  }

  /** Where the browser does not size a field by its content. */
  #grow(): void {
    const { textarea } = this;
    if (!textarea || CSS.supports('field-sizing', 'content')) return;
    textarea.style.height = 'auto';
    textarea.style.height = `${textarea.scrollHeight}px`;
  }
}

/** Empty lines around a text come from the fingers, not from the writer; spaces before the first word may be meant. */
function trimmed(text: string): string {
  return text.replace(/^(?:[^\S\n]*\n)+/, '').trimEnd();
}

/** Pressing the button leaves the focus, and a phone's keyboard, where they are. */
function keepFocus(event: Event): void {
  event.preventDefault();
}

declare global {
  interface HTMLElementTagNameMap {
    'chatter-composer': ChatterComposer;
  }
}
