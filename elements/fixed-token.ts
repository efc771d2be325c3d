import { ChatterClientError } from './client/errors.ts';
import type { TokenProvider } from './client/chat-client.ts';

/** Gives the one token there is. Where a fresh one is needed it gives up: to come back with the same would end the same, for ever. */
export function fixedToken(token: string): TokenProvider {
  return async ({ refresh }) => {
    if (refresh) {
      throw new ChatterClientError('unauthorized',
        'The token has ended or was refused, and a fixed token cannot be renewed. Use token-url or tokenProvider, which fetch fresh ones.');
    }
    return token;
  };
}
