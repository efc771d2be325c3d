import { writeFileSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Watchdog } from './processes.ts';
import { findProgram, freePort, Program } from './program.ts';
import type { Service } from './service.ts';

export interface RedisService extends Service {
  readonly port: number;
  /** Sends one command, its words as they are, and resolves to the raw answer. */
  command(...words: string[]): Promise<string>;
  /** Resolves when it has said this of itself since it was started last. */
  said(pattern: RegExp): Promise<void>;
}

/** A Redis of its own, on a free port of 127.0.0.1, that keeps nothing on disk. `settings` are more arguments of the program. */
export async function startRedis(settings: readonly string[] = []): Promise<RedisService> {
  const port = await freePort();
  return serve(port, (folder) => ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no', '--dir', folder, '--daemonize', 'no', ...settings]);
}

/** A Sentinel that watches a Redis, and alone decides to put a replica in its place. */
export async function startSentinel(name: string, master: RedisService): Promise<RedisService> {
  const port = await freePort();
  return serve(port, (folder) => {
    const file = join(folder, 'sentinel.conf');
    writeFileSync(file, [
      `port ${port}`, 'bind 127.0.0.1', `dir ${folder}`, `sentinel monitor ${name} 127.0.0.1 ${master.port} 1`,
      `sentinel down-after-milliseconds ${name} 300`, `sentinel failover-timeout ${name} 3000`,
    ].join('\n'));
    return [file, '--sentinel'];
  });
}

/** Machines of one cluster that know each other and share the slots. */
export async function startRedisCluster(size: number): Promise<RedisService[]> {
  const nodes: RedisService[] = [];
  for (let node = 0; node < size; node++) {
    nodes.push(await startRedis([
      '--cluster-enabled', 'yes', '--cluster-config-file', 'nodes.conf', '--cluster-node-timeout', '2000', '--cluster-port', String(await freePort()),
    ]));
  }
  const slots = 16_384;
  for (const [index, node] of nodes.entries()) {
    await node.command('CLUSTER', 'ADDSLOTSRANGE', String(Math.ceil((slots * index) / size)), String(Math.ceil((slots * (index + 1)) / size) - 1));
    const { port, clusterPort } = portsOf(await nodes[0]!.command('CLUSTER', 'NODES'));
    if (index > 0) await node.command('CLUSTER', 'MEET', '127.0.0.1', port, clusterPort);
  }
  await Promise.all(nodes.map((node) => node.said(/Cluster state changed: ok/)));
  return nodes;
}

async function serve(port: number, argsFor: (folder: string) => string[]): Promise<RedisService> {
  const path = findRedis();
  const folder = await mkdtemp(join(tmpdir(), 'chatter-redis-'));
  const args = argsFor(folder);
  const watchdog = new Watchdog(folder);
  const start = async (): Promise<Program> => {
    const program = new Program(path, args, { cwd: folder });
    watchdog.watch(program.pid);
    await program.said(/Ready to accept connections|Sentinel ID is/);
    return program;
  };
  let program: Program;
  try {
    program = await start();
  } catch (error) {
    await watchdog.finish();
    throw error;
  }
  return {
    port,
    url: `redis://127.0.0.1:${port}`,
    command: (...words) => ask(port, words),
    said: (pattern) => program.said(pattern),
    kill: () => program.end('SIGKILL'),
    async restart() {
      await program.end('SIGKILL');
      program = await start();
    },
    pause: () => program.signal('SIGSTOP'),
    resume: () => program.signal('SIGCONT'),
    async stop() {
      await program.end('SIGKILL');
      await watchdog.finish();
    },
  };
}

/** Path of the Redis of this machine: `CHATTER_REDIS_SERVER`, or the first on the PATH. Throws the line that installs one. */
export function findRedis(): string {
  const found = process.env.CHATTER_REDIS_SERVER ?? findProgram(['redis-server', 'valkey-server'], ['/usr/sbin', '/usr/local/bin', '/opt/homebrew/bin']);
  if (found !== undefined) return found;
  throw new Error(
    'These tests need Redis, and there is none. Install it (Debian, Ubuntu: `sudo apt-get install -y redis-server`; macOS: '
    + '`brew install redis`), or name one with CHATTER_REDIS_SERVER=/path/to/redis-server, or leave these tests out with CHATTER_TEST_SKIP=redis.',
  );
}

/** From the line of a machine in `CLUSTER NODES`, like `id 127.0.0.1:6379@16379 myself,master …`. */
function portsOf(nodes: string): { port: string; clusterPort: string } {
  const [, port, clusterPort] = /:(\d+)@(\d+)\S* myself/.exec(nodes)!;
  return { port: port!, clusterPort: clusterPort! };
}

/** One command on a connection of its own. */
function ask(port: number, words: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    let answer = '';
    const socket = connect(port, '127.0.0.1');
    const parts = words.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`);
    socket.end(`*${words.length}\r\n${parts.join('')}`);
    socket.on('data', (data) => (answer += data.toString()));
    socket.once('error', reject);
    socket.once('close', () => resolve(answer));
  });
}
