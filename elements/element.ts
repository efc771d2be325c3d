import { ContextRoot } from '@lit/context';
import { LitElement, type CSSResultGroup } from 'lit';
import { property } from 'lit/decorators.js';
import type { ChatClient, TokenProvider } from './client/chat-client.ts';
import { ClientController } from './controllers/client-controller.ts';
import { LocaleController } from './controllers/locale-controller.ts';
import type { Strings } from './strings.ts';
import { sharedStyles } from './styles/shared.ts';

let contextRoot: ContextRoot | undefined;

/**
 * What every element of Chatter has in common: how it is registered, how it finds its client and its language, and its looks.
 *
 * @attr server - Address of the Chatter server. Leave it out below a `<chatter-connection>`.
 * @attr token - A token for the person who chats; for trying out, as it cannot be renewed.
 * @attr token-url - Address on your site that answers `{"token": "…"}` for the person who is signed in.
 */
export abstract class ChatterElement extends LitElement {
  /** The name this element is registered with, unless `define` is told another one. */
  static readonly tag: string;

  static override styles: CSSResultGroup = sharedStyles;

  /** Registers the element; does nothing where the name is taken already (a second copy of the script) or there is no page. */
  static define(tag: string = this.tag, registry: CustomElementRegistry | undefined = globalThis.customElements): void {
    if (!registry || registry.get(tag)) return;
    if (!contextRoot && typeof document !== 'undefined') {
      // Elements may stand on the page before the connection around them is registered: their question waits here.
      contextRoot = new ContextRoot();
      contextRoot.attach(document.documentElement);
    }
    registry.define(tag, this as unknown as CustomElementConstructor);
  }

  @property() server: string | undefined;
  @property() token: string | undefined;
  @property({ attribute: 'token-url' }) tokenUrl: string | undefined;

  /** Called for a token at each connect; wins over `token` and `tokenUrl`. */
  @property({ attribute: false }) tokenProvider: TokenProvider | undefined;

  #connection = new ClientController(this, (client) => this.clientChanged(client));
  #locale = new LocaleController(this);
  /** Added ones that hold here: its own, and those of the elements around it. */
  #addedSheets = new Set<CSSStyleSheet>();
  #internals: ElementInternals | undefined;

  /** The client this element works with. Set it to use a client that you made yourself. */
  @property({ attribute: false })
  get client(): ChatClient | undefined {
    return this.#connection.client;
  }

  set client(client: ChatClient | undefined) {
    this.#connection.client = client;
  }

  /** The client, where this element brought it itself: by a property or by its own attributes. */
  protected get ownClient(): ChatClient | undefined {
    return this.#connection.ownClient;
  }

  /** A sentence for the page's author where this element cannot connect; shown in place of its content. */
  protected get problem(): string | undefined {
    return this.#connection.problem;
  }

  /** The words, in the language of the nearest `lang`. */
  protected get strings(): Strings {
    return this.#locale.strings;
  }

  /** The language, for `Intl`. */
  protected get language(): string | undefined {
    return this.#locale.language;
  }

  /** Called when `client` has become another one. */
  protected clientChanged(_client: ChatClient | undefined): void {}

  /** Dispatches; false where a listener prevented it. */
  protected emit(event: Event): boolean {
    return this.dispatchEvent(event);
  }

  /** Turns a state for `:state(name)` in CSS on or off. */
  protected setState(name: string, isOn: boolean): void {
    this.#internals ??= this.attachInternals();
    if (isOn) this.#internals.states.add(name);
    else this.#internals.states.delete(name);
  }

  /**
   * Adopts a style sheet of the page into this element and those inside it. Returns its undo.
   *
   * One sheet can be given to any number of elements; it is shared, never copied.
   */
  addStyles(sheet: CSSStyleSheet): () => void {
    this.#adopt(sheet);
    return () => this.#abandon(sheet);
  }

  override connectedCallback(): void {
    super.connectedCallback();
    const root = this.getRootNode();
    const outer = root instanceof ShadowRoot && root.host instanceof ChatterElement ? root.host : undefined;
    for (const sheet of [...(outer ? outer.#addedSheets : []), ...this.#addedSheets]) this.#adopt(sheet);
    // A page that never chose a font shows the browser's serif one. That is no choice to follow.
    if (!outer) this.setState('unstyled-page', isBrowserDefault(getComputedStyle(this).fontFamily));
  }

  #adopt(sheet: CSSStyleSheet): void {
    this.#addedSheets.add(sheet);
    const root = this.shadowRoot;
    // Not on the page yet: adopted when it comes there.
    if (!root) return;
    if (!root.adoptedStyleSheets.includes(sheet)) root.adoptedStyleSheets = [...root.adoptedStyleSheets, sheet];
    this.#inner.forEach((element) => element.#adopt(sheet));
  }

  #abandon(sheet: CSSStyleSheet): void {
    this.#addedSheets.delete(sheet);
    const root = this.shadowRoot;
    if (!root) return;
    root.adoptedStyleSheets = root.adoptedStyleSheets.filter((adopted) => adopted !== sheet);
    this.#inner.forEach((element) => element.#abandon(sheet));
  }

  get #inner(): ChatterElement[] {
    return [...this.shadowRoot!.querySelectorAll('*')].filter((element) => element instanceof ChatterElement);
  }
}

function isBrowserDefault(fontFamily: string): boolean {
  return /^("?times( new roman)?"?|serif|-webkit-standard)$/i.test(fontFamily);
}
