import { fork, type ChildProcess } from 'node:child_process';
import type { FromServer, ToServer } from './answer-parent.ts';
import { compileServers } from './compile.ts';

/** Where servers leave a profile of their processor time when they end, if anywhere: `npm run bench -- --profile FOLDER`. */
let profileFolder: string | undefined;

export function profileServers(folder: string): void {
  profileFolder = folder;
}

/** A server in a process of its own, so that its memory and its processor time are its own. */
export class ChildServer {
  readonly port: number;
  readonly #process: ChildProcess;

  private constructor(process: ChildProcess, port: number) {
    this.#process = process;
    this.port = port;
  }

  /** `name` is a file beside this one, such as `chatter-server`. */
  static async start(name: string, options: object = {}): Promise<ChildServer> {
    const folder = await compileServers();
    const profiling = profileFolder === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${profileFolder}`];
    const child = fork(`${folder}/${name}.js`, [JSON.stringify(options)], {
      execArgv: ['--expose-gc', ...profiling],
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    const first = await nextMessage(child);
    if (first.type !== 'listening') throw new Error(`${name} said ${first.type} before it listened.`);
    return new ChildServer(child, first.port);
  }

  /** Resident memory and collected heap, after a garbage collection. */
  async memory(): Promise<{ rssBytes: number; heapBytes: number }> {
    const answer = await this.#ask({ type: 'memory' });
    if (answer.type !== 'memory') throw new Error(`Asked for memory, got ${answer.type}.`);
    return answer;
  }

  async cpuMs(): Promise<number> {
    const answer = await this.#ask({ type: 'cpu' });
    if (answer.type !== 'cpu') throw new Error(`Asked for processor time, got ${answer.type}.`);
    return answer.userMs + answer.systemMs;
  }

  /** SQL statements since the start. */
  async statements(): Promise<number> {
    const answer = await this.#ask({ type: 'statements' });
    if (answer.type !== 'statements') throw new Error(`Asked for statements, got ${answer.type}.`);
    return answer.count;
  }

  async stop(): Promise<void> {
    const ended = new Promise<void>((resolve) => this.#process.once('exit', () => resolve()));
    this.#process.send({ type: 'stop' } satisfies ToServer);
    await ended;
  }

  #ask(question: ToServer): Promise<FromServer> {
    this.#process.send(question);
    return nextMessage(this.#process);
  }
}

function nextMessage(child: ChildProcess): Promise<FromServer> {
  return new Promise((resolve, reject) => {
    const onExit = (code: number | null): void => reject(new Error(`A server of the benchmark ended with ${code}.`));
    child.once('exit', onExit);
    child.once('message', (message: FromServer) => {
      child.off('exit', onExit);
      resolve(message);
    });
  });
}
