import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SignJWT } from 'jose';
import type { Message, RoomSummary } from '#protocol/models';
import { createChatter, createLog } from '../../server/index.ts';
import { listenAnywhere } from './listening.ts';

export const tokenSecret = 'a secret for tests alone that has 32 bytes or more';

/** A token as a back end makes them, for somebody whose name is their id with a capital. */
export function signToken(user: string, claims: Record<string, unknown> = {}): Promise<string> {
  const name = user.charAt(0).toUpperCase() + user.slice(1);
  return new SignJWT({ sub: user, name, ...claims }).setProtectedHeader({ alg: 'HS256' }).setExpirationTime('15m').sign(new TextEncoder().encode(tokenSecret));
}

/** A server for people with tokens, from the sources, on a SQLite file that goes with it. */
export class TokenServer {
  readonly url: string;
  /** Ends it, and removes its database. */
  readonly close: () => Promise<void>;

  private constructor(url: string, close: () => Promise<void>) {
    this.url = url;
    this.close = close;
  }

  static async start(origins: readonly string[] = []): Promise<TokenServer> {
    const folder = await mkdtemp(join(tmpdir(), 'chatter-tokens-'));
    const chatter = await createChatter({ database: `sqlite:${join(folder, 'chat.sqlite3')}`, jwtSecret: tokenSecret, origins, log: createLog('silent') });
    const server = createServer(chatter.listener);
    chatter.attach(server);
    const { url, close } = await listenAnywhere(server);
    return new TokenServer(url, async () => {
      await chatter.close();
      await close();
      await rm(folder, { recursive: true, force: true });
    });
  }

  /** Asks the API as somebody. Throws what it refuses. */
  async ask<T>(user: string, method: string, path: string, body?: object): Promise<T> {
    const response = await fetch(`${this.url}/api/v1${path}`, {
      method,
      headers: { 'authorization': `Bearer ${await signToken(user)}`, 'content-type': 'application/json' },
      body: body && JSON.stringify(body),
    });
    if (!response.ok) throw new Error(`${method} ${path} was answered with ${response.status}: ${await response.text()}`);
    return await response.json() as T;
  }

  /** The direct room of two people, who are known to the server from then on. */
  async directRoom(one: string, other: string): Promise<RoomSummary> {
    await this.ask(other, 'GET', '/me');
    const { room } = await this.ask<{ room: RoomSummary }>(one, 'POST', '/rooms', { type: 'direct', user: other });
    return room;
  }

  async say(user: string, room: string, text: string): Promise<Message> {
    const { message } = await this.ask<{ message: Message }>(user, 'POST', `/rooms/${room}/messages`, { text, clientMsgId: randomUUID() });
    return message;
  }

  async messages(user: string, room: string): Promise<Message[]> {
    return (await this.ask<{ page: { messages: Message[] } }>(user, 'GET', `/rooms/${room}/messages`)).page.messages;
  }
}
