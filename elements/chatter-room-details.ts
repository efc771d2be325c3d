import { css, html, nothing, type TemplateResult } from 'lit';
import { property, query, state } from 'lit/decorators.js';
import { repeat } from 'lit/directives/repeat.js';
import { limits } from '#protocol/codes';
import type { Person, RoomSummary } from '#protocol/models';
import { avatarStyles, personAvatar, roomAvatar } from './avatar.ts';
import type { ChatterPeoplePicker } from './chatter-people-picker.ts';
import { displayName, personName } from './client/display-name.ts';
import type { Room } from './client/room.ts';
import { PresenceController } from './controllers/presence-controller.ts';
import { WatchController } from './controllers/watch-controller.ts';
import { ChatterElement } from './element.ts';
import { closeIcon, leaveIcon, pencilIcon, personPlusIcon } from './icons.ts';

/** A page of members, in rooms too large to be told all of them. */
const pageSize = 50;

/**
 * The panel of a group: its name, its members, and the way out. `<chatter-room>` opens it.
 *
 * @fires close - it wants to be closed
 * @csspart details - the panel
 * @csspart member - a member
 * @csspart avatar - the picture of the group and of members
 */
export class ChatterRoomDetails extends ChatterElement {
  static override readonly tag = 'chatter-room-details';

  static override styles = [
    ChatterElement.styles,
    avatarStyles,
    css`
      :host {
        position: absolute;
        inset: 0;
        z-index: 1;
        display: flex;
        justify-content: flex-end;
      }

      .scrim {
        position: absolute;
        inset: 0;
        background: rgb(0 0 0 / 32%);
        animation: fade 0.16s ease-out;
      }

      .panel {
        position: relative;
        display: flex;
        flex-direction: column;
        inline-size: min(100%, 360px);
        color: var(--_ch-body-color);
        background: var(--_ch-body-bg);
        box-shadow: var(--_ch-box-shadow);
        animation: enter 0.18s ease-out;
      }

      .panel:dir(rtl) {
        animation-name: enter-rtl;
      }

      .top {
        display: flex;
        align-items: center;
        flex: none;
        gap: 8px;
        min-block-size: 64px;
        padding: 8px 12px 8px 20px;
        padding-inline: 20px 12px;
      }

      h2 {
        flex: 1;
        margin: 0;
        font-size: var(--_ch-rem);
        font-weight: 600;
      }

      .body {
        flex: 1;
        min-block-size: 0;
        padding: 0 8px 16px;
      }

      .identity {
        --avatar-size: 72px;
        display: flex;
        flex-direction: column;
        align-items: center;
        gap: 12px;
        padding: 8px 12px 20px;
      }

      .name-line {
        display: flex;
        align-items: center;
        gap: 2px;
        max-inline-size: 100%;
        padding-inline-start: 34px;
      }

      .name {
        min-inline-size: 0;
        overflow-wrap: anywhere;
        font-size: var(--_ch-text-lg);
        font-weight: 600;
        line-height: 1.35;
        text-align: center;
      }

      .small {
        inline-size: 32px;
        block-size: 32px;
        font-size: var(--_ch-text-sm);
      }

      .rename {
        display: flex;
        gap: 8px;
        inline-size: 100%;
      }

      .row {
        --avatar-size: 36px;
        display: flex;
        align-items: center;
        gap: 12px;
        inline-size: 100%;
        min-block-size: 52px;
        padding: 6px 12px;
        font-size: var(--_ch-text-md);
        text-align: start;
        color: inherit;
        background: none;
        border: 0;
        border-radius: var(--_ch-border-radius-lg);
      }

      button.row:hover,
      .member:hover {
        background: var(--_ch-hover-bg);
      }

      .person {
        flex: 1;
        min-inline-size: 0;
        overflow: hidden;
        text-overflow: ellipsis;
        white-space: nowrap;
      }

      .hint {
        font-size: var(--_ch-text-sm);
        color: var(--_ch-muted-color);
      }

      .sign {
        display: grid;
        place-items: center;
        flex: none;
        inline-size: 36px;
        block-size: 36px;
        color: var(--_ch-accent);
        background: var(--_ch-selected-bg);
        border-radius: 50%;
      }

      .is-leave {
        color: var(--_ch-danger-text);
      }

      .is-leave .sign {
        color: inherit;
        background: color-mix(in srgb, var(--_ch-danger) 12%, transparent);
      }

      .members {
        margin: 0;
        padding: 0;
        list-style: none;
      }

      .question {
        margin: 4px 12px 12px;
        padding: 12px 14px;
        font-size: var(--_ch-text-sm);
        border: 1px solid var(--_ch-hairline);
        border-radius: var(--_ch-border-radius-lg);
      }

      .buttons {
        display: flex;
        justify-content: flex-end;
        gap: 8px;
        margin-block-start: 10px;
      }

      .trouble {
        padding: 4px 12px;
        font-size: var(--_ch-text-sm);
        color: var(--_ch-danger-text);
      }

      chatter-people-picker {
        flex: 1;
        min-block-size: 0;
      }

      .foot {
        display: flex;
        justify-content: flex-end;
        gap: 8px;
        padding: 12px 20px 16px;
        border-block-start: 1px solid var(--_ch-hairline);
      }

      @keyframes fade {
        from {
          opacity: 0;
        }
      }

      @keyframes enter {
        from {
          opacity: 0;
          transform: translateX(24px);
        }
      }

      @keyframes enter-rtl {
        from {
          opacity: 0;
          transform: translateX(-24px);
        }
      }

      @media (forced-colors: active) {
        .panel {
          border-inline-start: 1px solid CanvasText;
        }
      }
    `,
  ];

