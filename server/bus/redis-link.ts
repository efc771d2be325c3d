import type { Redis, RedisOptions } from 'ioredis';
import type { RedisAddress } from './redis-address.ts';

const connectTimeoutMs = 4_000;
const sentinelTimeoutMs = 2_000;
/** A connection that is let go of is given this long to say goodbye. */
const disconnectTimeoutMs = 100;

export interface LinkListener {
  heard(channel: string, text: string): void;
  /** It is over with this link. Called at most once. */
  broken(error: Error): void;
}

/**
 * Two connections to Redis, one to speak and one to listen, used until anything is wrong with either, and never again. They do
 * not reconnect, do not queue and do not repeat by themselves: who has lost one does not know what was lost with it, so the bus
 * makes a new link and starts over (G6).
 */
export class RedisLink {
  readonly #address: RedisAddress;
  readonly #listener: LinkListener;
  readonly #clients = new Set<Redis>();
  #publisher: Redis | undefined;
  #subscriber: Redis | undefined;
  #isOver = false;

  constructor(address: RedisAddress, listener: LinkListener) {
    this.#address = address;
    this.#listener = listener;
  }

  async open(): Promise<void> {
    const [publisher, subscriber] = await Promise.all([this.#connect(), this.#connect()]);
    subscriber.on('message', (channel, text) => {
      if (!this.#isOver) this.#listener.heard(channel, text);
    });
    this.#publisher = publisher;
    this.#subscriber = subscriber;
  }

  /** Resolves when Redis has confirmed it. */
  async subscribe(channels: readonly string[]): Promise<void> {
    await this.#subscriber?.subscribe(...channels);
  }

  async unsubscribe(channels: readonly string[]): Promise<void> {
    await this.#subscriber?.unsubscribe(...channels);
  }

  /** Says all of it in one go. Resolves to what Redis has refused; rejects where nobody knows what it has got. */
  async publish(publications: readonly { channel: string; text: string }[]): Promise<Error[]> {
    const pipeline = this.#publisher?.pipeline();
    if (!pipeline) throw new Error('Nothing can be published before Redis is reached.');
    for (const { channel, text } of publications) pipeline.publish(channel, text);
    const errors = ((await pipeline.exec()) ?? []).map(([error]) => error).filter((error) => error !== null);
    const lost = errors.find(({ name }) => name !== 'ReplyError');
    if (lost) throw lost;
    return errors;
  }

  destroy(): void {
    this.#isOver = true;
    for (const client of this.#clients) client.disconnect();
    this.#clients.clear();
  }

  async #connect(): Promise<Redis> {
    // Any machine of a cluster carries what was published on any other.
    const choices = this.#address.kind === 'cluster' ? shuffled(this.#address.hosts) : [undefined];
    let failure: unknown;
    for (const host of choices) {
      try {
        return await this.#connectTo(optionsOf(this.#address, host));
      } catch (error) {
        failure = error;
        if (this.#isOver) break;
      }
    }
    throw failure;
  }

  async #connectTo(options: RedisOptions): Promise<Redis> {
    // Not loaded by those who have no Redis.
    const { Redis } = await import('ioredis');
    if (this.#isOver) throw new Error('The connection to Redis is not wanted any more.');
    const client = new Redis(options);
    this.#clients.add(client);
    let trouble: Error | undefined;
    let isReady = false;
    client.on('error', (error) => (trouble = error));
    client.on('end', () => {
      this.#clients.delete(client);
      if (isReady && !this.#isOver) this.#break(trouble ?? new Error('The connection to Redis was closed.'));
    });
    try {
      await client.connect();
    } catch (error) {
      client.disconnect();
      // What is thrown says that the connection is closed; why, was told before.
      throw trouble ?? error;
    }
    isReady = true;
    return client;
  }

  #break(error: Error): void {
    this.destroy();
    this.#listener.broken(error);
  }
}

function optionsOf(address: RedisAddress, host = address.hosts[0]): RedisOptions {
  const { kind, hosts, isTls, username, password, name, sentinelUsername, sentinelPassword } = address;
  const where = kind === 'sentinel'
    ? {
      sentinels: [...hosts], name, sentinelUsername, sentinelPassword, sentinelRetryStrategy: () => null,
      sentinelCommandTimeout: sentinelTimeoutMs, ...(isTls ? { enableTLSForSentinelMode: true, sentinelTLS: {} } : {}),
    }
    : { ...host };
  return {
    ...where, ...(isTls ? { tls: {} } : {}), username, password, connectTimeout: connectTimeoutMs, disconnectTimeout: disconnectTimeoutMs,
    connectionName: 'chatter', disableClientInfo: true,
    // The older protocol is all that is needed, and every Redis and each proxy in front of one speaks it.
    protocol: 2,
    lazyConnect: true, retryStrategy: () => null, enableOfflineQueue: false, autoResubscribe: false, autoResendUnfulfilledCommands: false,
    // After a failover it shows whether the one that the Sentinels named has become the master.
    enableReadyCheck: kind === 'sentinel',
  };
}

function shuffled<T>(items: readonly T[]): T[] {
  return items.map((item) => ({ item, at: Math.random() })).sort((a, b) => a.at - b.at).map(({ item }) => item);
}
