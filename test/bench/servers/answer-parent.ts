import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { backlog } from '../../../server/cli/listen.ts';

/** What a server process of the benchmarks tells its parent. */
export type FromServer =
  | { type: 'listening'; port: number }
  | { type: 'memory'; rssBytes: number; heapBytes: number }
  | { type: 'cpu'; userMs: number; systemMs: number }
  | { type: 'statements'; count: number };
export type ToServer = { type: 'memory' } | { type: 'cpu' } | { type: 'statements' } | { type: 'stop' };

/** Listens on a free port, and answers the parent's questions until it says stop, or is no more. */
export function answerParent(http: Server, { stop, statements = () => 0 }: { stop: () => Promise<void>; statements?: () => number }): void {
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
    } else if (question.type === 'statements') {
      tell({ type: 'statements', count: statements() });
    } else {
      void stop().finally(() => process.exit(0));
    }
  });
  process.on('disconnect', () => process.exit(1));
  http.listen({ port: 0, host: '127.0.0.1', backlog }, () => tell({ type: 'listening', port: (http.address() as AddressInfo).port }));
}

/** What `ChildServer.start` was given. */
export function startOptions<T>(): T {
  return JSON.parse(process.argv[2] ?? '{}') as T;
}
