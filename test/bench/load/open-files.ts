import { execFileSync } from 'node:child_process';

/** Files that a process has open besides its sockets. */
const spare = 200;

interface Report {
  userLimits?: { open_files?: { soft: number | string; hard: number | string } };
}

/**
 * How many of `wanted` connections this process and its servers may have: each is an open file at both ends. Raises the limit
 * where that is allowed; where it is not, it is fewer, and `note` says so.
 */
export function openFilesFor(wanted: number): { count: number; note?: string } {
  if (limit() < wanted + spare) {
    try {
      // Servers are started later, and inherit it.
      execFileSync('prlimit', ['--pid', String(process.pid), `--nofile=${wanted + spare}`], { stdio: 'ignore' });
    } catch {
      // Not allowed, or not Linux: with what there is, then.
    }
  }
  const most = limit() - spare;
  if (most >= wanted) return { count: wanted };
  const count = Math.floor(most / 100) * 100;
  return { count, note: `${count} and not ${wanted}, because a process may have ${limit()} files open here (ulimit -n).` };
}

/** Node raises the soft limit to the hard one as it starts. */
function limit(): number {
  const found = (process.report.getReport() as Report).userLimits?.open_files?.soft;
  return found === undefined || found === 'unlimited' ? Infinity : Number(found);
}
