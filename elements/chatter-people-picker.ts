import { css, html, nothing } from 'lit';
import { property, query, state } from 'lit/decorators.js';
import { live } from 'lit/directives/live.js';
import { repeat } from 'lit/directives/repeat.js';
import type { Person } from '#protocol/models';
import { avatarStyles, personAvatar } from './avatar.ts';
import { personName } from './client/display-name.ts';
import { SearchController } from './controllers/search-controller.ts';
import { ChatterElement } from './element.ts';
import { checkIcon, closeIcon, notesIcon } from './icons.ts';

/**
 * Chooses people: a search field that holds those who are chosen as chips, and below it those who were found.
 * The dialog that starts a conversation and the panel of a group have one inside.
 *
 * @fires change - others are chosen
 * @fires submit - Enter was pressed with nothing typed: whoever is chosen is meant
 * @csspart people - the people that were found
 * @csspart person - one of them
 * @csspart chip - a chosen person
 * @csspart avatar - picture of a person
 */
export class ChatterPeoplePicker extends ChatterElement {
  static override readonly tag = 'chatter-people-picker';

  static override styles = [
    ChatterElement.styles,
    avatarStyles,
    css`
      :host {
        display: flex;
        flex-direction: column;
        min-block-size: 0;
      }

      .field {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        gap: 6px;
        max-block-size: 124px;
        margin: 6px 20px 8px;
        padding: 5px 6px;
        overflow-y: auto;
        border: 1px solid var(--_ch-border-color);
        border-radius: var(--_ch-border-radius-lg);
        cursor: text;
      }

      .field:focus-within {
        border-color: var(--_ch-accent);
        box-shadow: 0 0 0 1px var(--_ch-accent);
      }

      .field > input {
        flex: 1 1 72px;
        min-inline-size: 0;
        block-size: 32px;
        padding: 0 8px;
        color: inherit;
        background: none;
        border: 0;
        outline: 0;
      }

      .field > input::placeholder {
        color: var(--_ch-muted-color);
        opacity: 1;
      }

      .chip {
        --avatar-size: 24px;
        display: inline-flex;
        align-items: center;
        gap: 6px;
        max-inline-size: 100%;
        block-size: 32px;
        padding: 0 8px 0 4px;
        padding-inline: 4px 8px;
        border: 0;
        border-radius: 16px;
        font-size: var(--_ch-text-sm);
        font-weight: 500;
        color: inherit;
        background: var(--_ch-selected-bg);
      }

      .chip:hover {
        background: var(--_ch-pressed-bg);
      }

      .chip > .icon {
        inline-size: 14px;
        block-size: 14px;
        opacity: 0.7;
      }

      .chip-name {
        overflow: hidden;
        white-space: nowrap;
        text-overflow: ellipsis;
      }

      .people {
        flex: 1;
        min-block-size: 0;
        display: flex;
        flex-direction: column;
        padding: 4px 12px;
      }

      .people:empty {
        display: none;
      }

      [role='option'] {
        --avatar-size: 36px;
        --avatar-ring: var(--_ch-body-bg);
        flex: none;
        display: flex;
        align-items: center;
        gap: 12px;
        min-block-size: 52px;
        padding: 6px 8px;
        border-radius: var(--_ch-border-radius-lg);
        background: var(--avatar-ring);
        cursor: pointer;
      }

      [role='option']:hover {
        --avatar-ring: var(--_ch-hover-bg);
      }

      [role='option'].is-active {
        --avatar-ring: var(--_ch-pressed-bg);
      }

      .person-name {
        flex: 1;
        min-inline-size: 0;
        overflow: hidden;
        font-size: var(--_ch-text-md);
        font-weight: 500;
        white-space: nowrap;
        text-overflow: ellipsis;
        text-align: -webkit-match-parent;
        text-align: match-parent;
      }

      .tick {
        display: grid;
        place-items: center;
        inline-size: 22px;
        block-size: 22px;
        border: 1.5px solid color-mix(in srgb, var(--_ch-body-color) 25%, transparent);
        border-radius: 50%;
      }

      /* Hidden, and not only transparent: where the system chooses the colours, everybody would look chosen. */
      .tick > .icon {
        visibility: hidden;
        inline-size: 14px;
        block-size: 14px;
        stroke-width: 2;
      }

      [aria-selected='true'] > .tick > .icon {
        visibility: visible;
      }

      [aria-selected='true'] > .tick {
        color: var(--_ch-on-primary);
        background: var(--_ch-primary);
        border-color: var(--_ch-primary);
      }

      .notes-face {
        display: grid;
        place-items: center;
        flex: none;
        inline-size: 36px;
        block-size: 36px;
        border-radius: 50%;
        color: var(--_ch-accent);
        background: var(--_ch-selected-bg);
      }

      .error {
        margin: 0 20px;
        padding: 8px 0;
        font-size: var(--_ch-text-sm);
        color: var(--_ch-danger-text);
      }

      @media (forced-colors: active) {
        .field:focus-within,
        [role='option'].is-active {
          outline: 2px solid Highlight;
          outline-offset: -2px;
        }
      }
    `,
  ];

  /** The people that are chosen, in the order they were. */
  @property({ attribute: false }) chosen: readonly Person[] = [];

  /** Offers oneself too, alone: a conversation with oneself is a place for notes. */
  @property({ attribute: false }) offersSelf = false;

  /** Ids of those who are not offered. */
  @property({ attribute: false }) without: readonly string[] = [];

  @state() private activeIndex = 0;

  @query('input') private input!: HTMLInputElement;

  #search = new SearchController<Person>(this, async (query) => (await this.client?.searchPeople(query, 50)) ?? []);

