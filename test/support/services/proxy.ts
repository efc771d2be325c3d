import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

/** `up` is towards the service, `down` is back from it. */
export type Direction = 'up' | 'down' | 'both';

/** What of the client's first words is kept, to tell its connections apart. */
const rememberedCharacters = 4_096;

/** Stands between a client and a service on this machine, and can be as bad as a network. */
export class Proxy {
  /** How long each piece takes, either way. */
  delayMs = 0;
  readonly port: number;
  readonly #server: Server;
  readonly #targetPort: number;
  readonly #lines = new Set<Line>();
  #held: { direction: Direction; isIt: (said: string) => boolean } | undefined;
  #isCut = false;

  private constructor(server: Server, targetPort: number) {
    this.#server = server;
    this.#targetPort = targetPort;
    this.port = (server.address() as AddressInfo).port;
    server.on('connection', (client) => this.#accept(client));
  }

  static async to(targetPort: number): Promise<Proxy> {
    const server = createServer({ allowHalfOpen: true });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new Proxy(server, targetPort);
  }

  get connectionCount(): number {
    return this.#lines.size;
  }

  /**
   * Nothing goes that way any more, and nobody is told: as where packets are lost. It comes later where `heal` is called in
   * time. `isIt` picks connections by what their client has said, like `(said) => said.includes('subscribe')`.
   */
  hold(direction: Direction, isIt: (said: string) => boolean = () => true): void {
    this.#held = { direction, isIt };
    for (const line of this.#lines) line.look();
  }

  /** Ends every connection, and takes no other. */
  cut(): void {
    this.#isCut = true;
    for (const line of this.#lines) line.destroy();
  }

  /** All is well again, also for the connections that were held. */
  heal(): void {
    this.#isCut = false;
    this.#held = undefined;
    for (const line of this.#lines) line.look();
  }

  async close(): Promise<void> {
    this.cut();
    this.#server.close();
    await once(this.#server, 'close');
  }

  #accept(client: Socket): void {
    if (this.#isCut) {
      client.resetAndDestroy();
      return;
    }
    const line: Line = new Line(client, connect(this.#targetPort, '127.0.0.1'), {
      delayMs: () => this.delayMs,
      isHeld: (direction, said) => {
        const held = this.#held;
        return held !== undefined && (held.direction === 'both' || held.direction === direction) && held.isIt(said);
      },
      onEnd: () => this.#lines.delete(line),
    });
    this.#lines.add(line);
  }
}

interface Weather {
  delayMs(): number;
  isHeld(direction: 'up' | 'down', said: string): boolean;
  onEnd(): void;
}

/** One connection through the proxy. */
class Line {
  readonly #client: Socket;
  readonly #service: Socket;
  readonly #weather: Weather;
  readonly #waiting = { up: [] as (() => void)[], down: [] as (() => void)[] };
  readonly #underWay = { up: [] as (() => void)[], down: [] as (() => void)[] };
  #said = '';

  constructor(client: Socket, service: Socket, weather: Weather) {
    this.#client = client;
    this.#service = service;
    this.#weather = weather;
    client.on('data', (data) => {
      if (this.#said.length < rememberedCharacters) this.#said += data.toString('latin1');
    });
    this.#pass('up', client, service);
    this.#pass('down', service, client);
    for (const socket of [client, service]) {
      socket.setNoDelay(true);
      socket.on('error', () => this.destroy());
      socket.on('close', () => this.destroy());
    }
  }

  /** What waited goes on, where it is not held any more. */
  look(): void {
    for (const direction of ['up', 'down'] as const) {
      if (this.#weather.isHeld(direction, this.#said)) continue;
      for (const go of this.#waiting[direction].splice(0)) go();
    }
  }

  destroy(): void {
    this.#client.destroy();
    this.#service.destroy();
    this.#weather.onEnd();
  }

  #pass(direction: 'up' | 'down', from: Socket, to: Socket): void {
    from.on('data', (data) => this.#later(direction, () => to.write(data)));
    from.on('end', () => this.#later(direction, () => to.end()));
  }

  #later(direction: 'up' | 'down', go: () => void): void {
    this.#underWay[direction].push(go);
    const delayMs = this.#weather.delayMs();
    if (delayMs === 0 && this.#underWay[direction].length === 1) this.#arrive(direction);
    else setTimeout(() => { this.#arrive(direction); }, delayMs).unref();
  }

  /** Whichever timer it was: none overtakes another. */
  #arrive(direction: 'up' | 'down'): void {
    const go = this.#underWay[direction].shift()!;
    if (this.#waiting[direction].length > 0 || this.#weather.isHeld(direction, this.#said)) this.#waiting[direction].push(go);
    else go();
  }
}
