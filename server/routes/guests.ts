import { randomBytes } from 'node:crypto';
import type { Context, Hono } from 'hono';
import { z } from 'zod';
import { limits } from '#protocol/codes';
import { hostId } from '#protocol/models';
import type { GuestDesk } from '../auth/auth.ts';
import { ChatterError } from '../errors.ts';
import { readBody } from './read-body.ts';

const guest = z.object({ name: z.string().trim().min(1).max(limits.nameCharacters), id: hostId.optional() });

/** The log-in of the demo: `{name, id?}` becomes `{token, id}`. `admit` throws for who asks too often. */
export function addGuests(app: Hono, desk: GuestDesk, admit: (c: Context) => void): void {
  app.post('/guest', async (c) => {
    admit(c);
    const said = guest.safeParse(parseJson(await readBody(c.req.raw, limits.helloBytes)));
    if (!said.success) throw new ChatterError('bad_frame', 'A guest says {"name": "…"}, and {"id": "…"} to be the same one again.');
    const { name, id = `guest-${randomBytes(9).toString('base64url')}` } = said.data;
    return c.json({ token: await desk.issue({ id, name }), id });
  });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // Answered as what is no guest.
  }
}
