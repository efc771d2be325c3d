import { randomBytes } from 'node:crypto';
import { chmod, readFile, writeFile } from 'node:fs/promises';
import { jwtVerify, SignJWT } from 'jose';
import type { Auth, GuestDesk, Identity } from './auth.ts';
import { identityOf, refusalOf } from './claims.ts';
import { secretBytes } from './jwt-auth.ts';

const issuer = 'chatter-guests';

/** Says who one is by saying so. Good for a demo, and for nothing else. */
export class GuestAuth implements Auth, GuestDesk {
  readonly #secret: Uint8Array;

  constructor(secret: Uint8Array) {
    this.#secret = secret;
  }

  /** A token for whoever wants to be `id`. It does not end. */
  issue(guest: { id: string; name: string }): Promise<string> {
    return new SignJWT({ name: guest.name }).setProtectedHeader({ alg: 'HS256' })
      .setIssuer(issuer).setSubject(guest.id).setIssuedAt().sign(this.#secret);
  }

  async authenticate(token: string): Promise<Identity> {
    try {
      const { payload } = await jwtVerify(token, this.#secret, { algorithms: ['HS256'], issuer, requiredClaims: ['sub'] });
      return identityOf(payload);
    } catch (error) {
      throw refusalOf(error);
    }
  }
}

/**
 * The guest log-in. Its secret lives in `secretFile`, so that guests are still themselves after a restart; without a file,
 * until the process ends.
 */
export async function openGuestAuth(options: { secretFile?: string; environment?: string } = {}): Promise<GuestAuth> {
  if ((options.environment ?? process.env['NODE_ENV']) === 'production') {
    throw new Error(
      'Guests say who they are and are believed, so the guest log-in does not start where NODE_ENV=production. ' +
      'Set CHATTER_JWT_SECRET (openssl rand -base64 48) and sign tokens in your own back end.',
    );
  }
  return new GuestAuth(options.secretFile === undefined ? randomBytes(secretBytes) : await secretFrom(options.secretFile));
}

async function secretFrom(file: string): Promise<Uint8Array> {
  try {
    // Of two processes that start at once one makes the file, and both read it.
    await writeFile(file, randomBytes(secretBytes).toString('base64'), { flag: 'wx', mode: 0o600 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  await chmod(file, 0o600);
  const secret = Buffer.from(await readFile(file, 'utf8'), 'base64');
  if (secret.length < secretBytes) throw new Error(`The guests' secret in ${file} is broken: delete the file, and guests log in anew.`);
  return secret;
}
