import type { Revocations } from './actions/revocations.ts';
import { type Auth, type Identity, TokenEndedError } from './auth/auth.ts';
import { ChatterError } from './errors.ts';

/** The host's `Auth`, and on top of it what was revoked since a token was made: for every door alike (G7). */
export class RevocableAuth implements Auth {
  readonly #auth: Auth;
  readonly #revocations: Revocations;

  constructor(auth: Auth, revocations: Revocations) {
    this.#auth = auth;
    this.#revocations = revocations;
  }

  async authenticate(token: string): Promise<Identity> {
    const [identity] = await Promise.all([this.#auth.authenticate(token), this.#revocations.load()]);
    switch (this.#revocations.verdict(identity)) {
      case 'ended':
        throw new TokenEndedError();
      case 'revoked':
        throw new ChatterError('forbidden', 'You may not chat here any more.');
      case 'valid':
        return identity;
    }
  }

  async close(): Promise<void> {
    await this.#auth.close?.();
  }
}
