import { type Options, Sequelize } from 'sequelize';
import type { Clock } from '../clock.ts';
import { type Connection, type Database, DatabaseTrouble, failureOf, type OnQuery } from './database.ts';
import type { ServerAddress } from './database-url.ts';
import type { Dialect } from './dialect.ts';
import type { Row } from './rows.ts';
import { sql, type Sql } from './sql.ts';

/** What a server has to end a statement after. */
export const statementTimeoutMs = 5_000;
/** How long a row that another transaction holds is waited for; longer than servers take to see a deadlock (1 s). */
export const lockTimeoutMs = 2_000;
/** A server ends transactions that stand still, so that a node which hangs does not hold rooms for ever. */
export const idleTransactionTimeoutMs = 10_000;
/** After this long without an answer the server or the way to it is gone: the connection is given up. */
const answerTimeoutMs = statementTimeoutMs + 1_000;
/** A migration may have much to do, and wait for another process that does it. */
const migrationTimeoutMs = 3_600_000;
/** To be connected, or for a connection that others use. */
export const connectTimeoutMs = 5_000;
/** Transactions that had to give way are done again this often. */
const maxRetries = 3;
/** Statements that may wait for a connection; an answer that comes after all these would be too late. */
const maxWaiting = 10_000;

/** A connection that Sequelize has opened: the driver's own. */
export type Link = object;

/** How one driver is used: Sequelize opens and keeps its connections, and statements go straight to them. */
export interface ServerDriver {
  options(address: ServerAddress): Options;
  /** Makes a new connection ready, and tells what it speaks. Throws a sentence where the server will not do. */
  greet(ask: (statement: Sql) => Promise<Row[]>): Promise<Dialect>;
  query(link: Link, statement: Sql): Promise<Row[]>;
  /** Lets go of a connection whatever the server does. */
  sever(link: Link): void;
  /** Does the work alone among all processes, with as much time as it takes, and commits it. */
  alone(connection: Connection, work: (connection: Connection) => Promise<void>): Promise<void>;
}

interface ServerOptions {
  connections: number;
  clock: Clock;
  onQuery?: OnQuery;
}

/**
 * A database that is a server. One connection is kept for writing, because there is one transaction at a time, and the others
 * read: so neither has to wait for the other. Where there is but one, they take turns.
 */
export class ServerDatabase implements Database {
  readonly dialect: Dialect;
  readonly reader: Connection;
  readonly #driver: ServerDriver;
  readonly #writing: Pool;
  readonly #pools: readonly Pool[];

  /** Connects, so that what is wrong with the address is known at once. */
  static async open(driver: ServerDriver, address: ServerAddress, options: ServerOptions): Promise<ServerDatabase> {
    const writing = new Pool(driver, address, { ...options, connections: 1 });
    try {
      const dialect = await writing.use((connection) => Promise.resolve(connection.dialect));
      const reading = options.connections > 1 ? new Pool(driver, address, { ...options, connections: options.connections - 1 }) : writing;
      return new ServerDatabase(driver, dialect, writing, reading);
    } catch (error) {
      await writing.close();
      throw error;
    }
  }

  private constructor(driver: ServerDriver, dialect: Dialect, writing: Pool, reading: Pool) {
    this.dialect = dialect;
    this.#driver = driver;
    this.#writing = writing;
    this.#pools = [...new Set([writing, reading])];
    this.reader = {
      dialect,
      all: (statement) => reading.use((connection) => connection.all(statement)),
      run: (statement) => reading.use((connection) => connection.run(statement)),
    };
  }

  async transaction<T>(work: (connection: Connection) => Promise<T>): Promise<T> {
    for (let retriesLeft = maxRetries; ; retriesLeft -= 1) {
      try {
        return await this.#writing.use((connection) => this.#once(connection, work));
      } catch (error) {
        if (retriesLeft === 0 || !(error instanceof DatabaseTrouble) || error.trouble !== 'again') throw error;
      }
    }
  }

  alone(work: (connection: Connection) => Promise<void>): Promise<void> {
    return this.#writing.use((connection) => this.#driver.alone(connection, work), { isLong: true });
  }

