import { randomBytes } from 'node:crypto';

/** Nodes of another version of the bus are not understood, and do not have to be: whoever misses a ring reads the database. */
const version = '1';
const idCharacters = 16;
const headerCharacters = version.length + 1 + idCharacters + 1;
/** What is longer was not said by a node: long payloads go as references. */
const maxCharacters = 1024 * 1024;

export function newNodeId(): string {
  return randomBytes((idCharacters / 4) * 3).toString('base64url');
}

/** A payload, with who says it. Undefined where it is too long to be said. */
export function sealEnvelope(node: string, payload: string): string | undefined {
  return payload.length + headerCharacters > maxCharacters ? undefined : `${version} ${node} ${payload}`;
}

/** Undefined for what no node of this version has sealed. */
export function openEnvelope(text: string): { node: string; payload: string } | undefined {
  if (text.length > maxCharacters || !text.startsWith(`${version} `) || text[headerCharacters - 1] !== ' ') return undefined;
  const node = text.slice(version.length + 1, headerCharacters - 1);
  return /^[\w-]+$/.test(node) ? { node, payload: text.slice(headerCharacters) } : undefined;
}
