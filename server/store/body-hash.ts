import { createHash } from 'node:crypto';

/** Tells a retry from another message under the same `clientMsgId` (G2), also when the text itself was deleted. */
export function bodyHash(text: string): string {
  return createHash('sha256').update(text, 'utf8').digest('base64url');
}
