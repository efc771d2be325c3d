import { createServer } from 'node:http';
import { openRedisBus } from '../../../server/bus/redis-bus.ts';
import { createChatter, createJwtAuth, createLog, MemoryBroker } from '../../../server/index.ts';
import { openSequelizeStore } from '../../../server/store/sequelize-store.ts';
import { chaosSecret } from '../clients/tokens.ts';
import { plantNamed } from '../plants.ts';
import { CrashPoints } from './crash-points.ts';
import { JumpingClock } from './jumping-clock.ts';
import { LyingBus } from './lying-bus.ts';
import { SmallDisk } from './small-disk.ts';
import type { FromNode, NodeOptions, Question, ToNode } from './node-messages.ts';

/**
 * One node: the server as it is sold, on a port of its own. What is around it here only looks, lies or kills: nothing of the
 * server itself is replaced.
 */
const options = JSON.parse(process.argv[2]!) as NodeOptions;
const sampleEveryMs = 250;

const clock = new JumpingClock();
const crashes = new CrashPoints();
const disk = new SmallDisk();
const store = await openSequelizeStore({
  url: options.database, clock, onQuery: crashes.onQuery, ...(options.database.startsWith('sqlite:') ? { sqliteDriver: await disk.driver() } : {}),
});
const log = createLog('warn');
const bus = options.redis === undefined ? new MemoryBroker().bus() : openRedisBus({ url: options.redis, prefix: 'chaos', clock, log });
const lyingBus = new LyingBus(bus, clock);
const planted = options.plant === undefined ? { store } : plantNamed(options.plant).inNode?.({ store, bus: lyingBus, databaseUrl: options.database }) ?? { store };
const chatter = await createChatter({
  auth: await createJwtAuth({ secrets: [chaosSecret], clock }), store: crashes.store(planted.store), bus: crashes.bus(lyingBus.bus), clock, log,
});
const http = createServer(chatter.listener);
crashes.sockets(http);
chatter.attach(http);

function tell(message: FromNode): void {
  process.send?.(message);
}

async function answer({ id, ...question }: Question & { id: number }): Promise<void> {
  try {
    if (question.type === 'live-on') crashes.disarm();
    else await revoke(question);
    tell({ type: 'done', id, isWell: true });
  } catch {
    tell({ type: 'done', id, isWell: false });
  }
}

function revoke({ tenant, what, isRevoked }: Extract<Question, { type: 'revoke' }>): Promise<void> {
  const canBeTakenBack = what.kind === 'person' || what.kind === 'tenant';
  return isRevoked || !canBeTakenBack ? chatter.revoke(tenant, what) : chatter.restore(tenant, what);
}

process.on('message', (message: ToNode) => {
  if (message.type === 'die-at') crashes.arm(message.point, message.count);
  else if (message.type === 'clock') clock.offsetMs = message.offsetMs;
  else if (message.type === 'lie') lyingBus.lie(message.lie);
  else if (message.type === 'disk') disk.fill(message.isFull);
  else void answer(message);
});
// An orphan has nobody left to serve.
process.on('disconnect', () => process.exit(1));
process.once('SIGTERM', async () => {
  const isClosed = new Promise<void>((resolve) => void http.close(() => resolve()));
  await chatter.close();
  http.closeAllConnections();
  await isClosed;
  await bus.close();
  await store.close();
  process.exit(0);
});

bus.onModeChange((mode) => tell({ type: 'bus', mode }));

let dueAt = performance.now() + sampleEveryMs;
setInterval(() => {
  const now = performance.now();
  http.getConnections((_error, sessions) => {
    tell({ type: 'sample', rssBytes: process.memoryUsage.rss(), sessions, lagMs: Math.max(0, now - dueAt) });
  });
  dueAt = now + sampleEveryMs;
}, sampleEveryMs);

http.listen(options.port, '127.0.0.1', () => tell({ type: 'listening' }));
