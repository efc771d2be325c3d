import type { MiddlewareHandler } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { ChatterError } from '../errors.ts';

/** Counts what really comes, whatever the request says of itself. */
export function limitBody(maxBytes: number): MiddlewareHandler {
  return bodyLimit({
    maxSize: maxBytes,
    onError: () => {
      throw new ChatterError('too_large', `A request may have up to ${maxBytes} bytes.`);
    },
  });
}
