import type { Arrivals } from './arrivals.ts';

/**
 * One of those compared: a kind of server, and everybody who is connected to it. The load knows only this, so that all are
 * asked the same.
 */
export interface Side {
  /** Connects those of the first `arrivals.sessions` people who are missing, and puts them, alone, in a room that they listen to. */
  gather(arrivals: Arrivals): Promise<void>;
  /** Sends one message to the room. Resolves when it is acknowledged; rejects where the server refuses it. */
  send(sender: number, message: number): Promise<void>;
  /** Processor time of all processes of the server so far. */
  cpuMs(): Promise<number>;
  stop(): Promise<void>;
}

/** As many write at the most, however many read. */
export const mostSenders = 20;

export function firstSenders(sessions: number): number[] {
  return Array.from({ length: Math.min(mostSenders, sessions) }, (_, sender) => sender);
}

/** What people write: 200 characters. */
export const text = 'The quick brown fox jumps over the lazy dog, again and again, until the room is full of foxes and dogs. '.repeat(2).slice(0, 200);
