import type { IncomingMessage } from 'node:http';

/**
 * Which pages may talk to this server: those of its own origin, and those listed. Compared as whole strings: an origin that
 * merely starts or ends like a good one is another one.
 */
export class OriginPolicy {
  readonly #allowed: ReadonlySet<string>;

  constructor(origins: readonly string[]) {
    this.#allowed = new Set(origins);
  }

  /** Of an upgrade (C2). No Origin is no browser; two are nobody honest. */
  allows(request: IncomingMessage): boolean {
    const origins = request.rawHeaders.filter((_, index, raw) => index % 2 === 1 && raw[index - 1]!.toLowerCase() === 'origin');
    if (origins.length === 0) return true;
    return origins.length === 1 && (this.isListed(origins[0]!) || isOwn(origins[0]!, request.headers.host));
  }

  /** Whether a page of this origin may read what REST answers. */
  isListed(origin: string): boolean {
    return this.#allowed.has(origin) || this.#allowed.has('*');
  }
}

/** Behind a proxy only the host is known for sure, not whether the page came by https; both schemes are the same house. */
function isOwn(origin: string, host: string | undefined): boolean {
  return host !== undefined && (origin === `https://${host}` || origin === `http://${host}`);
}