  override connectedCallback(): void {
    super.connectedCallback();
    // With nothing typed the server says whom it would offer first. Not before the client is there.
    void this.updateComplete.then(() => this.#search.start(''));
  }

  override focus(): void {
    this.input.focus();
  }

  protected override render(): unknown {
    const options = this.#options();
    const active = options[this.activeIndex];
    return html`<div class="field" @click=${this.#onFieldClick}>
        ${repeat(this.chosen, (person) => person.id, (person) => html`<button class="chip" part="chip" type="button"
          @click=${() => this.#toggle(person)}>
          ${personAvatar(person)}<span class="visually-hidden">${this.strings.removePerson(personName(person))}</span>
          <span class="chip-name" aria-hidden="true" dir="auto">${personName(person)}</span>${closeIcon}</button>`)}
        <input type="text" role="combobox" aria-expanded=${options.length > 0 ? 'true' : 'false'} aria-controls="people" aria-autocomplete="list" autocomplete="off"
          spellcheck="false" enterkeyhint="done" maxlength="100" aria-label=${this.strings.searchPeople}
          aria-activedescendant=${active ? optionId(this.activeIndex) : nothing}
          placeholder=${this.chosen.length > 0 ? '' : this.strings.searchPeople}
          .value=${live(this.#search.query)} @input=${this.#onInput} @keydown=${this.#onKeydown}>
      </div>
      <slot></slot>
      ${this.#people(options)}`;
  }

  /** Who can be chosen now. Oneself is for notes, and so for nobody else beside. */
  #options(): readonly Person[] {
    const found = (this.#search.found ?? []).filter((person) => !this.#isMe(person) && !this.without.includes(person.id));
    const me = this.client?.user;
    const isOffered = this.offersSelf && me && !this.#search.query.trim() && this.chosen.every((person) => this.#isMe(person));
    return isOffered ? [me, ...found] : found;
  }

  #people(options: readonly Person[]): unknown {
    const query = this.#search.query.trim();
    const isMissing = this.#search.status === 'ready' && query !== '' && this.#search.found?.length === 0;
    return html`<div class="people scroller" part="people" id="people" role="listbox" aria-multiselectable="true"
        aria-label=${this.strings.people} @click=${this.#onPersonClick}>${options.map((person, index) => this.#person(person, index))}</div>
      <div role="status">${
        this.#search.status === 'error' ? html`<p class="error">${this.strings.searchFailed}</p>`
        : isMissing ? html`<p class="notice">${this.strings.nobodyFound(query)}</p>`
        : this.#search.found === undefined ? html`<p class="notice">${this.strings.loading}</p>`
        : nothing}</div>`;
  }

  #person(person: Person, index: number): unknown {
    const isChosen = this.chosen.some(({ id }) => id === person.id);
    const isMe = this.#isMe(person);
    return html`<div role="option" part="person" id=${optionId(index)} data-index=${index} aria-selected=${isChosen ? 'true' : 'false'}
        class=${index === this.activeIndex ? 'is-active' : ''}>
      ${isMe ? html`<span class="notes-face">${notesIcon}</span>` : personAvatar(person)}
      <span class="person-name" dir="auto">${isMe ? this.strings.notesToSelf : personName(person)}</span>
      <span class="tick" aria-hidden="true">${checkIcon}</span>
    </div>`;
  }

  #isMe(person: Person): boolean {
    return person.id === this.client?.user?.id;
  }

  #toggle(person: Person): void {
    const isChosen = this.chosen.some(({ id }) => id === person.id);
    const others = this.chosen.filter((other) => other.id !== person.id && !this.#isMe(other));
    this.chosen = isChosen ? others : this.#isMe(person) ? [person] : [...others, person];
    if (this.#search.query) this.#search.start('');
    this.activeIndex = 0;
    this.input.focus();
    // The chips may have pushed it out of sight.
    void this.updateComplete.then(() => this.input.scrollIntoView({ block: 'nearest' }));
    this.dispatchEvent(new Event('change'));
  }

  #onInput = (): void => {
    this.activeIndex = 0;
    this.#search.type(this.input.value);
  };

  #onKeydown = (event: KeyboardEvent): void => {
    if (event.isComposing) return;
    const options = this.#options();
    const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
    if (step !== 0 && options.length > 0) {
      event.preventDefault();
      this.activeIndex = (this.activeIndex + step + options.length) % options.length;
      this.renderRoot.querySelector(`#${optionId(this.activeIndex)}`)?.scrollIntoView({ block: 'nearest' });
    } else if (event.key === 'Enter') {
      event.preventDefault();
      const person = options[this.activeIndex];
      // With people chosen and nothing typed, Enter goes on.
      if (this.chosen.length > 0 && !this.#search.query.trim() && this.activeIndex === 0) this.dispatchEvent(new Event('submit'));
      else if (person) this.#toggle(person);
    } else if (event.key === 'Backspace' && this.input.value === '' && this.chosen.length > 0) {
      this.#toggle(this.chosen.at(-1)!);
    }
  };

  #onPersonClick = (event: MouseEvent): void => {
    const option = event.target instanceof Element ? event.target.closest<HTMLElement>('[data-index]') : undefined;
    const person = option ? this.#options()[Number(option.dataset.index)] : undefined;
    if (person) this.#toggle(person);
  };

  #onFieldClick = (event: MouseEvent): void => {
    if (event.target === event.currentTarget) this.input.focus();
  };
}

function optionId(index: number): string {
  return `person-${index}`;
}

declare global {
  interface HTMLElementTagNameMap {
    'chatter-people-picker': ChatterPeoplePicker;
  }
}
