import { Hono } from 'hono';
import { cors } from 'hono/cors';
import { getPath } from 'hono/utils/url';
import type { Auth, GuestDesk } from '../auth/auth.ts';
import type { ClientAddresses } from '../client-address.ts';
import type { ServerContext } from '../context.ts';
import { ChatterError } from '../errors.ts';
import { apiRoutesApp, refusal } from './api.ts';
import { addressOf } from './address-of.ts';
import { addElementsFiles } from './elements-files.ts';
import { addGuests } from './guests.ts';
import { addHealth, type HealthOptions } from './health.ts';
import { addMetrics } from './metrics.ts';
import type { OriginPolicy } from './origin-policy.ts';
import { addStatusPage } from './status-page.ts';

export interface AppOptions {
  context: ServerContext;
  auth: Auth;
  /** Where guests may log in. */
  guests?: GuestDesk;
  origins: OriginPolicy;
  addresses: ClientAddresses;
  basePath: string;
  elementsFile?: string;
  /** The server has been closed. */
  isOver(): boolean;
  health: Pick<HealthOptions, 'check' | 'busMode' | 'isClosing'>;
  /** Where there is a token, `/metrics` tells what `read` does to whoever has it. */
  metrics: { read(): Promise<string>; token?: string };
}

/** Everything that answers HTTP. */
export function createApp({ context, auth, guests, origins, addresses, basePath, elementsFile, isOver, health, metrics }: AppOptions): Hono {
  const app = new Hono({ getPath: (request) => withoutPrefix(getPath(request), basePath) });
  app.onError((error, c) => refusal(context, c, error));
  addStatusPage(app, basePath, guests !== undefined);
  addHealth(app, { ...health, clock: context.clock, log: context.log });
  if (metrics.token !== undefined) addMetrics(app, metrics.read, metrics.token);
  addElementsFiles(app, elementsFile);
  // The token stands in a header that a page has to set itself, so no cookie is wanted, and none is allowed for.
  const ofListedOrigins = cors({
    origin: (origin) => (origins.isListed(origin) ? origin : null),
    allowHeaders: ['Authorization', 'Content-Type'],
    allowMethods: ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'],
    exposeHeaders: ['Retry-After'],
    maxAge: 600,
  });
  app.use('/api/*', ofListedOrigins);
  app.use('/api/*', async (_, next) => {
    if (isOver()) throw new ChatterError('unavailable', 'This server is going away.', { afterMs: 1_000 });
    await next();
  });
  app.route('/api/v1', apiRoutesApp(context, auth, addresses));
  if (guests) {
    app.use('/guest', ofListedOrigins);
    addGuests(app, guests, (c) => context.rates.takeStranger(addressOf(c, addresses)));
  }
  app.notFound((c) => refusal(context, c, new ChatterError('not_found', 'There is nothing at this address.')));
  return app;
}

/** Some hosts take the prefix off before they call (Express, Hono), some do not (`node:http`): both find the same routes. */
function withoutPrefix(path: string, basePath: string): string {
  if (basePath === '' || (path !== basePath && !path.startsWith(`${basePath}/`))) return path;
  return path.slice(basePath.length) || '/';
}
