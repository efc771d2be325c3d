import { randomBytes } from 'node:crypto';

/** 128 random bits: ids of rooms, and epochs, cannot be guessed. */
export function randomId(): string {
  return randomBytes(16).toString('base64url');
}
