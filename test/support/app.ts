import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../', import.meta.url));

/** The demo, as `npm start` runs it: a process of its own, that can be killed and started again as the same server. */
export class App {
  readonly databaseFile: string;
  readonly #folder: string;
  #process: ChildProcess | undefined;
  #url: string | undefined;

  private constructor(folder: string) {
    this.#folder = folder;
    this.databaseFile = join(folder, 'app.sqlite3');
  }

  /** Starts on a port of the system's choice, with an empty database and the built-in conversations. */
  static async start(): Promise<App> {
    const app = new App(await mkdtemp(join(tmpdir(), 'chatter-app-')));
    await app.start();
    return app;
  }

  /** Address of the demo, without a slash at the end. It stays the same when the app is started again. */
  get url(): string {
    if (this.#url === undefined) throw new Error('The app is not running.');
    return this.#url;
  }

  async start(): Promise<void> {
    const child = spawn(process.execPath, ['--import', 'tsx', 'demo/server.ts'], {
      cwd: root,
      env: {
        ...process.env,
        PORT: this.#url === undefined ? '0' : new URL(this.#url).port,
        CHATTER_DATABASE: `sqlite:${this.databaseFile}`,
        DEMO_CONVERSATIONS: '',
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#process = child;
    let told = '';
    child.stderr!.on('data', (chunk: Buffer) => (told += chunk.toString()));
    for await (const line of createInterface(child.stdout!)) {
      told += `${line}\n`;
      const url = /http:\/\/[\w.]+:\d+/.exec(line)?.[0];
      if (url === undefined) continue;
      this.#url = url;
      // What it says from now on is read and dropped: a full pipe would stop it.
      child.stdout!.resume();
      return;
    }
    throw new Error(`The app did not start. It said:\n${told}`);
  }

  /** Ends it as a power cut would: nothing is finished, nothing is said. */
  async kill(): Promise<void> {
    await this.#end('SIGKILL');
  }

  /** Ends it in good order and removes its database. */
  async close(): Promise<void> {
    await this.#end('SIGTERM');
    await rm(this.#folder, { recursive: true, force: true });
  }

  /** Ends it in good order; the database stays to be looked at. */
  async stop(): Promise<void> {
    await this.#end('SIGTERM');
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#process;
    this.#process = undefined;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill(signal);
    await ended;
  }
}