  async close(): Promise<void> {
    await Promise.all(this.#pools.map((pool) => pool.close()));
  }

  async #once<T>(connection: Connection, work: (connection: Connection) => Promise<T>): Promise<T> {
    try {
      await connection.run(this.dialect.begin);
      const result = await work(connection);
      await connection.run(sql`COMMIT`);
      return result;
    } catch (error) {
      // Where even this fails, the connection is given up, and the server rolls back by itself.
      await connection.run(sql`ROLLBACK`).catch(() => undefined);
      throw error;
    }
  }
}

/** Connections that are kept, and given up when they are no good any more. */
class Pool {
  readonly #driver: ServerDriver;
  readonly #clock: Clock;
  readonly #onQuery: OnQuery | undefined;
  readonly #sequelize: Sequelize;
  readonly #manager: Sequelize['connectionManager'];
  /** What each connection speaks. */
  readonly #dialects = new WeakMap<Link, Dialect>();
  #waiting = 0;

  constructor(driver: ServerDriver, address: ServerAddress, { connections, clock, onQuery }: ServerOptions) {
    this.#driver = driver;
    this.#clock = clock;
    this.#onQuery = onQuery;
    const { host, port, user, password, database } = address;
    const options = {
      host, port, username: user, password, database, logging: false as const,
      // Spares a statement for each connection; it is not among the types.
      keepDefaultTimezone: true,
      // They are few, and a storm must not find them closed.
      pool: { max: connections, min: 0, acquire: connectTimeoutMs, idle: 2 ** 31 - 1, evict: 2 ** 31 - 1 },
      hooks: { afterConnect: (link: unknown) => this.#greet(link as Link) },
      ...driver.options(address),
    };
    this.#sequelize = new Sequelize(options);
    this.#manager = this.#sequelize.connectionManager;
  }

  async use<T>(work: (connection: Connection) => Promise<T>, { isLong = false } = {}): Promise<T> {
    const link = await this.#acquire();
    const dialect = this.#dialects.get(link)!;
    let isLost = false;
    const all = async (statement: Sql): Promise<Row[]> => {
      this.#onQuery?.(statement.text);
      try {
        return await this.#ask(link, statement, isLong ? migrationTimeoutMs : answerTimeoutMs);
      } catch (error) {
        const failure = failureOf(dialect, error);
        isLost ||= failure instanceof DatabaseTrouble && failure.trouble === 'unavailable';
        throw failure;
      }
    };
    try {
      return await work({ dialect, all, run: async (statement) => void (await all(statement)) });
    } finally {
      // Settings of a long one are its own.
      if (isLost || isLong) this.#giveUp(link);
      else this.#manager.releaseConnection(link);
    }
  }

  close(): Promise<void> {
    return this.#sequelize.close();
  }

  async #acquire(): Promise<Link> {
    if (this.#waiting >= maxWaiting) throw new DatabaseTrouble('unavailable', new Error(`${maxWaiting} statements wait for a connection.`));
    this.#waiting += 1;
    try {
      return await this.#manager.getConnection({ type: 'write' });
    } catch (error) {
      throw new DatabaseTrouble('unavailable', driverErrorOf(error));
    } finally {
      this.#waiting -= 1;
    }
  }

  async #greet(link: Link): Promise<void> {
    try {
      this.#dialects.set(link, await this.#driver.greet((statement) => this.#ask(link, statement, answerTimeoutMs)));
    } catch (error) {
      this.#driver.sever(link);
      throw error;
    }
  }

  #giveUp(link: Link): void {
    this.#driver.sever(link);
    this.#manager.destroyConnection(link).catch(() => undefined);
  }

  /** A server that stands still, or the way to it, would never answer. */
  #ask(link: Link, statement: Sql, timeoutMs: number): Promise<Row[]> {
    return new Promise((resolve, reject) => {
      const stop = this.#clock.after(timeoutMs, () => {
        this.#driver.sever(link);
        reject(new Error(`The database has not answered in ${timeoutMs / 1_000} s.`));
      });
      this.#driver.query(link, statement).then(resolve, reject).finally(stop);
    });
  }
}

/** Sequelize wraps what the driver threw, sometimes twice. */
function driverErrorOf(error: unknown): unknown {
  const { parent } = (error ?? {}) as { parent?: unknown };
  return parent === undefined ? error : driverErrorOf(parent);
}
