import type { Identity } from '../auth/auth.ts';
import type { Clock } from '../clock.ts';
import { ChatterError } from '../errors.ts';
import type { Log } from '../log.ts';
import { OccasionalLog } from '../occasional-log.ts';
import type { Revocation, RevocationKind, Store } from '../store/store.ts';
import { tenantKey } from './tenant-key.ts';

/** What was written without this node hearing of it is found after this long (G7). */
const rereadMs = 30_000;
const retryMs = 1_000;
const rowsAtOnce = 1_000;
/** In 1973, as milliseconds; as seconds it is in the year 5138. */
const firstMs = 100_000_000_000;

/** `ended`: another token of the same person will do. `revoked`: none will. */
export type Verdict = 'valid' | 'ended' | 'revoked';

/** What is to be revoked, in one tenant. */
export type Revocable =
  /** Everybody of the tenant, until it is taken back. */
  | { kind: 'tenant' }
  /** Somebody, with whatever token, until it is taken back. */
  | { kind: 'person'; user: string }
  /** All tokens that somebody has got up to now, as when they sign out everywhere. One without `iat` counts as old. */
  | { kind: 'tokens'; user: string }
  /** The token with this `jti`. `expiresAt`, in milliseconds since 1970, is when it ends anyway and need not be remembered. */
  | { kind: 'token'; id: string; expiresAt?: number };

/**
 * Whom tokens let in no more (G7). Each node keeps all of it, because every hello and every request asks: there is one
 * entry for what an operator has revoked, and none for anything that strangers can make up.
 */
export class Revocations {
  readonly #store: Pick<Store, 'writeRevocation' | 'revocations'>;
  readonly #clock: Clock;
  readonly #troubles: OccasionalLog;
  readonly #entries = new Map<string, Revocation>();
  readonly #listeners = new Set<() => void>();
  #revision = 0;
  /** Up to when, by this machine's clock, it was judged what is over. Where that is still to come, it was judged too early. */
  #forgotAt = -Infinity;
  #loaded: Promise<void> | undefined;
  #reading: Promise<void> | undefined;
  /** Somebody asked for what was written after the running read had begun. */
  #isReadAgainWanted = false;
  #stopWaiting: () => void = () => {};
  #isClosed = false;

  constructor({ store, clock, log }: { store: Pick<Store, 'writeRevocation' | 'revocations'>; clock: Clock; log: Log }) {
    this.#store = store;
    this.#clock = clock;
    this.#troubles = new OccasionalLog(log, clock);
  }

  /** Resolves when all that is written so far is known here; throws where it cannot be read. From then on it keeps itself up to date. */
  async load(): Promise<void> {
    this.#loaded ??= this.#readAll().then(() => this.#waitToReread(rereadMs));
    try {
      await this.#loaded;
    } catch (error) {
      this.#loaded = undefined;
      throw error;
    }
  }

