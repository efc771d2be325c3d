import { errors, type JWTPayload } from 'jose';
import { z } from 'zod';
import { isBlank, limits } from '#protocol/codes';
import { hostId } from '#protocol/models';
import { ChatterError } from '../errors.ts';
import { type Identity, TokenEndedError } from './auth.ts';

/** The tenant of tokens that name none. */
export const defaultTenant = 'default';

const claims = z.object({
  sub: hostId,
  tenant: hostId.default(defaultTenant),
  name: z.string().max(limits.nameCharacters).optional(),
  avatar: z.string().max(2_000).optional(),
  exp: z.number().optional(),
  iat: z.number().optional(),
  jti: z.string().max(1_000).optional(),
  // Not `admin`: log-in services put a claim of that name into everybody's tokens, and mean something else by it.
  chatter_admin: z.boolean().optional(),
});

/** Who a verified token speaks of. */
export function identityOf(payload: JWTPayload): Identity {
  const parsed = claims.safeParse(payload);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new ChatterError('unauthorized', `The token's "${issue?.path.join('.')}" will not do: ${issue?.message}.`);
  }
  const { sub, tenant, name, avatar, exp, iat, jti, chatter_admin: isAdmin } = parsed.data;
  return {
    tenant,
    user: { id: sub, name: shownName(name) ?? sub, ...(isPicture(avatar) ? { avatar } : {}) },
    ...(exp === undefined ? {} : { expiresAt: exp * 1000 }),
    ...(iat === undefined ? {} : { issuedAt: iat * 1000 }),
    ...(jti === undefined ? {} : { tokenId: jti }),
    ...(isAdmin === true ? { isAdmin } : {}),
  };
}

/** What `jose` throws, in our words. Anything that is not about the token itself is thrown on as it is. */
export function refusalOf(error: unknown): unknown {
  if (error instanceof errors.JWTExpired) return new TokenEndedError();
  if (error instanceof errors.JWTClaimValidationFailed) {
    return new ChatterError('unauthorized', `The token's "${error.claim}" is missing or not the one this server takes.`, { cause: error });
  }
  if (isAboutTheToken(error)) return new ChatterError('unauthorized', 'The token is not a good one.', { cause: error });
  return error;
}

const tokenErrors = [
  errors.JWTInvalid, errors.JWSInvalid, errors.JWSSignatureVerificationFailed, errors.JOSEAlgNotAllowed, errors.JOSENotSupported,
  errors.JWKSNoMatchingKey, errors.JWKSMultipleMatchingKeys, errors.JWKInvalid,
] as const;

/** Whether the token is to blame, as `jose` tells it. */
export function isAboutTheToken(error: unknown): boolean {
  // jose throws a TypeError where the key's kind does not fit the algorithm that the token names.
  return error instanceof TypeError || tokenErrors.some((kind) => error instanceof kind);
}

/** A name in one line, or nothing where there is nothing to see. */
function shownName(name = ''): string | undefined {
  const line = name.toWellFormed().replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ').trim();
  return isBlank(line) ? undefined : line;
}

/** A picture of another scheme (`javascript:`, `data:`) is left out, and the person let in. */
function isPicture(avatar: string | undefined): boolean {
  if (avatar === undefined || !URL.canParse(avatar)) return false;
  return ['https:', 'http:'].includes(new URL(avatar).protocol);
}
