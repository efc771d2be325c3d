import type { Redis, RedisOptions } from 'ioredis';
import type { RedisAddress } from './redis-address.ts';

const connectTimeoutMs = 4_000;
/** One that hangs must not take the time of the others. */
const sentinelTimeoutMs = 1_500;
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
    for (const client of this.#clients) letGo(client);
    this.#clients.clear();
  }

  /** A connection that may be used, and is watched from now on. */
  async #connect(): Promise<Redis> {
    const client = await this.#find();
    client.on('end', () => this.#break(new Error('the connection was closed')));
    return client;
  }

  async #find(): Promise<Redis> {
    const { kind, hosts } = this.#address;
    let failure: unknown;
    // Sentinels know the same of Redis, and any machine of a cluster carries what was published on any other.
    for (const host of shuffled(hosts)) {
      try {
        return kind === 'sentinel' ? await this.#findMaster(host) : await this.#dial(this.#optionsTo(host));
      } catch (error) {
        failure = error;
      }
      if (this.#isOver) break;
    }
    throw failure;
  }

  async #findMaster(host: Host): Promise<Redis> {
    const { name, sentinelUsername: username, sentinelPassword: password } = this.#address;
    const sentinel = await this.#dial({ ...this.#optionsTo(host), username, password, connectTimeout: sentinelTimeoutMs, commandTimeout: sentinelTimeoutMs });
    const found = await sentinel.call('SENTINEL', 'get-master-addr-by-name', name!).finally(() => letGo(sentinel)) as [string, string] | null;
    if (!found) throw new Error(`the Sentinels know no "${name}"`);
    const client = await this.#dial(this.#optionsTo({ host: found[0], port: Number(found[1]) }));
    // After a failover it may not know yet that it is one no more, or has become one.
    const [role] = await client.call('ROLE') as [string];
    if (role === 'master') return client;
    letGo(client);
    throw new Error('the one that the Sentinels name is no master');
  }

  async #dial(options: RedisOptions): Promise<Redis> {
    // Not loaded by those who have no Redis.
    const { Redis } = await import('ioredis');
    if (this.#isOver) throw new Error('it is not wanted any more');
    const client = new Redis(options);
    this.#clients.add(client);
    let trouble: Error | undefined;
    client.on('error', (error) => {
      trouble = error;
      // With TLS a second one may follow, and ends the process where nobody listens.
      client.stream?.on('error', () => {});
    });
    client.on('end', () => this.#clients.delete(client));
    try {
      await client.connect();
    } catch (error) {
      letGo(client);
      // What is thrown says that the connection is closed; why, was told before.
      throw trouble ?? error;
    }
    return client;
  }

  #optionsTo(host: Host): RedisOptions {
    const { isTls, username, password } = this.#address;
    return {
      ...host, ...(isTls ? { tls: {} } : {}), username, password, connectTimeout: connectTimeoutMs, disconnectTimeout: disconnectTimeoutMs,
      connectionName: 'chatter', disableClientInfo: true,
      // The older protocol is all that is needed, and every Redis and each proxy in front of one speaks it.
      protocol: 2,
      lazyConnect: true, retryStrategy: () => null, enableOfflineQueue: false, autoResubscribe: false, autoResendUnfulfilledCommands: false,
      // It may serve while it loads: nothing of what it has on disk is asked for.
      enableReadyCheck: false,
    };
  }

  #break(error: Error): void {
    if (this.#isOver) return;
    this.destroy();
    this.#listener.broken(error);
  }
}

type Host = RedisAddress['hosts'][number];

function letGo(client: Redis): void {
  client.stream?.on('error', () => {});
  client.disconnect();
}

function shuffled<T>(items: readonly T[]): T[] {
  return items.map((item) => ({ item, at: Math.random() })).sort((a, b) => a.at - b.at).map(({ item }) => item);
}
