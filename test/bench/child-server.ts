import { fork, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** What a server process of the benchmarks tells its parent. */
export type FromServer =
  | { type: 'listening'; port: number }
  /** Resident memory and collected heap, after a garbage collection. */
  | { type: 'memory'; rssBytes: number; heapBytes: number }
  | { type: 'cpu'; userMs: number; systemMs: number };
export type ToServer = { type: 'memory' } | { type: 'cpu' } | { type: 'stop' };

/** A server in a process of its own, so that its memory and its processor time are its own. */
export class ChildServer {
  readonly port: number;
  #process: ChildProcess;

  private constructor(process: ChildProcess, port: number) {
    this.#process = process;
    this.port = port;
  }

  static async start(script: string, options: object = {}): Promise<ChildServer> {
    const child = fork(fileURLToPath(new URL(script, import.meta.url)), [JSON.stringify(options)], {
      execArgv: ['--import', 'tsx', '--expose-gc'],
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    const first = await nextMessage(child);
    if (first.type !== 'listening') throw new Error(`${script} said ${first.type} before it listened.`);
    return new ChildServer(child, first.port);
  }

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

/** The other side: answers the parent's questions until it says stop. */
export function answerParent(port: number, stop: () => Promise<void>): void {
  const tell = (message: FromServer): void => void process.send?.(message);
  process.on('message', (question: ToServer) => {
    if (question.type === 'memory') {
      // Twice: the first collection only queues what finalisers free.
      globalThis.gc?.();
      globalThis.gc?.();
      const { rss, heapUsed } = process.memoryUsage();
      tell({ type: 'memory', rssBytes: rss, heapBytes: heapUsed });
    } else if (question.type === 'cpu') {
      const { user, system } = process.cpuUsage();
      tell({ type: 'cpu', userMs: user / 1000, systemMs: system / 1000 });
    } else {
      void stop().finally(() => process.exit(0));
    }
  });
  tell({ type: 'listening', port });
}
