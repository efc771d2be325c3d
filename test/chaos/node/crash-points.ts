import type { Server } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Bus } from '../../../server/bus/bus.ts';
import type { Store } from '../../../server/store/store.ts';
import { overriding } from './overriding.ts';

/** The moments at which a node may be told to die, in the order in which a send comes by them. */
export const crashPoints = [
  'after-begin', 'after-seq-bump', 'before-commit', 'before-acknowledgement', 'before-publish', 'in-fan-out', 'in-catch-up',
] as const;
export type CrashPoint = (typeof crashPoints)[number];

/** Ends this process by SIGKILL at the very moment that was asked for: nothing after it is done, said or cleaned up. */
export class CrashPoints {
  #armed: { point: CrashPoint; count: number } | undefined;
  #lastStatement = '';

  /** Dies the `count`th time that the process comes by `point`. */
  arm(point: CrashPoint, count: number): void {
    this.#armed = { point, count };
  }

  disarm(): void {
    this.#armed = undefined;
  }

  pass(point: CrashPoint): void {
    if (this.#armed?.point !== point) return;
    this.#armed.count -= 1;
    if (this.#armed.count === 0) process.kill(process.pid, 'SIGKILL');
  }

  /** Told each statement just before it runs: what it comes after is done by then, and not committed. */
  readonly onQuery = (statement: string): void => {
    if (/^\s*(BEGIN|START TRANSACTION)/.test(this.#lastStatement)) this.pass('after-begin');
    if (/\bUPDATE rooms\b/.test(this.#lastStatement)) this.pass('after-seq-bump');
    if (/^\s*COMMIT/.test(statement)) this.pass('before-commit');
    this.#lastStatement = statement;
  };

  /** A store that dies between a commit and its acknowledgement, and between reading changes and telling them. */
  store(store: Store): Store {
    const appendMessage: Store['appendMessage'] = async (...args) => {
      const stored = await store.appendMessage(...args);
      this.pass('before-acknowledgement');
      return stored;
    };
    const changes: Store['changes'] = async (...args) => {
      const found = await store.changes(...args);
      this.pass('in-catch-up');
      return found;
    };
    return overriding(store, { appendMessage, changes });
  }

  /** A bus that dies in the place of publishing: after the acknowledgement, which goes out in an earlier turn. */
  bus(bus: Bus): Bus {
    const publish: Bus['publish'] = (topic, payload) => {
      if (payload.startsWith('{"kind":"changed"')) this.pass('before-publish');
      bus.publish(topic, payload);
    };
    return overriding(bus, { publish });
  }

  /** Dies between two sockets of a fan-out. To be called before anybody else listens to upgrades. */
  sockets(server: Server): void {
    server.on('upgrade', (_request, socket: Duplex) => {
      const write = socket.write.bind(socket) as (...args: unknown[]) => boolean;
      socket.write = ((...args: unknown[]) => {
        if (String(args[0]).includes('"kind":"facts"')) this.pass('in-fan-out');
        return write(...args);
      }) as Duplex['write'];
    });
  }
}
