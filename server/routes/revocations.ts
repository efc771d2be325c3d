import { Hono } from 'hono';
import { z } from 'zod';
import { hostId } from '#protocol/models';
import type { Revocable } from '../actions/revocations.ts';
import { restore, revoke } from '../actions/revoke.ts';
import type { Identity } from '../auth/auth.ts';
import type { ServerContext } from '../context.ts';
import { ChatterError } from '../errors.ts';
import { readJson } from './read-body.ts';

/** What a back end may revoke over REST. */
export const revocable = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('tenant') }),
  z.object({ kind: z.literal('person'), user: hostId }),
  z.object({ kind: z.literal('tokens'), user: hostId }),
  z.object({ kind: z.literal('token'), id: hostId, expiresAt: z.int().min(0).optional() }),
]) satisfies z.ZodType<Revocable>;

/**
 * Signing people out, for the host's back end: its token says `"chatter_admin": true`, and all that is done with it is done
 * in its own tenant.
 */
export function revocationRoutes(context: ServerContext): Hono<{ Variables: { identity: Identity } }> {
  const app = new Hono<{ Variables: { identity: Identity } }>();
  app.use(async (c, next) => {
    if (c.get('identity').isAdmin !== true) throw new ChatterError('forbidden', 'This takes a token with "chatter_admin": true.');
    await next();
  });
  app.post('/', async (c) => {
    const what = revocable.safeParse(await readJson(c.req.raw, context.limits.frameBytes));
    if (!what.success) {
      throw new ChatterError('bad_frame', 'Say what to revoke: {"kind": "person", "user": …}, "tokens" with a user, "token" with an id, or "tenant".');
    }
    await revoke(context, c.get('identity').tenant, what.data);
    return c.json({});
  });
  app.delete('/tenant', async (c) => {
    await restore(context, c.get('identity').tenant, { kind: 'tenant' });
    return c.json({});
  });
  app.delete('/person/:user', async (c) => {
    const user = hostId.safeParse(c.req.param('user'));
    if (!user.success) throw new ChatterError('bad_frame', 'This is no id of a person.');
    await restore(context, c.get('identity').tenant, { kind: 'person', user: user.data });
    return c.json({});
  });
  return app;
}
