import { chmod, mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { childrenOf, haveEnded, signalAll, Watchdog } from './processes.ts';
import { freePort, type Program } from './program.ts';
import type { Service } from './service.ts';

export interface DatabaseService extends Service {
  readonly port: number;
  /** Makes an empty database beside the others, and resolves to its address. */
  createDatabase(): Promise<string>;
}

/** How one kind of database is set up, started and asked. */
export interface DatabaseKind {
  name: string;
  /** Makes the files of a server, once. */
  install(folder: string): Promise<void>;
  /** Starts the program on them, which says something like `ready` when it takes connections. */
  run(folder: string, port: number): Program;
  ready: RegExp;
  /** What makes it go at once, without leaving anything in memory. */
  endSignal: NodeJS.Signals;
  urlOf(port: number, database: string): string;
  createDatabase(port: number, name: string): Promise<void>;
}

export async function startDatabaseServer(kind: DatabaseKind): Promise<DatabaseService> {
  const folder = await mkdtemp(join(tmpdir(), `chatter-${kind.name.toLowerCase()}-`));
  // Another user's server goes through it to its files.
  await chmod(folder, 0o755);
  const watchdog = new Watchdog(folder);
  const port = await freePort();
  const url = kind.urlOf(port, 'chatter');
  let databases = 0;
  let program: Program;

  const start = async (): Promise<void> => {
    program = kind.run(folder, port);
    watchdog.watch(program.pid);
    await program.said(kind.ready);
  };
  const processes = (): number[] => (program.isRunning ? [program.pid, ...childrenOf(program.pid)] : []);
  const kill = async (): Promise<void> => {
    if (program.isRunning) {
      // It stands still first, or it would start others while these are counted, or clean up after them.
      program.signal('SIGSTOP');
      const all = processes();
      signalAll(all, 'SIGKILL');
      await haveEnded(all);
    }
    await program.end('SIGKILL');
  };

  try {
    await kind.install(folder);
    await start();
    await kind.createDatabase(port, 'chatter');
  } catch (error) {
    await watchdog.finish();
    throw error;
  }
  return {
    port, url, kill,
    async createDatabase() {
      const name = `chatter${++databases}`;
      await kind.createDatabase(port, name);
      return kind.urlOf(port, name);
    },
    async restart() {
      await kill();
      await start();
    },
    pause: () => signalAll(processes(), 'SIGSTOP'),
    resume: () => signalAll(processes(), 'SIGCONT'),
    async stop() {
      signalAll(processes(), 'SIGCONT');
      await program.end(kind.endSignal);
      await watchdog.finish();
    },
  };
}
