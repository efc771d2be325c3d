import { type Clock, systemClock } from '../clock.ts';
import { createLog, type Log } from '../log.ts';
import { type Bus, type BusMode, newBusCounters } from './bus.ts';
import { Canary } from './canary.ts';
import { newNodeId, openEnvelope, sealEnvelope } from './envelope.ts';
import { ListenedBus } from './listened-bus.ts';
import { type Publication, PublishQueue } from './publish-queue.ts';
import { parseRedisAddress, type RedisAddress } from './redis-address.ts';
import { RedisLink } from './redis-link.ts';

/** A new link has to carry its first echo within this. */
const openMs = 5_000;
/** Links are made again after a random part of a time that doubles up to this, so that nodes do not come all at once. */
const maxBackoffMs = 5_000;
const firstBackoffMs = 200;
/** What may be on its way to Redis, unconfirmed. */
const maxCharactersUnderWay = 1024 * 1024;
/** Trouble is told this often at most. */
const tellEveryMs = 60_000;
/** What is still to be said when the bus is closed gets this long. */
const goodbyeMs = 1_000;

export interface RedisBusOptions {
  /** `redis://`, `rediss://`, `redis+sentinel://…/name` or `redis+cluster://`; see `redis-address.ts`. */
  url: string;
  /** What all names in Redis begin with. */
  prefix: string;
  clock?: Clock;
  log?: Log;
}

/**
 * Nodes hear of each other through Redis Pub/Sub. Returns at once: where Redis cannot be reached the bus is `down` and keeps
 * trying. Throws a sentence where the address makes no sense.
 */
export function openRedisBus({ url, prefix, clock = systemClock, log = createLog('info') }: RedisBusOptions): Bus {
  return new RedisBus(parseRedisAddress(url), prefix, clock, log);
}

/**
 * Trusts no connection, only its own echo. A link that has any trouble is let go of, and another one is made; the bus is `up`
 * once that one has carried an echo, and then tells of a gap. What is published goes out in one pipeline for each turn, and is
 * not waited for.
 */
class RedisBus extends ListenedBus implements Bus {
  readonly counters = newBusCounters();
  readonly #node = newNodeId();
  readonly #address: RedisAddress;
  readonly #prefix: string;
  readonly #clock: Clock;
  readonly #log: Log;
  /** Topics that are wanted, and those of them that the link has. */
  readonly #wanted = new Set<string>();
  readonly #inForce = new Set<string>();
  readonly #queue = new PublishQueue((count) => (this.counters.unsent += count));
  readonly #underWay = new Set<readonly Publication[]>();
  #charactersUnderWay = 0;
  readonly #canaryChannel: string;
  #mode: BusMode = 'down';
  /** The one that is being made or used; undefined while the next one is waited for. */
  #link: RedisLink | undefined;
  #canary: Canary | undefined;
  #failures = 0;
  #stopTimer = (): void => {};
  #isFlushPlanned = false;
  #syncing: Promise<void> | undefined;
  #toldAt: number | undefined;
  #isTroubleTold = false;
  #onDrained = (): void => {};
  #closing: Promise<void> | undefined;

  constructor(address: RedisAddress, prefix: string, clock: Clock, log: Log) {
    super();
    this.#address = address;
    this.#prefix = prefix;
    this.#clock = clock;
    this.#log = log;
    this.#canaryChannel = `${prefix}:node:${this.#node}`;
    this.#connect();
  }

  get mode(): BusMode {
    return this.#mode;
  }

