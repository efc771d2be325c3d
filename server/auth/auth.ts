import type { Person } from '#protocol/models';
import { ChatterError } from '../errors.ts';

/** Who a session is. Comes from the token only, never from a frame. */
export interface Identity {
  tenant: string;
  user: Person;
  /** Milliseconds since 1970; absent for tokens that do not end (guests of the demo). */
  expiresAt?: number;
  /** When the token was made (`iat`), in milliseconds since 1970. One that does not say counts as older than any revocation. */
  issuedAt?: number;
  /** The token's own id (`jti`), by which it can be revoked. */
  tokenId?: string;
  /** May revoke and restore people of the tenant: the host's back end, not somebody who chats. */
  isAdmin?: boolean;
}

/** A token that was good and has ended: another of the same kind will do, so the client fetches one (C5). */
export class TokenEndedError extends ChatterError {
  constructor() {
    super('unauthorized', 'The token has ended: fetch another.');
  }
}

/**
 * Turns a bearer token into an identity. Throws `TokenEndedError` for one that has ended, `ChatterError('unauthorized')` with a
 * sentence that names the reason for one that will never be good, and anything else where it cannot tell.
 */
export interface Auth {
  authenticate(token: string): Promise<Identity>;
  close?(): Promise<void>;
}

/** Gives a token to whoever wants one. For demos. */
export interface GuestDesk {
  issue(guest: { id: string; name: string }): Promise<string>;
}
