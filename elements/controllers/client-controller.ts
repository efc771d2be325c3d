import { ContextConsumer } from '@lit/context';
import type { ReactiveController, ReactiveControllerHost } from 'lit';
import { ChatClient, type TokenProvider } from '../client/chat-client.ts';
import { shareClient } from '../client/shared-client.ts';
import { clientContext } from '../context.ts';
import { ChatterErrorEvent } from '../events.ts';
import { fixedToken } from '../fixed-token.ts';
import { tokenFromUrl } from '../token-url.ts';

/** What an element may say about its connection. */
export interface ConnectionSettings {
  server: string | undefined;
  token: string | undefined;
  tokenUrl: string | undefined;
  tokenProvider: TokenProvider | undefined;
}

/** How long a page has to say how to connect, before it is told what is missing: frameworks set properties late. */
const patienceMs = 1_000;

const tokenless = new WeakSet<ChatClient>();

/** Whether the last try to get a token for this client failed: that, and not the network, is why it is not connected. */
export function lacksToken(client: ChatClient): boolean {
  return tokenless.has(client);
}

/**
 * Finds the client of its host: the one that was given as a property, else the one of its own attributes (shared with every
 * element of the page that says the same), else the one of the nearest element around it that provides one.
 */
export class ClientController implements ReactiveController {
  readonly #host: ReactiveControllerHost & HTMLElement & ConnectionSettings;
  readonly #onClient: (client: ChatClient | undefined) => void;
  readonly #around: ContextConsumer<typeof clientContext, ReactiveControllerHost & HTMLElement>;
  #given: ChatClient | undefined;
  #own: { key: string; client: ChatClient; release(): void } | undefined;
  #current: ChatClient | undefined;
  #isProvided = false;
  #problem: string | undefined;
  #patience: ReturnType<typeof setTimeout> | undefined;