  publish(topic: string, payload: string): void {
    if (this.#closing) return;
    const text = sealEnvelope(this.#node, payload);
    if (text === undefined) {
      this.counters.unsent += 1;
      return this.tellError(new Error(`What is ${payload.length} characters long is too long for the bus.`), 'publish');
    }
    this.#queue.add({ channel: this.#channelOf(topic), text, at: this.#clock.now() });
    if (this.#isFlushPlanned) return;
    this.#isFlushPlanned = true;
    queueMicrotask(() => {
      this.#isFlushPlanned = false;
      this.#flush();
    });
  }

  async subscribe(topic: string): Promise<void> {
    this.#wanted.add(topic);
    await this.#sync();
  }

  async unsubscribe(topic: string): Promise<void> {
    this.#wanted.delete(topic);
    await this.#sync();
  }

  close(): Promise<void> {
    return (this.#closing ??= this.#end());
  }

  async #end(): Promise<void> {
    this.#flush();
    await this.#drained();
    this.forgetListeners();
    this.#letGo();
    this.#mode = 'down';
  }

  #connect(): void {
    const link: RedisLink = new RedisLink(this.#address, {
      heard: (channel, text) => this.#heard(link, channel, text),
      broken: (error) => this.#fail(link, error),
    });
    this.#link = link;
    this.#stopTimer = this.#clock.after(openMs, () => this.#fail(link, new Error('it does not answer')));
    this.#open(link).catch((error: unknown) => this.#fail(link, error));
  }

  async #open(link: RedisLink): Promise<void> {
    await link.open();
    await link.subscribe([this.#canaryChannel]);
    await this.#bringInStep(link);
    const canary = new Canary({
      clock: this.#clock,
      sing: async (words) => {
        const [refusal] = await link.publish([{ channel: this.#canaryChannel, text: words }]);
        if (refusal) throw refusal;
      },
      onLost: (error) => this.#fail(link, error),
    });
    this.#canary = canary;
    await canary.once();
    // Topics may have been added meanwhile; from the last look on it is one turn.
    await this.#bringInStep(link);
    if (this.#link !== link || this.#closing) return canary.stop();
    this.#stopTimer();
    this.#failures = 0;
    canary.watch();
    this.#turn('up');
    if (this.#isTroubleTold) this.#log.info('Redis answers.');
    this.#isTroubleTold = false;
    this.#flush();
    this.tellGap();
  }

  /** The link is of no use any more. The next one is made after a while. */
  #fail(link: RedisLink, error: unknown): void {
    if (this.#link !== link) return;
    this.#letGo();
    if (this.#closing) return;
    this.#tell(error);
    const backoffMs = Math.random() * Math.min(maxBackoffMs, firstBackoffMs * 2 ** this.#failures);
    this.#failures += 1;
    this.#stopTimer = this.#clock.after(backoffMs, () => this.#connect());
    this.#turn('down');
  }

  #letGo(): void {
    this.#stopTimer();
    this.#canary?.stop();
    this.#canary = undefined;
    this.#link?.destroy();
    this.#link = undefined;
    this.#inForce.clear();
    this.#syncing = undefined;
    // Nobody knows whether Redis has got them; said twice is no harm.
    this.#queue.putBack([...this.#underWay].flat());
    this.#underWay.clear();
    this.#charactersUnderWay = 0;
    this.#onDrained();
  }

  /** What was asked for in one turn goes out together. While the bus is down there is nothing to wait for. */
  #sync(): Promise<void> | undefined {
    const link = this.#link;
    if (!link || this.#mode !== 'up') return undefined;
    return (this.#syncing ??= Promise.resolve()
      .then(() => this.#bringInStep(link))
      .catch((error: unknown) => this.#fail(link, error))
      .finally(() => {
        if (this.#link === link) this.#syncing = undefined;
      }));
  }

  /** Until the link has the topics that are wanted, and no others. */
  async #bringInStep(link: RedisLink): Promise<void> {
    while (this.#link === link) {
      const missing = [...this.#wanted].filter((topic) => !this.#inForce.has(topic));
      const unwanted = [...this.#inForce].filter((topic) => !this.#wanted.has(topic));
      if (missing.length + unwanted.length === 0) return;
      if (missing.length > 0) await link.subscribe(missing.map((topic) => this.#channelOf(topic)));
      if (unwanted.length > 0) await link.unsubscribe(unwanted.map((topic) => this.#channelOf(topic)));
      if (this.#link !== link) return;
      for (const topic of missing) this.#inForce.add(topic);
      for (const topic of unwanted) this.#inForce.delete(topic);
    }
  }

  #flush(): void {
    const link = this.#link;
    if (!link || this.#mode !== 'up') return;
    const publications = this.#queue.take(this.#clock.now(), maxCharactersUnderWay - this.#charactersUnderWay);
    if (publications.length === 0) return;
    this.#underWay.add(publications);
    this.#charactersUnderWay += charactersOf(publications);
    link.publish(publications).then((refusals) => this.#taken(publications, refusals), (error: unknown) => this.#fail(link, error));
  }

  #taken(publications: readonly Publication[], refusals: readonly Error[]): void {
    // Where the link was let go of meanwhile, they are in the queue again.
    if (!this.#underWay.delete(publications)) return;
    this.#charactersUnderWay -= charactersOf(publications);
    this.counters.published += publications.length - refusals.length;
    this.counters.unsent += refusals.length;
    if (refusals.length > 0) this.tellError(refusals[0], 'publish');
    this.#flush();
    if (this.#underWay.size === 0) this.#onDrained();
  }

  async #drained(): Promise<void> {
    if (this.#underWay.size === 0) return;
    await new Promise<void>((resolve) => {
      const stopWaiting = this.#clock.after(goodbyeMs, resolve);
      this.#onDrained = () => {
        stopWaiting();
        resolve();
      };
    });
  }

  #heard(link: RedisLink, channel: string, text: string): void {
    if (this.#link !== link || this.#closing) return;
    if (channel === this.#canaryChannel) return this.#canary?.heard(text);
    const envelope = openEnvelope(text);
    if (!envelope) {
      this.counters.garbage += 1;
      return;
    }
    const topic = channel.slice(this.#prefix.length + 1);
    if (envelope.node === this.#node || !this.#wanted.has(topic)) return;
    this.counters.delivered += 1;
    this.tellDelivery(topic, envelope.payload);
  }

  #turn(mode: BusMode): void {
    if (this.#mode === mode) return;
    this.#mode = mode;
    this.tellMode(mode);
  }

  #channelOf(topic: string): string {
    return `${this.#prefix}:${topic}`;
  }

  /** Only the words of an error: the error itself may hold the command that it answers, and that one a password. */
  #tell(error: unknown): void {
    const now = this.#clock.now();
    if (this.#toldAt !== undefined && Math.abs(now - this.#toldAt) < tellEveryMs) return;
    this.#toldAt = now;
    this.#isTroubleTold = true;
    const { message, code } = error as NodeJS.ErrnoException;
    this.#log.warn('Redis cannot be used: this server goes on without it, asks the database instead, and keeps trying.', { cause: message || code });
  }
}

function charactersOf(publications: readonly Publication[]): number {
  return publications.reduce((sum, { text }) => sum + text.length, 0);
}
