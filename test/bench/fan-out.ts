import type { Benchmark, BenchmarkOptions, Measurement } from './benchmark.ts';
import { Arrivals } from './load/arrivals.ts';
import { BareSide } from './load/bare-side.ts';
import { ChatterSide } from './load/chatter-side.ts';
import { findHighestRate } from './load/highest-rate.ts';
import { type Offer, offer } from './load/offer.ts';
import { saturateRoom } from './load/saturate.ts';
import type { Side } from './load/side.ts';
import { SocketIoSide } from './load/socket-io-side.ts';
import { ChildServer } from './servers/child-server.ts';
import { openPlace, type Place, type StoreKind } from './servers/stores.ts';

const calmPerSecond = 20;
/** Of a frame with one message, where Chatter was not measured in this run. */
const usualFrameBytes = 503;

interface Lengths {
  sizes: readonly number[];
  warmMs: number;
  saturatedMs: number;
  calmSeconds: number;
  searchSeconds: number;
  confirmSeconds: number;
}

const full: Lengths = { sizes: [10, 100, 1_000, 5_000], warmMs: 500, saturatedMs: 1_500, calmSeconds: 2, searchSeconds: 1.25, confirmSeconds: 3 };
const quick: Lengths = { sizes: [10, 100], warmMs: 100, saturatedMs: 200, calmSeconds: 0.5, searchSeconds: 0.3, confirmSeconds: 0.5 };

/** How many messages a second one room takes, of how many people, and how soon they arrive. */
export const fanOut: Benchmark = {
  name: 'fan-out',
  stores: ['sqlite', 'postgres'],
  async run(options) {
    const measurements: Measurement[] = [];
    let frameBytes = usualFrameBytes;
    for (const store of options.stores) {
      const place = await openPlace(store);
      try {
        const chatter = new ChatterSide([await startServer('chatter-server', place)]);
        measurements.push(...await measure(chatter, { side: 'Chatter', store }, options));
        frameBytes = chatter.frameBytes;
        const socketIo = new SocketIoSide([await startServer('socket-io-server', place)]);
        measurements.push(...await measure(socketIo, { side: 'Socket.IO', store }, options));
      } finally {
        await place.stop();
      }
    }
    const bare = new BareSide(await ChildServer.start('ws-server'), frameBytes);
    measurements.push(...await measure(bare, { side: 'ws' }, options));
    return measurements;
  },
};

async function startServer(name: string, place: Place): Promise<ChildServer> {
  return ChildServer.start(name, { database: await place.database(), redis: place.redis });
}

/** One server, and a room that grows from one size to the next. */
async function measure(
  side: Side, who: { side: Measurement['side']; store?: StoreKind }, { isQuick, say }: BenchmarkOptions,
): Promise<Measurement[]> {
  const lengths = isQuick ? quick : full;
  const measurements: Measurement[] = [];
  try {
    for (const sessions of lengths.sizes) {
      say(`${who.side}${who.store === undefined ? '' : ` on ${who.store}`}, ${sessions.toLocaleString('en')} people`);
      const arrivals = new Arrivals(sessions);
      await side.gather(arrivals);
      const { figures, note } = await measureRoom(side, arrivals, lengths, say);
      measurements.push({ benchmark: fanOut.name, ...who, case: String(sessions), figures, note });
    }
  } finally {
    await side.stop();
  }
  return measurements;
}

async function measureRoom(
  side: Side, arrivals: Arrivals, lengths: Lengths, say: BenchmarkOptions['say'],
): Promise<Pick<Measurement, 'figures' | 'note'>> {
  await saturateRoom(side, arrivals, lengths.warmMs);
  const saturated = await saturateRoom(side, arrivals, lengths.saturatedMs);
  const calm = await offer(side, arrivals, calmPerSecond, lengths.calmSeconds);
  say(`  ${calm.verdict}`);

  const failures = new Map<number, Offer>();
  const holds = async (perSecond: number, seconds: number): Promise<Offer> => {
    const offered = await offer(side, arrivals, perSecond, seconds);
    say(`  ${offered.verdict}${offered.holds ? '' : ': does not hold'}`);
    if (!offered.holds) failures.set(perSecond, offered);
    return offered;
  };
  const start = saturated.messagesPerSecond / 2;
  const { highest } = await findHighestRate(start, async (perSecond) => (await holds(perSecond, lengths.searchSeconds)).holds);
  const best = highest === 0 ? undefined : await confirm(highest, (perSecond) => holds(perSecond, lengths.confirmSeconds));
  // The lowest rate that did not hold is the next step.
  const next = failures.get(Math.min(...failures.keys()));
  return {
    figures: {
      calmP50Ms: calm.p50Ms, calmP99Ms: calm.p99Ms,
      deliveriesPerSecond: saturated.deliveriesPerSecond, serverMicrosecondsPerDelivery: saturated.serverMicrosecondsPerDelivery,
      highestPerSecond: best?.perSecond ?? 0,
      ...(best ? { highestP50Ms: best.p50Ms, highestP99Ms: best.p99Ms } : {}),
    },
    note: next?.verdict,
  };
}

/** What held for a moment may not hold for longer, when a queue has time to grow. */
async function confirm(perSecond: number, holds: (perSecond: number) => Promise<Offer>): Promise<Offer | undefined> {
  for (let rate = perSecond; rate >= 1; rate = Math.floor(rate * 0.9)) {
    const offered = await holds(rate);
    if (offered.holds) return offered;
  }
  return undefined;
}
