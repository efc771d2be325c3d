import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import { closeCodes, errorCodes, type ErrorCode } from '#protocol/codes';
import { type RequestKind, requests } from '#protocol/frames';
import type { BusCounters, BusMode } from './bus/bus.ts';
import { type Metrics, type RateBucket, rateBuckets } from './metrics.ts';

/** What is not counted as it happens, but looked at when somebody asks. */
export interface MetricSources {
  sessions(): { live: number; anonymous: number };
  openRooms(): number;
  presentPeople(): number;
  bus: { readonly mode: BusMode; readonly counters: Readonly<BusCounters> };
}

const requestSeconds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
const busModes = ['alone', 'up', 'down'] as const satisfies readonly BusMode[];
const other = 'other';

/**
 * Counts in plain numbers, which are handed to the library when somebody asks for them: counting in the library costs
 * tens of times as much, and frames go out by the hundred thousand. Every label has a fixed set of values.
 */
export class PrometheusMetrics implements Metrics {
  readonly #registry = new Registry();
  readonly #framesReceived = new Counts([...Object.keys(requests), 'hello', 'heartbeat', 'typing', other]);
  readonly #answers = new Counts(['ok', ...errorCodes]);
  readonly #closes = new Counts([...Object.values(closeCodes).map(String), '1009', 'gone', other]);
  readonly #rateLimits = new Counts(rateBuckets);
  readonly #requests: Histogram<'kind'>;
  readonly #transactions: Histogram;
  readonly #transactionWrites: Histogram;
  #framesSent = 0;
  #sentBytes = 0;
  #factsDelivered = 0;
  #messagesStored = 0;
  #writesWaiting = 0;
  #statements = 0;
  #databaseFailures = 0;
  #busGaps = 0;
  #holesHealed = 0;
  #resets = 0;

