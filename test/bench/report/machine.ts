import { cpus, totalmem } from 'node:os';

/** The machine in a few words: figures without it mean nothing. */
export function machineName(): string {
  const processors = cpus();
  const memoryGiB = Math.round(totalmem() / 2 ** 30);
  return `${processors.length} × ${processors[0]?.model.trim() ?? 'processor'}, ${memoryGiB} GiB, Node ${process.versions.node}`;
}
