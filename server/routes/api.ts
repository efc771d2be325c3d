import { type Context, Hono } from 'hono';
import { httpStatusOf } from '#protocol/codes';
import { parseInput } from '../actions/parse-input.ts';
import { type VerbKind, verbs } from '../actions/verbs.ts';
import type { Auth, Identity } from '../auth/auth.ts';
import type { ClientAddresses } from '../client-address.ts';
import type { ServerContext } from '../context.ts';
import { ChatterError } from '../errors.ts';
import { addressOf } from './address-of.ts';
import { readJson } from './read-body.ts';
import { revocationRoutes } from './revocations.ts';

/**
 * REST: each route is a request of the protocol at another door. Its input is what the path, the query and the body say
 * together; where they disagree the path wins, so that nobody is let into one room and reads another.
 */
export const apiRoutes = [
  { method: 'GET', path: '/rooms', kind: 'rooms.list' },
  { method: 'POST', path: '/rooms', kind: 'room.create' },
  { method: 'GET', path: '/rooms/:room', kind: 'room.get' },
  { method: 'PATCH', path: '/rooms/:room', kind: 'room.rename' },
  { method: 'POST', path: '/rooms/:room/leave', kind: 'room.leave' },
  { method: 'GET', path: '/rooms/:room/changes', kind: 'room.changes' },
  { method: 'PUT', path: '/rooms/:room/read', kind: 'room.read' },
  { method: 'GET', path: '/rooms/:room/messages', kind: 'history' },
  { method: 'POST', path: '/rooms/:room/messages', kind: 'message.send' },
  { method: 'DELETE', path: '/rooms/:room/messages/:seq', kind: 'message.delete' },
  { method: 'GET', path: '/rooms/:room/messages/:seq/seen', kind: 'room.seen' },
  { method: 'GET', path: '/rooms/:room/members', kind: 'members.list' },
  { method: 'POST', path: '/rooms/:room/members', kind: 'member.add' },
  { method: 'DELETE', path: '/rooms/:room/members/:user', kind: 'member.remove' },
  { method: 'GET', path: '/people', kind: 'people.search' },
] as const satisfies readonly { method: string; path: string; kind: VerbKind }[];

/** What stands in a path or a query is text; these are numbers. */
const numbers = new Set(['seq', 'before', 'after', 'around', 'limit']);

type Variables = { identity: Identity };

export function apiRoutesApp(context: ServerContext, auth: Auth, addresses: ClientAddresses): Hono<{ Variables: Variables }> {
  const app = new Hono<{ Variables: Variables }>();
  app.use(async (c, next) => {
    const identity = await whoAsks(c, context, auth, addressOf(c, addresses));
    context.rates.takeRequest(identity.tenant, identity.user.id);
    await context.knownPeople.meet(identity);
    c.set('identity', identity);
    c.header('Cache-Control', 'no-store');
    await next();
    if (c.res.ok) context.metrics.answered('ok');
  });
  app.get('/me', (c) => {
    const { user, tenant, expiresAt } = c.get('identity');
    return c.json({ user, tenant, expiresAt });
  });
  for (const { method, path, kind } of apiRoutes) {
    app.on(method, path, async (c) => c.json(await run(kind, context, c.get('identity'), await inputOf(c, context.limits.frameBytes))));
  }
  app.route('/revocations', revocationRoutes(context));
  app.all('*', () => {
    throw new ChatterError('not_found', 'There is no such address. The API is described in the README.');
  });
  app.onError((error, c) => refusal(context, c, error));
  return app;
}

/** A request that has no good token costs its address: strangers who keep trying are not looked at any more. */
async function whoAsks(c: Context, { rates }: ServerContext, auth: Auth, address: string | undefined): Promise<Identity> {
  rates.mustAllowStranger(address);
  try {
    return await auth.authenticate(bearerOf(c.req.header('authorization')));
  } catch (error) {
    if (error instanceof ChatterError && (error.code === 'unauthorized' || error.code === 'forbidden')) rates.countStranger(address);
    throw error;
  }
}

/** The same words as on the socket (F8). */
export function refusal(context: Pick<ServerContext, 'troubles' | 'metrics'>, c: Context, error: unknown): Response {
  context.troubles.tell('A request failed.', error, () => ({ method: c.req.method, route: c.req.routePath }));
  const refused = error instanceof ChatterError ? error : new ChatterError('internal', 'Something went wrong here.');
  context.metrics.answered(refused.code);
  if (refused.afterMs !== undefined) c.header('Retry-After', String(Math.ceil(refused.afterMs / 1000)));
  if (refused.code === 'unauthorized') c.header('WWW-Authenticate', 'Bearer');
  return c.json({ error: refused.toWire() }, httpStatusOf[refused.code]);
}

async function run(kind: VerbKind, context: ServerContext, identity: Identity, raw: object): Promise<object> {
  // The kind has chosen both the schema that made the input and the verb that takes it; TypeScript cannot follow that.
  const verb = verbs[kind] as (context: ServerContext, actor: Identity, input: unknown) => Promise<object>;
  const input = parseInput(kind, raw);
  const readAt = performance.now();
  try {
    return await verb(context, identity, input);
  } finally {
    context.metrics.requestTook(kind, performance.now() - readAt);
  }
}

async function inputOf(c: Context, maxBytes: number): Promise<object> {
  const textual = { ...c.req.query(), ...c.req.param() };
  const said = Object.entries(textual).map(([name, value]) => [name, numbers.has(name) && value !== '' ? Number(value) : value]);
  return { ...(await bodyOf(c, maxBytes)), ...Object.fromEntries(said) };
}

async function bodyOf(c: Context, maxBytes: number): Promise<object> {
  if (c.req.method === 'GET' || c.req.method === 'DELETE') return {};
  return readJson(c.req.raw, maxBytes);
}

/** Only this scheme: taking whatever stands behind any word has been somebody's hole. */
function bearerOf(header: string | undefined): string {
  const [, token] = /^Bearer ([\w.~+/=-]+)$/i.exec(header ?? '') ?? [];
  if (token === undefined) throw new ChatterError('unauthorized', 'Send the token as "Authorization: Bearer …".');
  return token;
}
