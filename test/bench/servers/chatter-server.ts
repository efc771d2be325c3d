import { createServer } from 'node:http';
import { createChatter, createLog } from '../../../server/index.ts';
import { openRedisBus } from '../../../server/bus/redis-bus.ts';
import { openSequelizeStore } from '../../../server/store/sequelize-store.ts';
import { benchSecret } from '../load/load-session.ts';
import { answerParent, startOptions } from './answer-parent.ts';

/** Lifted, for all of the load comes from one address and each of its people does the work of many. */
const unlimited = 1_000_000;

/** The whole server as it is run, on the database that it is given. */
const { database, redis } = startOptions<{ database: string; redis?: string }>();
let statements = 0;
const store = await openSequelizeStore({ url: database, onQuery: () => (statements += 1) });
const bus = redis === undefined ? undefined : openRedisBus({ url: redis, prefix: 'bench', log: createLog('warn') });
// What is measured of nodes is how they hear of each other, not how long it takes them to find Redis.
if (bus !== undefined && bus.mode !== 'up') {
  await new Promise<void>((resolve) => { bus.onModeChange((mode) => { if (mode === 'up') resolve(); }); });
}
const chatter = await createChatter({
  store, bus,
  jwtSecret: benchSecret,
  log: createLog('warn'),
  limits: {
    sendsPerSecond: unlimited, sendBurst: unlimited, roomSendsPerSecond: unlimited, roomSendBurst: unlimited,
    tenantSendsPerSecond: unlimited, tenantSendBurst: unlimited, framesPerSecond: unlimited, frameBurst: unlimited,
    requestsPerSecond: unlimited, requestBurst: unlimited, connectionsPerAddress: unlimited, connectsPerSecond: unlimited,
    connectBurst: unlimited,
  },
});
const http = createServer(chatter.listener);
chatter.attach(http);
answerParent(http, {
  statements: () => statements,
  async stop() {
    await chatter.close();
    await bus?.close();
    await store.close();
    http.closeAllConnections();
    http.close();
  },
});
