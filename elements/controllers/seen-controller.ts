import { html, type ReactiveController, type ReactiveControllerHost, type TemplateResult } from 'lit';
import type { Person } from '#protocol/models';
import type { ChatClient } from '../client/chat-client.ts';
import { personName } from '../client/display-name.ts';
import type { Room, RoomState } from '../client/room.ts';
import { findMine, findSeenBy, type SeenBy } from '../renderers/seen-by.ts';
import type { Strings } from '../strings.ts';

/** Names that are told without being asked for. */
const namesShown = 2;
/** Names that are told when one asks, in a room of hundreds. */
const namesAsked = 10;

/** Who has seen my last message: told to all in rooms of a usual size, asked of the server in large ones. */
export class SeenController implements ReactiveController {
  readonly #host: ReactiveControllerHost;
  #showsAll = false;
  #asked: { room: Room; seq: number; count: number; people: Person[] } | undefined;

  constructor(host: ReactiveControllerHost) {
    this.#host = host;
    host.addController(this);
  }

  hostDisconnected(): void {
    this.reset();
  }

  reset(): void {
    this.#showsAll = false;
    this.#asked = undefined;
  }

  /** The message to tell it under, if any. */
  find(room: RoomState, userId: string | undefined): SeenBy | undefined {
    if (room.members.length > 0) return findSeenBy(room.messages, room.members, userId);
    const seq = (room.summary?.memberCount ?? 0) > 1 ? findMine(room.messages, userId) : undefined;
    return seq === undefined ? undefined : { seq, userIds: [] };
  }

  render(seen: SeenBy, room: Room, client: ChatClient | undefined, strings: Strings): TemplateResult {
    if (room.state.summary?.kind === 'direct') return line(strings.seen);
    if (seen.userIds.length === 0) return this.#renderAsked(seen.seq, room, strings);
    const names = seen.userIds.map((id) => personName(client?.person(id) ?? { id, name: '' }));
    // "and 1 more" is no shorter than the name.
    if (names.length <= namesShown + 1) return line(strings.seenBy(names, 0));
    const shown = this.#showsAll ? names : names.slice(0, namesShown);
    return line(html`<button class="btn btn-text" type="button" title=${names.join(', ')} aria-expanded=${this.#showsAll}
      @click=${this.#toggle}>${strings.seenBy(shown, names.length - shown.length)}</button>`);
  }

  #renderAsked(seq: number, room: Room, strings: Strings): TemplateResult {
    const asked = this.#asked?.room === room && this.#asked.seq === seq ? this.#asked : undefined;
    if (!asked) return line(html`<button class="btn btn-text" type="button" @click=${() => void this.#ask(room, seq)}>${strings.seen}…</button>`);
    const names = asked.people.slice(0, namesAsked).map(personName);
    return line(names.length === 0 ? strings.seenByCount(asked.count) : strings.seenBy(names, asked.count - names.length));
  }

  async #ask(room: Room, seq: number): Promise<void> {
    try {
      this.#asked = { room, seq, ...await room.seenBy(seq) };
      this.#host.requestUpdate();
    } catch {
      // The button stays, and can be pressed again.
    }
  }

  #toggle = (): void => {
    this.#showsAll = !this.#showsAll;
    this.#host.requestUpdate();
  };
}

function line(content: TemplateResult | string): TemplateResult {
  return html`<span class="seen" part="seen">${content}</span>`;
}
