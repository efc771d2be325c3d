import { on, once } from 'node:events';
import { WebSocket } from 'ws';
import { protocolVersion, subprotocol } from '#protocol/codes';
import type { RequestInput, RequestKind, RequestOutput, ServerFrame } from '#protocol/frames';

/** The barest client there can be: asks one thing at a time over a real websocket, and hears nothing else. */
export class Asker {
  readonly #socket: WebSocket;
  readonly #frames: AsyncIterator<unknown[]>;
  #ref = 0;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    this.#frames = on(socket, 'message', { close: ['close'] })[Symbol.asyncIterator]();
  }

  static async connect(url: string, token: string): Promise<Asker> {
    const socket = new WebSocket(url, subprotocol);
    const asker = new Asker(socket);
    await once(socket, 'open');
    await asker.#say('hello', { version: protocolVersion, token });
    return asker;
  }

  async ask<K extends RequestKind>(kind: K, input: RequestInput<K>): Promise<RequestOutput<K>> {
    const answer = await this.#say(kind, input);
    if (answer.kind !== 'ok') throw new Error(`${kind} was answered with ${JSON.stringify(answer)}`);
    return answer.data as RequestOutput<K>;
  }

  close(): void {
    this.#socket.close();
  }

  async #say(kind: string, fields: object): Promise<ServerFrame> {
    const ref = ++this.#ref;
    this.#socket.send(JSON.stringify({ kind, ref, ...fields }));
    for (;;) {
      const { value, done } = await this.#frames.next();
      if (done === true) throw new Error(`The socket closed before ${kind} was answered.`);
      const frame = JSON.parse(String(value[0])) as ServerFrame;
      if ('ref' in frame && frame.ref === ref) return frame;
    }
  }
}
