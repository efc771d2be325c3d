import { mkdtemp, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findProgram, freePort, Program } from './program.ts';
import type { Service } from './service.ts';

export interface RedisService extends Service {
  readonly port: number;
  /** Sends one command, its words as they are, and resolves to the raw answer. */
  command(...words: string[]): Promise<string>;
}

/** A Redis of its own, on a free port of 127.0.0.1, that keeps nothing on disk. `settings` are more arguments of the program. */
export async function startRedis(settings: readonly string[] = []): Promise<RedisService> {
  const path = findRedis();
  const folder = await mkdtemp(join(tmpdir(), 'chatter-redis-'));
  const port = await freePort();
  const start = async (): Promise<Program> => {
    const args = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no', '--dir', folder, '--daemonize', 'no', ...settings];
    const program = new Program(path, args, { cwd: folder });
    await program.said(/Ready to accept connections|Sentinel ID is/);
    return program;
  };
  let program = await start();
  return {
    port,
    url: `redis://127.0.0.1:${port}`,
    command: (...words) => ask(port, words),
    kill: () => program.end('SIGKILL'),
    async restart() {
      await program.end('SIGKILL');
      program = await start();
    },
    pause: () => program.signal('SIGSTOP'),
    resume: () => program.signal('SIGCONT'),
    async stop() {
      await program.end('SIGKILL');
      await rm(folder, { recursive: true, force: true });
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

/** One command on a connection of its own. */
function ask(port: number, words: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    let answer = '';
    const socket = connect(port, '127.0.0.1');
    const parts = words.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`);
    socket.write(`*${words.length}\r\n${parts.join('')}*1\r\n$4\r\nQUIT\r\n`);
    socket.on('data', (data) => (answer += data.toString()));
    socket.once('error', reject);
    socket.once('close', () => resolve(answer.replace(/\+OK\r\n$/, '')));
  });
}
