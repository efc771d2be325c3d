import type { Clock } from '../clock.ts';
import type { Limits } from '../context.ts';
import { ChatterError } from '../errors.ts';
import { type Metrics, noMetrics, type RateBucket } from '../metrics.ts';
import { RateLimiter, takeOfEach } from './rate-limiter.ts';
import { tenantKey } from './tenant-key.ts';

/** How fast people, rooms, tenants and addresses may go on, over all their connections to this node and REST (F5). */
export class Rates {
  readonly #sends: RateLimiter;
  readonly #roomSends: RateLimiter;
  readonly #tenantSends: RateLimiter;
  readonly #requests: RateLimiter;
  readonly #addresses: RateLimiter;
  readonly #metrics: Pick<Metrics, 'rateLimited'>;

  constructor(limits: Limits, clock: Clock, metrics: Pick<Metrics, 'rateLimited'> = noMetrics) {
    this.#metrics = metrics;
    this.#sends = new RateLimiter({ perSecond: limits.sendsPerSecond, burst: limits.sendBurst }, clock);
    this.#roomSends = new RateLimiter({ perSecond: limits.roomSendsPerSecond, burst: limits.roomSendBurst }, clock);
    this.#tenantSends = new RateLimiter({ perSecond: limits.tenantSendsPerSecond, burst: limits.tenantSendBurst }, clock);
    this.#requests = new RateLimiter({ perSecond: limits.requestsPerSecond, burst: limits.requestBurst }, clock);
    this.#addresses = new RateLimiter({ perSecond: limits.connectsPerSecond, burst: limits.connectBurst }, clock);
  }

  /** To be asked of who may send there only, or strangers would use up what a room takes. */
  takeSend(tenant: string, room: string, user: string): void {
    this.#refuseOver('sends', takeOfEach(
      [this.#sends, tenantKey(tenant, room, user)], [this.#roomSends, tenantKey(tenant, room)], [this.#tenantSends, tenant],
    ), 'More is being sent here than is taken at a time.');
  }

  takeRequest(tenant: string, user: string): void {
    this.#refuseOver('requests', this.#requests.take(tenantKey(tenant, user)), 'You are asking for more than one person may at a time.');
  }

  /** 0, or in how many milliseconds this address may connect. */
  takeConnect(address: string | undefined): number {
    return address === undefined ? 0 : this.#addresses.take(`connect ${address}`);
  }

  /**
   * Before a request is looked at whose token may be good or not: not where too many of this address were not. What connects
   * has a bucket of its own, so that a crowd that comes back at once does not shut out its own requests.
   */
  mustAllowStranger(address: string | undefined): void {
    if (address === undefined) return;
    const now = this.#addresses.clock.now();
    this.#refuseOver('strangers', Math.ceil(this.#addresses.bucket(`stranger ${address}`).waitMs(now)), 'Too many requests of this address had no good token.');
  }

  takeStranger(address: string | undefined): void {
    this.mustAllowStranger(address);
    this.countStranger(address);
  }

  /** A request had no good token. */
  countStranger(address: string | undefined): void {
    if (address !== undefined) this.#addresses.bucket(`stranger ${address}`).spend(this.#addresses.clock.now());
  }

  #refuseOver(bucket: RateBucket, afterMs: number, sentence: string): void {
    if (afterMs <= 0) return;
    this.#metrics.rateLimited(bucket);
    throw new ChatterError('rate_limited', sentence, { afterMs });
  }
}
