import type { Person } from '#protocol/models';

/** Who a session is. Comes from the token only, never from a frame. */
export interface Identity {
  tenant: string;
  user: Person;
  /** Milliseconds since 1970; absent for tokens that do not end (guests of the demo). */
  expiresAt?: number;
}

/** Turns a bearer token into an identity. Throws `ChatterError('unauthorized')` with a sentence that names the reason. */
export interface Auth {
  authenticate(token: string): Promise<Identity>;
  close?(): Promise<void>;
}
