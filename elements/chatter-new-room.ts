import { css, html, nothing } from 'lit';
import { query, state } from 'lit/decorators.js';
import type { Person } from '#protocol/models';
import type { ChatterPeoplePicker } from './chatter-people-picker.ts';
import { personName } from './client/display-name.ts';
import { ChatterElement } from './element.ts';
import { ChatterRoomSelectEvent } from './events.ts';
import { closeIcon } from './icons.ts';

/**
 * The dialog that starts a conversation: choose one person for a direct one, more for a group, or none but oneself for notes.
 * The room list has one inside; put one on a page of your own and call `show()` to open it from your own button.
 *
 * @fires chatter-room-select - the conversation was made, or found where there was one already
 * @csspart dialog - the dialog
 * @csspart people - the people that were found
 * @csspart person - one of them
 * @csspart chip - a chosen person
 * @csspart avatar - picture of a person
 */
export class ChatterNewRoom extends ChatterElement {
  static override readonly tag = 'chatter-new-room';

  static override styles = [
    ChatterElement.styles,
    css`
      :host {
        display: contents;
      }

      dialog {
        inline-size: min(440px, 100vw - 24px);
        block-size: min(620px, 100dvh - 24px);
        max-inline-size: none;
        max-block-size: none;
        padding: 0;
        overflow: hidden;
        color: var(--_ch-body-color);
        background: var(--_ch-body-bg);
        border: 1px solid var(--_ch-hairline);
        border-radius: calc(var(--_ch-border-radius) * 2);
        box-shadow: var(--_ch-box-shadow);
      }

      dialog[open] {
        animation: rise 0.18s ease-out;
      }

      dialog::backdrop {
        background: rgb(0 0 0 / 45%);
      }

      form {
        display: flex;
        flex-direction: column;
        block-size: 100%;
      }

      header {
        display: flex;
        align-items: center;
        gap: 8px;
        padding: 14px 12px 6px 20px;
        padding-inline: 20px 12px;
      }

      h2 {
        flex: 1;
        margin: 0;
        font-size: var(--_ch-text-lg);
        font-weight: 650;
      }

      .group {
        margin: 0 20px 8px;
      }

      .group > .form-control {
        block-size: 42px;
        border-radius: var(--_ch-border-radius-lg);
      }

      chatter-people-picker {
        flex: 1;
      }

      .error {
        margin: 0 20px;
        padding: 8px 0;
        font-size: var(--_ch-text-sm);
        color: var(--_ch-danger-text);
      }

      footer {
        display: flex;
        justify-content: flex-end;
        gap: 8px;
        padding: 12px 20px 16px;
        border-block-start: 1px solid var(--_ch-hairline);
      }

      footer > .btn-primary {
        min-inline-size: 0;
      }

      footer span {
        overflow: hidden;
        white-space: nowrap;
        text-overflow: ellipsis;
      }

      @keyframes rise {
        from {
          opacity: 0;
          transform: translateY(8px) scale(0.985);
        }
      }
    `,
  ];

  /** The people that are chosen, in the order they were. */
  @state() private chosen: readonly Person[] = [];
  @state() private groupName = '';
  @state() private error = '';
  @state() private isCreating = false;
  @state() private isOpen = false;

  @query('dialog') private dialog!: HTMLDialogElement | null;
  @query('chatter-people-picker') private picker!: ChatterPeoplePicker;

  /** Counts the times it was opened: an answer to an earlier one is late. */
  #visit = 0;

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    // Out of the page it loses its place above all else, and would come back as a box in the middle of the text.
    this.close();
  }

  /** Opens the dialog, empty, with the focus in its search field. */
  async show(): Promise<void> {
    this.#visit += 1;
    this.isCreating = false;
    this.chosen = [];
    this.groupName = '';
    this.error = '';
    this.isOpen = true;
    await this.updateComplete;
    const { dialog } = this;
    if (!this.isConnected || !dialog) return;
    if (!dialog.open) dialog.showModal();
    await this.picker.updateComplete;
    this.picker.focus();
  }

  close(): void {
    this.dialog?.close();
  }

  protected override render(): unknown {
    return html`<dialog part="dialog" aria-labelledby="title" @close=${this.#onClose} @click=${this.#onBackdropClick}>${this.isOpen
      ? html`<form method="dialog" @submit=${this.#onSubmit}>
        <header>
          <h2 id="title">${this.strings.newRoom}</h2>
          <button class="btn btn-icon" type="button" aria-label=${this.strings.close} @click=${() => this.close()}>${closeIcon}</button>
        </header>
        <chatter-people-picker exportparts="people, person, chip, avatar" .client=${this.client} .offersSelf=${true} .chosen=${this.chosen}
          @change=${this.#onChosen} @submit=${this.#onPickerSubmit}>
          ${this.chosen.length > 1
            ? html`<div class="group"><input class="form-control" type="text" maxlength="100" autocomplete="off"
                placeholder=${this.strings.groupNamePlaceholder} aria-label=${this.strings.groupName}
                .value=${this.groupName} @input=${this.#onNameInput}></div>`
            : nothing}
        </chatter-people-picker>
        <div role="alert">${this.error ? html`<p class="error">${this.error}</p>` : nothing}</div>
        <footer>
          <button class="btn btn-secondary" type="button" @click=${() => this.close()}>${this.strings.cancel}</button>
          <button class="btn btn-primary" type="submit" ?disabled=${this.chosen.length === 0 || this.isCreating}><span>${
            this.#startLabel()}</span></button>
        </footer>
      </form>`
      : nothing}</dialog>`;
  }

  #startLabel(): string {
    const [only] = this.chosen;
    if (!only) return this.strings.start;
    if (this.chosen.length > 1) return this.strings.startGroup(this.chosen.length + 1);
    return this.#isMe(only) ? this.strings.startNotes : this.strings.startDirect(personName(only));
  }

  #isMe(person: Person): boolean {
    return person.id === this.client?.user?.id;
  }

  async #create(): Promise<void> {
    const client = this.client;
    const [only] = this.chosen;
    if (!client || !only || this.isCreating) return;
    const visit = this.#visit;
    this.isCreating = true;
    this.error = '';
    try {
      const room = this.chosen.length === 1
        ? await client.createDirect(only.id)
        : await client.createGroup({ name: this.groupName.trim() || undefined, users: this.chosen.map(({ id }) => id) });
      // Closed in the meantime: the room is in the list, but nobody waits to see it.
      if (!this.isOpen || visit !== this.#visit) return;
      this.close();
      this.emit(new ChatterRoomSelectEvent(room.id));
    } catch (error) {
      if (visit === this.#visit) this.error = error instanceof Error && error.message ? error.message : this.strings.somethingWentWrong;
    } finally {
      if (visit === this.#visit) this.isCreating = false;
    }
  }

  #onSubmit = (event: SubmitEvent): void => {
    event.preventDefault();
    void this.#create();
  };

  #onChosen = (): void => {
    this.chosen = this.picker.chosen;
    this.error = '';
  };

  #onPickerSubmit = (): void => void this.#create();

  #onNameInput = (event: InputEvent): void => {
    this.groupName = (event.target as HTMLInputElement).value;
  };

  /** The backdrop belongs to the dialog; everything else is inside the form. */
  #onBackdropClick = (event: MouseEvent): void => {
    if (event.target === this.dialog) this.close();
  };

  #onClose = (): void => {
    this.isOpen = false;
  };
}

declare global {
  interface HTMLElementTagNameMap {
    'chatter-new-room': ChatterNewRoom;
  }
}
