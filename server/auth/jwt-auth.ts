import {
  createLocalJWKSet, createRemoteJWKSet, customFetch, type CryptoKey, decodeProtectedHeader, errors, importSPKI, type JWTVerifyGetKey, jwtVerify,
} from 'jose';
import { type Clock, systemClock } from '../clock.ts';
import { ChatterError } from '../errors.ts';
import type { Auth, Identity } from './auth.ts';
import { identityOf, isAboutTheToken, refusalOf } from './claims.ts';

export const secretBytes = 32;
/** How far the clocks of those who sign may be off. */
const skewSeconds = 60;
/** An issuer that did not answer, or did not know a key, is left alone for so long. */
const issuerPauseMs = 30_000;
const asymmetricAlgorithms = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA'] as const;
export type JwtAlgorithm = 'HS256' | (typeof asymmetricAlgorithms)[number];

/**
 * Where trust comes from: one of shared secrets, a public key or a JWKS. Which algorithms are taken follows from that alone,
 * never from a token, and secrets and public keys are never both tried (an attacker would sign with the public one).
 */
export type JwtTrust =
  /** Of 32 bytes or more. Several while one is being replaced. */
  | { secrets: readonly string[] }
  /** PEM (SPKI). `algorithm` where it does not follow from the key: RSA keys, which are RS256 by default. */
  | { publicKey: string; algorithm?: JwtAlgorithm }
  | { jwksUrl: string; algorithms?: readonly JwtAlgorithm[]; fetch?: typeof fetch };

export type JwtAuthOptions = JwtTrust & { issuer?: string; audience?: string; clock?: Clock };

/** Bearer tokens that the host's back end signs. Throws a sentence where the options cannot work. */
export async function createJwtAuth(options: JwtAuthOptions): Promise<Auth> {
  const clock = options.clock ?? systemClock;
  return new JwtAuth(options, await verifiersOf(options, clock), clock);
}

interface Verifier {
  key: CryptoKey | Uint8Array | JWTVerifyGetKey;
  algorithms: string[];
}

class JwtAuth implements Auth {
  readonly #options: JwtAuthOptions;
  readonly #verifiers: readonly Verifier[];
  readonly #clock: Clock;

  constructor(options: JwtAuthOptions, verifiers: readonly Verifier[], clock: Clock) {
    this.#options = options;
    this.#verifiers = verifiers;
    this.#clock = clock;
  }