  verdict({ tenant, user, issuedAt, tokenId, isAdmin }: Identity): Verdict {
    // Whoever may lift a suspension is not shut out by it.
    if (isAdmin !== true && this.#find(tenant, 'tenant', '')) return 'revoked';
    if (this.#find(tenant, 'person', user.id)) return 'revoked';
    const tokens = this.#find(tenant, 'tokens', user.id);
    if (tokens?.at !== undefined && (issuedAt === undefined || issuedAt <= tokens.at)) return 'ended';
    return tokenId !== undefined && this.#find(tenant, 'token', tokenId) ? 'ended' : 'valid';
  }

  /** Resolves when it is written, and in force on this node. Throws where `expiresAt` is in seconds: it would revoke nothing. */
  async revoke(tenant: string, what: Revocable): Promise<void> {
    const until = what.kind === 'token' ? what.expiresAt : undefined;
    if (until !== undefined && until < firstMs) {
      throw new ChatterError('bad_frame', '"expiresAt" is in milliseconds since 1970; the "exp" of a token is in seconds: take it times 1000.');
    }
    await this.#write({ tenant, kind: what.kind, subject: subjectOf(what), at: this.#clock.now(), ...(until === undefined ? {} : { until }) });
  }

  /** Takes it back. Tokens that were revoked stay so: a person gets new ones. */
  async restore(tenant: string, what: Extract<Revocable, { kind: 'tenant' | 'person' }>): Promise<void> {
    await this.#write({ tenant, kind: what.kind, subject: subjectOf(what) });
  }

  /** Reads what was written since, by whichever node: for who has heard that something was. Never rejects. */
  async refresh(): Promise<void> {
    if (this.#isClosed || !this.#loaded) return;
    try {
      await this.#readAll();
    } catch (error) {
      if (this.#isClosed) return;
      this.#troubles.warn('What was revoked could not be read; it is tried again.', { cause: 'revocations', error });
      this.#waitToReread(retryMs);
    }
  }

  /** Called when something was revoked or taken back. Returns its undo. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  close(): void {
    this.#isClosed = true;
    this.#stopWaiting();
  }

  async #write(revocation: Omit<Revocation, 'revision'>): Promise<void> {
    await this.load();
    await this.#store.writeRevocation(revocation);
    await this.#readAll();
  }

  /** One read at a time; whoever comes while it runs gets the one after it, which has not begun. */
  #readAll(): Promise<void> {
    if (this.#reading) {
      this.#isReadAgainWanted = true;
      return this.#reading;
    }
    this.#reading = this.#read();
    return this.#reading;
  }

  async #read(): Promise<void> {
    let isChanged = false;
    try {
      do {
        this.#isReadAgainWanted = false;
        this.#recallWhatIsNotOver();
        for (let more = true; more;) {
          const rows = await this.#store.revocations(this.#revision, rowsAtOnce);
          for (const row of rows) this.#take(row);
          isChanged ||= rows.length > 0;
          more = rows.length === rowsAtOnce;
        }
      } while (this.#isReadAgainWanted);
    } finally {
      // In the turn that found nobody waiting, or somebody could come in between and wait for nothing.
      this.#reading = undefined;
    }
    if (isChanged && !this.#isClosed) for (const listener of this.#listeners) listener();
  }

  #take(row: Revocation): void {
    this.#revision = Math.max(this.#revision, row.revision);
    const key = tenantKey(row.tenant, row.kind, row.subject);
    if (row.at === undefined) this.#entries.delete(key);
    else this.#entries.set(key, row);
    this.#forgetIfOver(key, row, this.#clock.now());
  }

  #forgetIfOver(key: string, row: Revocation, now: number): void {
    if (!isOver(row, now)) return;
    this.#entries.delete(key);
    this.#forgotAt = Math.max(this.#forgotAt, now);
  }

  /** The clock was ahead when something was forgotten, and was set back: all is read again. */
  #recallWhatIsNotOver(): void {
    if (this.#clock.now() >= this.#forgotAt) return;
    this.#forgotAt = -Infinity;
    this.#revision = 0;
  }

  #find(tenant: string, kind: RevocationKind, subject: string): Revocation | undefined {
    return this.#entries.get(tenantKey(tenant, kind, subject));
  }

  #waitToReread(ms: number): void {
    this.#stopWaiting();
    if (this.#isClosed) return;
    this.#stopWaiting = this.#clock.after(ms, () => {
      const now = this.#clock.now();
      for (const [key, entry] of this.#entries) this.#forgetIfOver(key, entry, now);
      this.#waitToReread(rereadMs);
      void this.refresh();
    });
  }
}

/** A clock that is ahead must not let a token in that has not ended: it is kept an hour longer. */
function isOver({ until }: Revocation, now: number): boolean {
  return until !== undefined && until + 3_600_000 < now;
}

function subjectOf(what: Revocable): string {
  if (what.kind === 'tenant') return '';
  return what.kind === 'token' ? what.id : what.user;
}