  constructor() {
    const registers = [this.#registry];
    this.#requests = new Histogram({
      name: 'chatter_request_duration_seconds', help: 'Time from reading a request to its answer.', labelNames: ['kind'], buckets: requestSeconds, registers,
    });
    this.#transactions = new Histogram({ name: 'chatter_transaction_duration_seconds', help: 'Time of a transaction, commit included.', buckets: requestSeconds, registers });
    this.#transactionWrites = new Histogram({
      name: 'chatter_transaction_writes', help: 'Writes that one transaction took in.', buckets: [1, 2, 5, 10, 25, 50, 100, 250], registers,
    });
    this.#counters('chatter_frames_received_total', 'Frames that sessions said, by kind.', 'kind', () => this.#framesReceived.all);
    this.#counters('chatter_answers_total', 'Answers to requests, over the socket and REST, by code.', 'code', () => this.#answers.all);
    this.#counters('chatter_sessions_closed_total', 'Sessions that ended, by the code they were closed with; gone: the other end went.', 'code', () => this.#closes.all);
    this.#counters('chatter_rate_limited_total', 'Refusals because of a limit on how fast one may go, by limit.', 'bucket', () => this.#rateLimits.all);
    this.#counter('chatter_frames_sent_total', 'Frames sent to sessions.', () => this.#framesSent);
    this.#counter('chatter_sent_bytes_total', 'Bytes of those frames.', () => this.#sentBytes);
    this.#counter('chatter_facts_delivered_total', 'Facts sent, counted for each session that got them.', () => this.#factsDelivered);
    this.#counter('chatter_messages_stored_total', 'Messages that were new, and stored.', () => this.#messagesStored);
    this.#counter('chatter_slow_readers_total', 'Sessions closed because they read too slowly.', () => this.#closes.of(String(closeCodes.slowReader)));
    this.#counter('chatter_sql_statements_total', 'SQL statements.', () => this.#statements);
    this.#counter('chatter_database_errors_total', 'SQL statements that failed.', () => this.#databaseFailures);
    this.#counter('chatter_bus_gaps_total', 'Times that the bus may have lost deliveries.', () => this.#busGaps);
    this.#counter('chatter_holes_healed_total', 'Rooms that had missed something and were caught up from the database.', () => this.#holesHealed);
    this.#counter('chatter_resets_total', 'Clients and rooms that had to start over from the newest page.', () => this.#resets);
    this.#gauge('chatter_writes_waiting', 'Writes that wait for their transaction.', () => this.#writesWaiting);
  }

  /** Whatever is looked at, once it is there. */
  watch({ sessions, openRooms, presentPeople, bus }: MetricSources): void {
    this.#gauges('chatter_sessions', 'Sessions, and sockets that have not said who they are.', 'state', () => ({ ...sessions() }));
    this.#gauge('chatter_rooms_open', 'Rooms that sessions of this node have open.', openRooms);
    this.#gauge('chatter_presence_people', 'People who have sessions on this node.', presentPeople);
    this.#gauges('chatter_bus_mode', 'Whether this node hears of the others: 1 for what holds now.', 'mode', () =>
      Object.fromEntries(busModes.map((mode) => [mode, bus.mode === mode ? 1 : 0])));
    this.#counter('chatter_bus_published_total', 'Payloads that the bus took for other nodes.', () => bus.counters.published);
    this.#counter('chatter_bus_delivered_total', 'Payloads heard of other nodes.', () => bus.counters.delivered);
    this.#counters('chatter_bus_dropped_total', 'Payloads that never went out (unsent), or made no sense (garbage).', 'reason', () => {
      const { unsent, garbage } = bus.counters;
      return { unsent, garbage };
    });
  }

  /** All of it in the text form of Prometheus, with what Node tells of the process. */
  async text(): Promise<string> {
    return `${await this.#registry.metrics()}\n${await ofProcess().metrics()}`;
  }

  frameReceived(kind: string): void {
    this.#framesReceived.add(kind);
  }

  frameSent(bytes: number): void {
    this.#framesSent += 1;
    this.#sentBytes += bytes;
  }

  factsDelivered(count: number): void {
    this.#factsDelivered += count;
  }

  answered(code: 'ok' | ErrorCode): void {
    this.#answers.add(code);
  }

  requestTook(kind: RequestKind, ms: number): void {
    this.#requests.observe({ kind }, ms / 1000);
  }

  messageStored(): void {
    this.#messagesStored += 1;
  }

  sessionClosed(code?: number): void {
    this.#closes.add(code === undefined ? 'gone' : String(code));
  }

  rateLimited(bucket: RateBucket): void {
    this.#rateLimits.add(bucket);
  }

  transactionTook(writes: number, ms: number): void {
    this.#transactions.observe(ms / 1000);
    this.#transactionWrites.observe(writes);
  }

  writesWaiting(count: number): void {
    this.#writesWaiting = count;
  }

  statement(): void {
    this.#statements += 1;
  }

  databaseFailed(): void {
    this.#databaseFailures += 1;
  }

  busGap(): void {
    this.#busGaps += 1;
  }

  holeHealed(): void {
    this.#holesHealed += 1;
  }

  reset(): void {
    this.#resets += 1;
  }

  #counter(name: string, help: string, read: () => number): void {
    new Counter({
      name, help, registers: [this.#registry],
      collect() {
        this.reset();
        this.inc(read());
      },
    });
  }

  #counters(name: string, help: string, label: string, read: () => Readonly<Record<string, number>>): void {
    new Counter({
      name, help, labelNames: [label], registers: [this.#registry],
      collect() {
        this.reset();
        for (const [value, count] of Object.entries(read())) this.inc({ [label]: value }, count);
      },
    });
  }

  #gauge(name: string, help: string, read: () => number): void {
    new Gauge({
      name, help, registers: [this.#registry],
      collect() {
        this.set(read());
      },
    });
  }

  #gauges(name: string, help: string, label: string, read: () => Readonly<Record<string, number>>): void {
    new Gauge({
      name, help, labelNames: [label], registers: [this.#registry],
      collect() {
        for (const [value, count] of Object.entries(read())) this.set({ [label]: value }, count);
      },
    });
  }
}

/** How often each of a fixed set of things happened. What is not of the set counts as `other`, and where there is no other, not. */
class Counts {
  readonly #counts = new Map<string, number>();

  constructor(names: readonly string[]) {
    for (const name of names) this.#counts.set(name, 0);
  }

  get all(): Record<string, number> {
    return Object.fromEntries(this.#counts);
  }

  of(name: string): number {
    return this.#counts.get(name) ?? 0;
  }

  add(name: string): void {
    const known = this.#counts.has(name) ? name : other;
    const count = this.#counts.get(known);
    if (count !== undefined) this.#counts.set(known, count + 1);
  }
}

/** What the library makes by listing every socket of the process, with which a reading would stop the server for a moment. */
const listings = ['handles', 'requests', 'resources'].flatMap((what) => [`nodejs_active_${what}`, `nodejs_active_${what}_total`]);
let processRegistry: Registry | undefined;

/**
 * What Node tells of the process: memory, handles, how late the event loop is. One for all servers in it, as the library can
 * begin to watch and cannot stop; and only once somebody asks.
 */
function ofProcess(): Registry {
  if (!processRegistry) {
    processRegistry = new Registry();
    collectDefaultMetrics({ register: processRegistry });
    for (const name of listings) processRegistry.removeSingleMetric(name);
  }
  return processRegistry;
}
