import type { ReactiveController, ReactiveControllerHost } from 'lit';
import { english, type Strings } from '../strings.ts';

/** The languages besides English; each is a file of its own that is fetched when it is first asked for. */
const loaders: Record<string, () => Promise<{ strings: Strings }>> = {
  ar: () => import('../locales/ar.ts'),
  de: () => import('../locales/de.ts'),
  es: () => import('../locales/es.ts'),
  fr: () => import('../locales/fr.ts'),
};

const loaded = new Map<string, Strings>();
const loading = new Map<string, Promise<void>>();

/** Loads once; where a language cannot be had, English stays. */
function load(language: string): Promise<void> {
  let promise = loading.get(language);
  if (!promise) {
    promise = loaders[language]!().then(
      (module) => void loaded.set(language, module.strings),
      (error) => {
        loading.delete(language);
        console.warn(`Chatter could not load its words in "${language}"; they stay in English.`, error);
      },
    );
    loading.set(language, promise);
  }
  return promise;
}

/** The nearest `lang` at or above an element, across shadow roots. */
function languageAbove(element: Element): string {
  let at: Element | null = element;
  while (at) {
    const holder: Element | null = at.closest('[lang]');
    const language = holder?.getAttribute('lang');
    if (language) return language;
    const root: Node = (holder ?? at).getRootNode();
    at = root instanceof ShadowRoot ? root.host : null;
  }
  return '';
}

// One observer for all elements: a page changes its language at `<html>`, or at whatever holds the elements.
const hosts = new Set<LocaleController>();
let observer: MutationObserver | undefined;

/** The words and the language for its host: those of the nearest `lang` above it. */
export class LocaleController implements ReactiveController {
  #host: ReactiveControllerHost & HTMLElement;
  #language = '';

  constructor(host: ReactiveControllerHost & HTMLElement) {
    this.#host = host;
    host.addController(this);
  }

  /** For `Intl`: undefined means the browser's own. */
  get language(): string | undefined {
    return this.#language || undefined;
  }

  get strings(): Strings {
    return loaded.get(this.#base) ?? english;
  }

  hostConnected(): void {
    hosts.add(this);
    observer ??= new MutationObserver(() => hosts.forEach((controller) => controller.refresh()));
    if (hosts.size === 1) observer.observe(document.documentElement, { attributeFilter: ['lang'], subtree: true });
    this.refresh();
  }

  hostDisconnected(): void {
    hosts.delete(this);
    if (hosts.size === 0) observer?.disconnect();
  }

  /** Looks again which language it is. */
  refresh(): void {
    const language = validLanguage(languageAbove(this.#host));
    if (language === this.#language) return;
    this.#language = language;
    this.#host.requestUpdate();
    const base = this.#base;
    if (!(base in loaders) || loaded.has(base)) return;
    void load(base).then(() => {
      if (this.#base === base && this.#host.isConnected) this.#host.requestUpdate();
    });
  }

  get #base(): string {
    return this.#language.split('-')[0]!.toLowerCase();
  }
}

/** A page may say `lang="english"`; `Intl` throws at that, and a chat must not. */
function validLanguage(language: string): string {
  try {
    return Intl.getCanonicalLocales(language.replaceAll('_', '-'))[0] ?? '';
  } catch {
    return '';
  }
}