  constructor(
    host: ReactiveControllerHost & HTMLElement & ConnectionSettings,
    onClient: (client: ChatClient | undefined) => void,
  ) {
    this.#host = host;
    this.#onClient = onClient;
    // Before the consumer, which asks at once when the host is connected.
    host.addController(this);
    this.#around = new ContextConsumer(host, {
      context: clientContext,
      subscribe: true,
      callback: () => {
        this.#isProvided = true;
      },
    });
  }

  get client(): ChatClient | undefined {
    return this.#given ?? this.#current;
  }

  /** The client, where it was brought by the host itself and not by an element around it. */
  get ownClient(): ChatClient | undefined {
    return this.#given ?? this.#own?.client;
  }

  /** A client from outside: it wins over attributes and surroundings. */
  set client(client: ChatClient | undefined) {
    this.#given = client;
    this.#host.requestUpdate();
  }

  /** A sentence for the page's author, where it is clear that no connection will come of this. */
  get problem(): string | undefined {
    return this.#problem;
  }

  hostConnected(): void {
    this.#isProvided = false;
    this.#host.requestUpdate();
  }

  hostUpdate(): void {
    // An update may still run after the host was taken away: a client taken then would never be given back.
    if (this.#host.isConnected) this.#settle();
  }

  hostDisconnected(): void {
    clearTimeout(this.#patience);
    this.#patience = undefined;
    // A move is a disconnect and a connect in one go, and no reason to let go.
    queueMicrotask(() => {
      if (this.#host.isConnected) return;
      this.#releaseOwn();
      this.#announce(this.#given);
    });
  }

  #settle(): void {
    const settings = this.#given ? undefined : this.#ownSettings();
    if (settings?.key !== this.#own?.key) {
      this.#releaseOwn();
      if (settings) this.#takeOwn(settings);
    }
    const client = this.#given ?? this.#own?.client ?? (this.#isProvided ? this.#around.value : undefined);
    this.#announce(client);
    if (client || this.#isProvided || this.#isInside()) this.#forgetProblem();
    else this.#patience ??= setTimeout(() => this.#complain(), patienceMs);
  }

  /** What the host's own attributes ask for, where they are enough to connect. */
  #ownSettings(): { key: string; server: string; tokenProvider: TokenProvider } | undefined {
    const { server, token, tokenUrl, tokenProvider } = this.#host;
    const base = server === undefined ? undefined : absoluteUrl(server);
    if (base === undefined) return undefined;
    if (tokenProvider) return { key: `${base} provider ${numberOf(tokenProvider)}`, server: base, tokenProvider };
    if (token) return { key: `${base} token ${token}`, server: base, tokenProvider: fixedToken(token) };
    const url = tokenUrl ? absoluteUrl(tokenUrl) : undefined;
    if (url === undefined) return undefined;
    return { key: `${base} url ${url}`, server: base, tokenProvider: () => tokenFromUrl(url) };
  }

  #takeOwn({ key, server, tokenProvider }: { key: string; server: string; tokenProvider: TokenProvider }): void {
    const own = {
      key,
      ...shareClient(key, () => {
        const client: ChatClient = new ChatClient({
          server,
          tokenProvider: async (context) => {
            try {
              const token = await tokenProvider(context);
              tokenless.delete(client);
              return token;
            } catch (error) {
              // It is tried again and again: told once.
              if (!tokenless.has(client)) this.#report(error instanceof Error ? error.message : String(error), error);
              tokenless.add(client);
              throw error;
            }
          },
        });
        return client;
      }),
    };
    this.#own = own;
    own.client.connect();
  }

  #report(message: string, cause?: unknown): void {
    console.error(`Chatter: ${message}`, this.#host);
    this.#host.dispatchEvent(new ChatterErrorEvent(message, cause));
  }

  #releaseOwn(): void {
    this.#own?.release();
    this.#own = undefined;
  }

  #announce(client: ChatClient | undefined): void {
    if (client === this.#current) return;
    this.#current = client;
    this.#onClient(client);
  }

  /** An element inside another one of ours is given its client by that one, which also says what is missing. */
  #isInside(): boolean {
    const root = this.#host.getRootNode();
    return root instanceof ShadowRoot && 'tokenProvider' in root.host;
  }

  #complain(): void {
    this.#patience = undefined;
    const problem = problemOf(this.#host);
    if (problem === this.#problem) return;
    this.#problem = problem;
    this.#report(problem);
    this.#host.requestUpdate();
  }

  #forgetProblem(): void {
    clearTimeout(this.#patience);
    this.#patience = undefined;
    this.#problem = undefined;
  }
}

function problemOf(host: HTMLElement & ConnectionSettings): string {
  const tag = `<${host.localName}>`;
  const { server, token, tokenUrl, tokenProvider } = host;
  if (server !== undefined && absoluteUrl(server) === undefined) {
    return `${tag} has server="${server}", which is not a web address. Write it like server="https://chat.example.com".`;
  }
  const saysHow = Boolean(token || tokenUrl || tokenProvider);
  if (server === undefined && !saysHow) {
    return host.localName === 'chatter-connection'
      ? `${tag} does not know where to connect. Give it server="https://chat.example.com" and token-url="/chat-token".`
      : `${tag} has no connection. Put it inside <chatter-connection server="…" token-url="…">, or give it these attributes itself.`;
  }
  if (server === undefined) return `${tag} does not know its server. Give it server="https://chat.example.com".`;
  if (!saysHow) {
    return `${tag} does not know who is signed in. Give it token-url="/chat-token" (an address of your site that answers {"token": "…"}), `
      + 'a token, or a tokenProvider function.';
  }
  return `${tag} has token-url="${tokenUrl}", which is not a web address.`;
}

/** Relative addresses are meant from the page. Without a slash at the end. */
function absoluteUrl(address: string): string | undefined {
  if (address.trim() === '') return undefined;
  try {
    const url = new URL(address, document.baseURI);
    return /^https?:$/.test(url.protocol) ? url.href.replace(/\/$/, '') : undefined;
  } catch {
    return undefined;
  }
}

const numbers = new WeakMap<TokenProvider, number>();
let lastNumber = 0;

/** A name for a function: the same function asks for the same connection. */
function numberOf(provider: TokenProvider): number {
  let number = numbers.get(provider);
  if (number === undefined) numbers.set(provider, (number = ++lastNumber));
  return number;
}