  /** The group to show. */
  @property({ attribute: false }) room: Room | undefined;

  /** What the panel shows now, besides the members. */
  @state() private mode: 'members' | 'renaming' | 'adding' | 'leaving' = 'members';
  /** Who is about to be removed. */
  @state() private removing: string | undefined;
  @state() private isWorking = false;
  @state() private trouble = '';
  /** Members by page, in rooms too large to be told all of them. */
  @state() private loaded: { people: readonly Person[]; next: string | undefined } | undefined;
  @state() private chosen: readonly Person[] = [];

  @query('.panel') private panel!: HTMLElement | null;
  @query('chatter-people-picker') private picker!: ChatterPeoplePicker | null;

  #presence = new PresenceController(this, () => ({
    client: this.client,
    userIds: this.#isLarge ? [] : this.#members().map(({ id }) => id),
  }));

  constructor() {
    super();
    new WatchController(this, () => this.room);
  }

  protected override firstUpdated(): void {
    this.panel?.focus({ preventScroll: true });
    void this.#load();
  }

  protected override render(): unknown {
    const summary = this.room?.state.summary;
    if (!summary) return nothing;
    const { strings } = this;
    return html`<div class="scrim" @click=${this.#close}></div>
      <div class="panel" part="details" role="dialog" aria-labelledby="title" tabindex="-1" @keydown=${this.#onKeydown}>
        <div class="top">
          <h2 id="title">${this.mode === 'adding' ? strings.addPeople : strings.details}</h2>
          <button class="btn btn-icon" type="button" title=${strings.close} aria-label=${strings.close} @click=${this.#close}>${closeIcon}</button>
        </div>
        ${this.mode === 'adding' ? this.#renderAdding() : this.#renderMembers(summary)}
      </div>`;
  }

  #renderMembers(summary: RoomSummary): TemplateResult {
    const { strings } = this;
    const me = this.client?.user?.id;
    return html`<div class="body scroller">
      <div class="identity">
        ${roomAvatar(summary)}
        ${this.mode === 'renaming' ? this.#renderRename(summary)
          : html`<div class="name-line"><span class="name" dir="auto">${displayName(summary, strings, this.language)}</span>
            <button class="btn btn-icon small" type="button" title=${strings.rename} aria-label=${strings.rename}
              @click=${this.#onRename}>${pencilIcon}</button></div>`}
        <span class="hint">${strings.members(summary.memberCount)}</span>
      </div>
      <div role="alert">${this.trouble ? html`<p class="trouble">${this.trouble}</p>` : nothing}</div>
      <button class="row" type="button" @click=${this.#onAdd}><span class="sign">${personPlusIcon}</span><span class="person">${strings.addPeople}</span></button>
      <ul class="members">${repeat(this.#members(), ({ id }) => id, (person) => this.#renderMember(person, person.id === me))}</ul>
      ${this.loaded?.next !== undefined
        ? html`<button class="row" type="button" @click=${() => void this.#load(this.loaded)}><span class="person hint">${strings.showMore}</span></button>`
        : nothing}
      ${this.mode === 'leaving'
        ? this.#renderQuestion(strings.leaveQuestion, strings.leave, () => this.#leave())
        : html`<button class="row is-leave" type="button" @click=${() => this.#ask('leaving', undefined)}>
            <span class="sign">${leaveIcon}</span><span class="person">${strings.leave}</span></button>`}
    </div>`;
  }

  #renderMember(person: Person, isMe: boolean): TemplateResult {
    const { strings } = this;
    const name = personName(person);
    return html`<li>
      <div class="row member" part="member">
        ${personAvatar(person, { online: !this.#isLarge && (isMe || this.#presence.isOnline(person.id)) })}
        <span class="person"><bdi>${name}</bdi>${isMe ? html` <span class="hint">(${strings.you})</span>` : nothing}</span>
        ${isMe ? nothing : html`<button class="btn btn-icon small" type="button" title=${strings.removeMember(name)}
          aria-label=${strings.removeMember(name)} @click=${() => this.#ask('members', person.id)}>${closeIcon}</button>`}
      </div>
      ${this.removing === person.id
        ? this.#renderQuestion(`${strings.removeMember(name)}?`, strings.remove, () => this.#remove(person.id))
        : nothing}
    </li>`;
  }

  #renderQuestion(question: string, yes: string, run: () => Promise<void>): TemplateResult {
    return html`<div class="question" role="group" aria-label=${question}>${question}
      <div class="buttons">
        <button class="btn btn-sm btn-secondary" type="button" @click=${this.#onCancel}>${this.strings.cancel}</button>
        <button class="btn btn-sm btn-danger" type="button" ?disabled=${this.isWorking} @click=${() => void run()}>${yes}</button>
      </div></div>`;
  }

  #renderRename(summary: RoomSummary): TemplateResult {
    const { strings } = this;
    return html`<form class="rename" @submit=${this.#onRenameSubmit}>
      <input class="form-control" name="name" type="text" maxlength="100" autocomplete="off" dir="auto" aria-label=${strings.groupName}
        placeholder=${strings.groupName} .value=${summary.name ?? ''}>
      <button class="btn btn-primary" type="submit" ?disabled=${this.isWorking}>${strings.save}</button>
    </form>`;
  }

  #renderAdding(): TemplateResult {
    const { strings } = this;
    return html`<chatter-people-picker .client=${this.client} .without=${this.#members().map(({ id }) => id)} @change=${this.#onChosen}></chatter-people-picker>
      <div role="alert">${this.trouble ? html`<p class="trouble">${this.trouble}</p>` : nothing}</div>
      <div class="foot">
        <button class="btn btn-secondary" type="button" @click=${this.#onCancel}>${strings.cancel}</button>
        <button class="btn btn-primary" type="button" ?disabled=${this.chosen.length === 0 || this.isWorking}
          @click=${() => void this.#add()}>${strings.addPeople}</button>
      </div>`;
  }

  /** Who is there is told by person in rooms of up to a hundred. */
  get #isLarge(): boolean {
    return (this.room?.state.summary?.memberCount ?? 0) > limits.membersTold;
  }

  /** All who are known: those the room has, or the pages that were asked for; oneself first. */
  #members(): readonly Person[] {
    const now = this.room?.state;
    const person = (id: string): Person => this.client?.person(id) ?? { id, name: '' };
    const members = now?.members.length ? now.members.map(({ userId }) => person(userId)) : (this.loaded?.people ?? []);
    const me = this.client?.user?.id;
    const byName = new Intl.Collator(this.language);
    return [...members].sort((a, b) => Number(b.id === me) - Number(a.id === me) || byName.compare(personName(a), personName(b)));
  }

  /** Reads the page of members that follows on `before`; without it, the first. */
  async #load(before?: typeof this.loaded): Promise<void> {
    const { room, client, loaded } = this;
    if (!room || !client || room.state.members.length > 0) return;
    try {
      const page = await client.request('members.list', { room: room.id, cursor: before?.next, limit: pageSize });
      if (this.room !== room || this.loaded !== loaded) return;
      const present = new Set(page.members.filter((member) => member.leftAt === undefined).map(({ userId }) => userId));
      this.loaded = { people: [...(before?.people ?? []), ...page.people.filter(({ id }) => present.has(id))], next: page.next };
    } catch (error) {
      this.#complain(error);
    }
  }

  async #work(run: (room: Room) => Promise<void>): Promise<void> {
    const { room } = this;
    if (!room || this.isWorking) return;
    this.isWorking = true;
    this.trouble = '';
    try {
      await run(room);
      this.#onCancel();
    } catch (error) {
      this.#complain(error);
    }
    this.isWorking = false;
  }

  async #add(): Promise<void> {
    const users = this.chosen.map(({ id }) => id);
    await this.#work((room) => room.addMembers(users));
    // Where members are told by pages, nobody says who came: asked again from the first page.
    if (!this.trouble && this.isConnected) await this.#load();
  }

  async #remove(userId: string): Promise<void> {
    await this.#work((room) => room.removeMember(userId));
    const { loaded } = this;
    if (loaded && !this.trouble) this.loaded = { ...loaded, people: loaded.people.filter(({ id }) => id !== userId) };
  }

  #leave(): Promise<void> {
    return this.#work((room) => room.leave());
  }

  #complain(error: unknown): void {
    this.trouble = error instanceof Error ? error.message : this.strings.somethingWentWrong;
  }

  /** The focus goes to the harmless answer: who pressed Enter a moment too long has not answered yet. */
  #ask(mode: 'members' | 'leaving', removing: string | undefined): void {
    this.mode = mode;
    this.removing = removing;
    this.trouble = '';
    void this.updateComplete.then(() => this.renderRoot.querySelector<HTMLElement>('.question button')?.focus());
  }

  #close = (): void => void this.dispatchEvent(new Event('close'));

  #onKeydown = (event: KeyboardEvent): void => {
    if (event.key !== 'Escape' || event.isComposing) return;
    event.stopPropagation();
    if (this.mode !== 'members' || this.removing !== undefined) this.#onCancel();
    else this.#close();
  };

  /** Back to the members. What had the focus is gone: the panel takes it, so that Escape and Tab go on from there. */
  #onCancel = (): void => {
    this.mode = 'members';
    this.removing = undefined;
    this.trouble = '';
    void this.updateComplete.then(() => this.panel?.focus({ preventScroll: true }));
  };

  #onRename = (): void => {
    this.mode = 'renaming';
    void this.updateComplete.then(() => this.renderRoot.querySelector<HTMLInputElement>('.rename input')?.select());
  };

  #onRenameSubmit = (event: SubmitEvent): void => {
    event.preventDefault();
    const name = String(new FormData(event.target as HTMLFormElement).get('name')).trim();
    void this.#work((room) => room.rename(name || undefined));
  };

  #onAdd = (): void => {
    this.mode = 'adding';
    this.chosen = [];
    this.trouble = '';
    void this.updateComplete.then(() => this.picker?.focus());
  };

  #onChosen = (): void => {
    this.chosen = this.picker?.chosen ?? [];
  };
}

declare global {
  interface HTMLElementTagNameMap {
    'chatter-room-details': ChatterRoomDetails;
  }
}
