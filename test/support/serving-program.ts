import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';

/** A program that runs until it is ended, and says at its start where it listens. */
export class ServingProgram {
  readonly url: string;
  readonly #child: ChildProcess;
  readonly #ended: Promise<unknown>;

  private constructor(url: string, child: ChildProcess, ended: Promise<unknown>) {
    this.url = url;
    this.#child = child;
    this.#ended = ended;
  }

  /** Runs commands of a shell until one of them has said an address. */
  static async start(commands: string, options: { cwd: string; env: NodeJS.ProcessEnv }): Promise<ServingProgram> {
    // A group of its own: the shell and npm between us and the server would keep a signal to themselves.
    const child = spawn('sh', ['-e', '-c', commands], {
      ...options, env: { PATH: process.env.PATH, HOME: process.env.HOME, ...options.env }, stdio: ['ignore', 'pipe', 'pipe'], detached: true,
    });
    const ended = once(child, 'close');
    let output = '';
    const url = await new Promise<string>((resolve, reject) => {
      const hear = (data: Buffer): void => {
        output += data.toString();
        const found = /https?:\/\/[\w.[\]:]+:\d+(?=\D)/.exec(output);
        if (found !== null) resolve(found[0]);
      };
      child.stdout.on('data', hear);
      child.stderr.on('data', hear);
      ended.then(() => reject(new Error(`${commands}\nended before it said its address:\n${output}`)), reject);
    });
    return new ServingProgram(url, child, ended);
  }

  async stop(): Promise<void> {
    process.kill(-this.#child.pid!, 'SIGTERM');
    await this.#ended;
  }
}
