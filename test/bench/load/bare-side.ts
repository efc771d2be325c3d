import type { ChildServer } from '../servers/child-server.ts';
import type { Arrivals } from './arrivals.ts';
import { fewAtATime } from './load-session.ts';
import { RawSocket } from './raw-socket.ts';
import { mostSenders, type Side } from './side.ts';

/** The bare library: everyone who is connected is in its one room, and one's own message back is the answer. */
export class BareSide implements Side {
  readonly #server: ChildServer;
  readonly #frameBytes: number;
  readonly #sockets: RawSocket[] = [];
  readonly #answers = new Map<number, () => void>();

  /** Its frames are as long as Chatter's. */
  constructor(server: ChildServer, frameBytes: number) {
    this.#server = server;
    this.#frameBytes = frameBytes;
  }

  async gather(arrivals: Arrivals): Promise<void> {
    const sockets = this.#sockets;
    const missing = Array.from({ length: arrivals.sessions - sockets.length });
    sockets.push(...await fewAtATime(missing, () => RawSocket.open(this.#server.port, '/')));
    for (const [index, socket] of sockets.entries()) {
      const isWatched = arrivals.isWatched(index);
      const isSender = index < mostSenders;
      socket.onClose = (code) => arrivals.fail(new Error(`The bare server closed a socket with ${code}.`));
      socket.onText = (payload) => {
        if (isSender || isWatched) {
          const [sender, message] = payload.toString('latin1', 0, payload.indexOf(' ')).split(':').map(Number) as [number, number];
          if (isWatched) arrivals.watched(index, message);
          if (sender === index) this.#answer(message);
        }
        arrivals.add(1);
      };
    }
  }

  send(sender: number, message: number): Promise<void> {
    return new Promise((resolve) => {
      this.#answers.set(message, resolve);
      this.#sockets[sender]!.send(`${sender}:${message} `.padEnd(this.#frameBytes, 'x'));
    });
  }

  cpuMs(): Promise<number> {
    return this.#server.cpuMs();
  }

  async stop(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await this.#server.stop();
  }

  #answer(message: number): void {
    this.#answers.get(message)?.();
    this.#answers.delete(message);
  }
}
