/** Where lines of a log go. */
export interface LogOutput {
  write(line: string): unknown;
  /** A person reads them. */
  isTTY?: boolean;
}

/** What waits for whoever reads the log, in bytes. What comes beyond is lost: the server goes on, and its memory is its own (G9). */
const maxWaitingBytes = 4 * 1024 * 1024;
let shared: LogOutput | undefined;

/**
 * The standard error output, for all logs of the process. Node writes to a pipe without waiting, so a reader that has stopped
 * (a pager, a collector that hangs) does not stop the server; and one that is gone does not end it.
 */
export function standardError(): LogOutput {
  if (shared) return shared;
  const { stderr } = process;
  let isGone = false;
  // There is no other place to tell of it.
  stderr.on('error', () => {
    isGone = true;
  });
  return (shared = {
    isTTY: stderr.isTTY,
    write: (line) => {
      if (!isGone && stderr.writableLength < maxWaitingBytes) stderr.write(line);
    },
  });
}