  async authenticate(token: string): Promise<Identity> {
    refuseForeign(token);
    let refusal: unknown;
    for (const verifier of this.#verifiers) {
      try {
        return identityOf(await this.#verify(token, verifier));
      } catch (error) {
        // Of several secrets one fits; what the one that fits has to say is what counts.
        refusal = refusal === undefined || isNotItsSignature(refusal) ? error : refusal;
      }
    }
    throw refusalOf(refusal);
  }

  async #verify(token: string, { key, algorithms }: Verifier) {
    const { payload } = await jwtVerify(token, key as JWTVerifyGetKey, {
      algorithms,
      issuer: this.#options.issuer,
      audience: this.#options.audience,
      requiredClaims: ['sub', 'exp'],
      clockTolerance: skewSeconds,
      currentDate: new Date(this.#clock.now()),
    });
    return payload;
  }
}

function isNotItsSignature(error: unknown): boolean {
  return (error as { code?: unknown }).code === 'ERR_JWS_SIGNATURE_VERIFICATION_FAILED';
}

/**
 * Keys come from the configuration. A token that brings its own, or says where to fetch one, is up to no good. One that says
 * to be of another kind (a log-out token, a refresh token) was signed by the right key for another purpose (RFC 8725 3.11).
 */
function refuseForeign(token: string): void {
  let header: Record<string, unknown>;
  try {
    header = decodeProtectedHeader(token);
  } catch (error) {
    throw new ChatterError('unauthorized', 'The token is not a signed JWT.', { cause: error });
  }
  const foreign = ['jku', 'jwk', 'x5u', 'x5c'].find((name) => name in header);
  if (foreign !== undefined) throw new ChatterError('unauthorized', `A token may not bring its own key ("${foreign}").`);
  if (header.typ !== undefined && !isAccessToken(header.typ)) throw new ChatterError('unauthorized', 'The token is of another kind than JWT ("typ").');
}

function isAccessToken(typ: unknown): boolean {
  return typeof typ === 'string' && /^(application\/)?(at\+)?jwt$/i.test(typ);
}

async function verifiersOf(trust: JwtTrust, clock: Clock): Promise<Verifier[]> {
  if ('secrets' in trust) return trust.secrets.map((secret) => ({ key: secretKey(secret), algorithms: ['HS256'] }));
  if ('publicKey' in trust) return [await publicKeyVerifier(trust.publicKey, trust.algorithm)];
  return [{ key: remoteKeys(trust.jwksUrl, clock, trust.fetch), algorithms: [...asymmetricOnly(trust.algorithms ?? asymmetricAlgorithms)] }];
}

function secretKey(secret: string): Uint8Array {
  const key = new TextEncoder().encode(secret);
  if (key.length < secretBytes) {
    throw new Error(`A JWT secret has ${secretBytes} bytes or more; this one has ${key.length}. Make one with: openssl rand -base64 48`);
  }
  return key;
}

async function publicKeyVerifier(pem: string, algorithm: JwtAlgorithm | undefined): Promise<Verifier> {
  const candidates = algorithm === undefined ? ['RS256', 'ES256', 'ES384', 'ES512', 'EdDSA'] : asymmetricOnly([algorithm]);
  for (const candidate of candidates) {
    try {
      return { key: await importSPKI(pem, candidate), algorithms: [candidate] };
    } catch {
      // Not a key of this kind; the next may fit.
    }
  }
  throw new Error(`The JWT public key is not a PEM public key ("-----BEGIN PUBLIC KEY-----") for ${candidates.join(', ')}.`);
}

function asymmetricOnly<T extends string>(algorithms: readonly T[]): readonly T[] {
  const wrong = algorithms.find((algorithm) => !(asymmetricAlgorithms as readonly string[]).includes(algorithm));
  if (wrong !== undefined) {
    throw new Error(`"${wrong}" cannot be checked with a public key; choose of ${asymmetricAlgorithms.join(', ')}.`);
  }
  return algorithms;
}

/**
 * The issuer's keys: kept for ten minutes, fetched again for a key that is not among them (at most every 30 s, so that made-up
 * key ids cannot flood the issuer), and kept on where the issuer does not answer: its trouble must not put everyone out.
 */
function remoteKeys(url: string, clock: Clock, fetchKeys: typeof fetch | undefined): JWTVerifyGetKey {
  const remote = createRemoteJWKSet(new URL(url), {
    timeoutDuration: 5_000, cooldownDuration: issuerPauseMs, cacheMaxAge: 600_000, ...(fetchKeys ? { [customFetch]: fetchKeys } : {}),
  });
  let askAgainAt = 0;
  return async (header, token) => {
    const kept = remote.jwks();
    const isFresh = remote.coolingDown;
    if (kept && clock.now() < askAgainAt) return createLocalJWKSet(kept)(header, token);
    try {
      return await remote(header, token);
    } catch (error) {
      // A key that is not among those fetched a moment ago may be newer than they are.
      if (error instanceof errors.JWKSNoMatchingKey && isFresh) throw keysUnavailable();
      if (isAboutTheToken(error) && !(error instanceof TypeError)) throw error;
      if (!kept) throw keysUnavailable(error);
      askAgainAt = clock.now() + issuerPauseMs;
      return createLocalJWKSet(kept)(header, token);
    }
  };
}

function keysUnavailable(cause?: unknown): ChatterError {
  return new ChatterError('unavailable', 'The keys that this token is checked with cannot be fetched now.', { cause, afterMs: issuerPauseMs });
}
