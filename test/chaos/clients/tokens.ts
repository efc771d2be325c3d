import { SignJWT } from 'jose';
import type { Person } from '#protocol/models';

export const chaosSecret = 'a secret of the chaos harness, longer than 32 bytes';

/** A token as the host's back end would sign it. */
export function signToken({ tenant, user, lifeMs }: { tenant: string; user: Person; lifeMs: number }): Promise<string> {
  return new SignJWT({ sub: user.id, name: user.name, tenant })
    .setProtectedHeader({ alg: 'HS256' })
    .setIssuedAt()
    .setExpirationTime(new Date(Date.now() + lifeMs))
    .sign(new TextEncoder().encode(chaosSecret));
}
