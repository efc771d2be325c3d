import type { Bus } from '../../server/bus/bus.ts';
import {
  type Auth, type Chatter, createChatter, type Log, type SessionDoor, type SessionSocket, type Store,
} from '../../server/index.ts';
import { type ManualClock, OwnClock } from './clock.ts';

export interface WorldServerOptions {
  auth: Auth;
  store: Store;
  broker: { bus(): Bus };
  clock: ManualClock;
  log: Log;
}

/** A real server without a port, that can be killed in the middle of anything and started again on the same store. */
export class WorldServer {
  readonly #options: WorldServerOptions;
  readonly #killListeners = new Set<() => void>();
  #life: { chatter: Chatter; bus: Bus; clock: OwnClock; isOver: boolean } | undefined;

  private constructor(options: WorldServerOptions) {
    this.#options = options;
  }

  static async start(options: WorldServerOptions): Promise<WorldServer> {
    const server = new WorldServer(options);
    await server.start();
    return server;
  }

  get isRunning(): boolean {
    return this.#life !== undefined;
  }

  async start(): Promise<void> {
    const { auth, store, broker, clock, log } = this.#options;
    const bus = broker.bus();
    const life = { isOver: false, clock: new OwnClock(clock) };
    const chatter = await createChatter({ auth, bus, log, store: whileAlive(store, life), clock: life.clock });
    this.#life = Object.assign(life, { chatter, bus });
  }

  /** As `kill -9`: nothing is finished, nothing is said, what was asked of the store may or may not have happened. */
  kill(): void {
    const life = this.#life;
    if (!life) return;
    this.#life = undefined;
    life.isOver = true;
    life.clock.die();
    void life.bus.close();
    for (const listener of [...this.#killListeners]) listener();
  }

  /** As on SIGTERM. */
  async stop(): Promise<void> {
    const life = this.#life;
    await life?.chatter.close();
    // It may have been killed meanwhile, and started again.
    if (this.#life === life) this.kill();
  }

  /** Its clock is set forward, or back. */
  jump(ms: number): void {
    this.#life?.clock.jump(ms);
  }

  connect(socket: SessionSocket): SessionDoor {
    if (!this.#life) throw new Error('The server is not running.');
    return this.#life.chatter.connect(socket);
  }

  /** Returns its undo. */
  onKill(listener: () => void): () => void {
    this.#killListeners.add(listener);
    return () => this.#killListeners.delete(listener);
  }
}

/** The store as a process sees it: after its death no call is made, and no answer comes. */
function whileAlive(store: Store, life: { isOver: boolean }): Store {
  const never = new Promise<never>(() => {});
  return new Proxy(store, {
    get(target, name) {
      const method: unknown = Reflect.get(target, name);
      if (typeof method !== 'function') return method;
      return async (...args: unknown[]): Promise<unknown> => {
        if (life.isOver) return never;
        try {
          return await (Reflect.apply(method, target, args) as Promise<unknown>);
        } finally {
          // eslint-disable-next-line no-unsafe-finally -- whatever it was, nobody is there to hear it
          if (life.isOver) await never;
        }
      };
    },
  });
}
