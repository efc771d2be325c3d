import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createChatter, createLog } from '../../server/index.ts';
import { answerParent } from './child-server.ts';
import { benchSecret } from './load-session.ts';

/** The whole server as it is run, on a SQLite file with WAL and `synchronous=FULL`. Only the limits of one person are lifted. */
const given = (JSON.parse(process.argv[2] ?? '{}') as { folder?: string }).folder;
const folder = given ?? mkdtempSync(join(tmpdir(), 'chatter-bench-'));
const chatter = await createChatter({
  database: `sqlite:${join(folder, 'bench.sqlite3')}`,
  jwtSecret: benchSecret,
  log: createLog('warn'),
  limits: { sendsPerSecond: 1_000_000, sendBurst: 1_000_000, framesPerSecond: 1_000_000, frameBurst: 1_000_000 },
});
const http = createServer(chatter.listener);
chatter.attach(http);
http.listen(0, '127.0.0.1', () => {
  answerParent((http.address() as AddressInfo).port, async () => {
    await chatter.close();
    http.closeAllConnections();
    http.close();
    if (given === undefined) rmSync(folder, { recursive: true });
  });
});
