import { createServer } from 'node:http';
import { createChatter, createJwtAuth, createLog, MemoryBroker } from '../../../server/index.ts';
import { openSequelizeStore } from '../../../server/store/sequelize-store.ts';
import { chaosSecret } from '../clients/tokens.ts';
import { CrashPoints } from './crash-points.ts';
import { JumpingClock } from './jumping-clock.ts';
import type { FromNode, NodeOptions, ToNode } from './node-messages.ts';

/**
 * One node: the server as it is sold, on a port of its own. What is around it here only looks, lies or kills: nothing of the
 * server itself is replaced.
 */
const options = JSON.parse(process.argv[2]!) as NodeOptions;
const sampleEveryMs = 250;

const clock = new JumpingClock();
const crashes = new CrashPoints();
const store = await openSequelizeStore({ url: options.database, clock, onQuery: crashes.onQuery });
const bus = new MemoryBroker().bus();
const chatter = await createChatter({
  auth: await createJwtAuth({ secrets: [chaosSecret], clock }), store: crashes.store(store), bus: crashes.bus(bus), clock, log: createLog('warn'),
});
const http = createServer(chatter.listener);
crashes.sockets(http);
chatter.attach(http);

function tell(message: FromNode): void {
  process.send?.(message);
}

process.on('message', (message: ToNode) => {
  if (message.type === 'die-at') crashes.arm(message.point, message.count);
  else if (message.type === 'clock') clock.offsetMs = message.offsetMs;
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

let dueAt = performance.now() + sampleEveryMs;
setInterval(() => {
  const now = performance.now();
  http.getConnections((_error, sessions) => {
    tell({ type: 'sample', rssBytes: process.memoryUsage.rss(), sessions, lagMs: Math.max(0, now - dueAt) });
  });
  dueAt = now + sampleEveryMs;
}, sampleEveryMs);

http.listen(options.port, '127.0.0.1', () => tell({ type: 'listening' }));
