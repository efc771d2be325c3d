import { benchToken } from './load-session.ts';
import { RawSocket } from './raw-socket.ts';

/** Packets of engine.io 4 (the first character) and socket.io 5 (the second) that are used here. */
const packets = { open: '0', ping: '2', pong: '3', connect: '40', disconnect: '41', event: '42', ack: '43', refused: '44' } as const;

/**
 * A person of the load who speaks to Socket.IO: the same raw socket, so that what differs is the server. The websocket
 * transport alone, text events alone, which is what its own client comes to once it is connected.
 */
export class SocketIoSession {
  /** Each event, as it stands on the wire after its packet type: `["name",…]`; good until it returns. */
  onEvent: (json: Buffer) => void = () => undefined;
  /** The connection ended, and not by `destroy`. */
  onClose: (error: Error) => void = () => undefined;
  #socket: RawSocket;
  #nextId = 0;
  #waiting = new Map<number, { resolve: (data: never) => void; reject: (error: Error) => void }>();
  #admitted: { resolve: () => void; reject: (error: Error) => void } | undefined;
  readonly #token: string;

  private constructor(socket: RawSocket, token: string) {
    this.#socket = socket;
    this.#token = token;
    socket.onText = (payload) => this.#receive(payload);
    socket.onClose = (code) => this.#fail(new Error(`Socket.IO closed a socket with ${code}.`));
  }

  /** Resolves once the server has let the person in. */
  static async connect(port: number, user: string): Promise<SocketIoSession> {
    const token = await benchToken(user);
    const session = new SocketIoSession(await RawSocket.open(port, '/socket.io/?EIO=4&transport=websocket'), token);
    await new Promise<void>((resolve, reject) => (session.#admitted = { resolve, reject }));
    return session;
  }

  /** Emits an event, and resolves to what its acknowledgement says. */
  emit<Answer>(name: string, data: unknown): Promise<Answer> {
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve: resolve as never, reject });
      this.#socket.send(`${packets.event}${id}${JSON.stringify([name, data])}`);
    });
  }

  destroy(): void {
    this.#waiting.clear();
    this.#socket.destroy();
  }

  #receive(payload: Buffer): void {
    const type = payload.toString('latin1', 0, 2);
    if (type === packets.event) return this.onEvent(payload.subarray(payload.indexOf('[')));
    if (type === packets.ack) return this.#receiveAck(payload.toString());
    if (type.startsWith(packets.open)) return this.#socket.send(`${packets.connect}${JSON.stringify({ token: this.#token })}`);
    if (type.startsWith(packets.ping)) return this.#socket.send(packets.pong);
    if (type === packets.connect) return this.#admitted?.resolve();
    if (type === packets.refused || type === packets.disconnect) this.#fail(new Error(`Socket.IO refused: ${payload.toString()}`));
  }

  #receiveAck(packet: string): void {
    const start = packet.indexOf('[');
    const id = Number(packet.slice(2, start));
    const [answer] = JSON.parse(packet.slice(start)) as [never];
    this.#waiting.get(id)?.resolve(answer);
    this.#waiting.delete(id);
  }

  #fail(error: Error): void {
    this.#admitted?.reject(error);
    for (const { reject } of this.#waiting.values()) reject(error);
    this.#waiting.clear();
    this.onClose(error);
  }
}
