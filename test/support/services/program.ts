import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { accessSync, constants } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { delimiter, join } from 'node:path';

/** The first of some programs that this machine has, on the PATH or in `folders`. */
export function findProgram(names: readonly string[], folders: readonly string[] = []): string | undefined {
  const places = [...(process.env.PATH ?? '').split(delimiter), ...folders];
  return places.flatMap((folder) => names.map((name) => join(folder, name))).find(isExecutable);
}

/** A port of 127.0.0.1 that was free a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

/** A program that runs in the background, and ends with this process at the latest. */
export class Program {
  /** What it has said so far. */
  output = '';
  #onOutput: (() => void) | undefined;
  readonly #child: ChildProcess;
  readonly #ended: Promise<unknown>;
  readonly #killWithUs = (): void => void this.#child.kill('SIGKILL');

  constructor(path: string, args: readonly string[], options: { cwd: string; env?: NodeJS.ProcessEnv; uid?: number; gid?: number }) {
    this.#child = spawn(path, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
    const hear = (data: Buffer): void => {
      this.output += data.toString();
      this.#onOutput?.();
    };
    this.#child.stdout!.on('data', hear);
    this.#child.stderr!.on('data', hear);
    process.once('exit', this.#killWithUs);
    this.#ended = new Promise((resolve) => {
      this.#child.once('error', (error) => {
        this.output += error.message;
        resolve(undefined);
      });
      this.#child.once('close', resolve);
    }).finally(() => process.off('exit', this.#killWithUs));
  }

  get pid(): number {
    return this.#child.pid!;
  }

  get isRunning(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null && this.#child.pid !== undefined;
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** Sends the signal, and resolves when the program has ended. */
  async end(signal: NodeJS.Signals): Promise<void> {
    if (this.isRunning) {
      this.#child.kill(signal);
      // Who stands still hears of no other signal than SIGKILL.
      this.#child.kill('SIGCONT');
    }
    await this.#ended;
  }

  /** Resolves when it has said this. Throws everything that it has said where it ends before, or takes too long. */
  async said(pattern: RegExp, patienceMs = 30_000): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      const fail = (how: string): void => reject(new Error(`${this.#child.spawnfile} ${how}:\n${this.output}`));
      const giveUp = setTimeout(() => fail(`was not ready in ${patienceMs / 1000} s`), patienceMs);
      const look = (): void => {
        if (!pattern.test(this.output)) return;
        clearTimeout(giveUp);
        resolve();
      };
      this.#onOutput = look;
      look();
      void this.#ended.then(() => {
        clearTimeout(giveUp);
        fail('has ended');
      });
    });
    this.#onOutput = undefined;
  }
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
