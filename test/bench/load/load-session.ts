import { SignJWT } from 'jose';
import type { RequestInput, RequestKind, RequestOutput, ServerFrame } from '#protocol/frames';
import { protocolVersion, subprotocol } from '#protocol/codes';
import { RawSocket } from './raw-socket.ts';

export const benchSecret = 'a secret of the benchmarks, longer than 32 bytes';

export function benchToken(user: string): Promise<string> {
  return new SignJWT({ sub: user, name: user }).setProtectedHeader({ alg: 'HS256' }).setExpirationTime('1h')
    .sign(new TextEncoder().encode(benchSecret));
}

const answerOf = Buffer.from('"ref":');

/** A person of the load: one socket that speaks the protocol and parses no more than it must. */
export class LoadSession {
  readonly user: string;
  /** Every frame that is not an answer, unparsed; good until it returns. */
  onPush: (payload: Buffer) => void = () => undefined;
  /** The connection ended, and not by `destroy`. */
  onClose: (code: number) => void = () => undefined;
  #socket: RawSocket;
  #nextRef = 1;
  #waiting = new Map<number, { resolve: (data: never) => void; reject: (error: Error) => void }>();

  private constructor(user: string, socket: RawSocket) {
    this.user = user;
    this.#socket = socket;
    socket.onText = (payload) => this.#receive(payload);
    socket.onClose = (code) => {
      for (const { reject } of this.#waiting.values()) reject(new Error(`The server closed ${user}'s socket with ${code}.`));
      this.#waiting.clear();
      this.onClose(code);
    };
  }

  /** Resolves once the server has said `ready`. */
  static async connect(port: number, user: string, token?: string): Promise<LoadSession> {
    const session = new LoadSession(user, await RawSocket.open(port, '/ws', subprotocol));
    await session.#send({ kind: 'hello', version: protocolVersion, token: token ?? await benchToken(user) });
    return session;
  }

  request<K extends RequestKind>(kind: K, input: RequestInput<K>): Promise<RequestOutput<K>> {
    return this.#send({ kind, ...input });
  }

  destroy(): void {
    this.#waiting.clear();
    this.#socket.destroy();
  }

  #send<T>(frame: object): Promise<T> {
    const ref = this.#nextRef++;
    return new Promise((resolve, reject) => {
      this.#waiting.set(ref, { resolve: resolve as never, reject });
      this.#socket.send({ ...frame, ref });
    });
  }

  #receive(payload: Buffer): void {
    // Answers say their `ref` near the front; a push holds none.
    if (payload.subarray(0, 64).indexOf(answerOf) < 0) {
      this.onPush(payload);
      return;
    }
    const frame = JSON.parse(payload.toString()) as ServerFrame;
    if (frame.kind !== 'ok' && frame.kind !== 'ready' && frame.kind !== 'error') return;
    const waiting = this.#waiting.get(frame.ref ?? 0);
    this.#waiting.delete(frame.ref ?? 0);
    if (frame.kind === 'error') waiting?.reject(new Error(`${frame.code}: ${frame.message}`));
    else waiting?.resolve((frame.kind === 'ok' ? frame.data : frame) as never);
  }
}

/** Connects many people, person `index` to port `ports[index % ports.length]`. */
export function connectMany(ports: number | readonly number[], users: readonly string[]): Promise<LoadSession[]> {
  const list = typeof ports === 'number' ? [ports] : ports;
  return fewAtATime(users, (user, index) => LoadSession.connect(list[index % list.length]!, user));
}

/** A bounded number at a time, so that neither the accept queue of a server nor anything else overflows. Results in order. */
export async function fewAtATime<Item, Result>(
  items: readonly Item[], work: (item: Item, index: number) => Promise<Result>, atATime = 50,
): Promise<Result[]> {
  const results: Result[] = [];
  let next = 0;
  await Promise.all(Array.from({ length: Math.min(atATime, items.length) }, async () => {
    while (next < items.length) {
      const index = next++;
      results[index] = await work(items[index]!, index);
    }
  }));
  return results;
}

/** A group of all these people, whom the server has met already. */
export async function makeGroup(owner: LoadSession, users: readonly string[], clientRoomId: string): Promise<string> {
  const others = users.filter((user) => user !== owner.user);
  const { room } = await owner.request('room.create', { type: 'group', clientRoomId, name: clientRoomId, users: others.slice(0, 100) });
  for (let start = 100; start < others.length; start += 100) {
    await owner.request('member.add', { room: room.id, users: others.slice(start, start + 100) });
  }
  return room.id;
}

export function peopleNames(count: number, from = 0): string[] {
  return Array.from({ length: count }, (_, index) => `person-${from + index}`);
}
