import type { IncomingMessage } from 'node:http';
import type { Context } from 'hono';
import type { ClientAddresses } from '../client-address.ts';

/** The address that limits of this request are kept for. Unknown where the host's server is none of Node's. */
export function addressOf(c: Context, addresses: ClientAddresses): string | undefined {
  const { incoming } = (c.env ?? {}) as { incoming?: IncomingMessage };
  return incoming?.socket === undefined ? undefined : addresses.of(incoming);
}
