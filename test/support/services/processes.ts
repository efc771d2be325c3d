import { execFile, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** Ids of the processes that `pid` has started and that still live. */
export function childrenOf(pid: number): number[] {
  return livingProcesses().filter(({ parent }) => parent === pid).map((child) => child.pid);
}

export function signalAll(pids: readonly number[], signal: NodeJS.Signals): void {
  for (const pid of pids) {
    try {
      process.kill(pid, signal);
    } catch {
      // It has ended by itself.
    }
  }
}

/** Resolves when none of these processes lives: what they held is free then. A zombie holds nothing. */
export async function haveEnded(pids: readonly number[]): Promise<void> {
  const script = 'for pid; do while ps -o stat= -p "$pid" | grep -qv "^Z"; do sleep 0.01; done; done';
  await promisify(execFile)('sh', ['-c', script, 'wait', ...pids.map(String)]);
}

function livingProcesses(): { pid: number; parent: number }[] {
  return execFileSync('ps', ['-A', '-o', 'pid=,ppid=,stat='], { encoding: 'utf8' }).trim().split('\n')
    .map((line) => line.trim().split(/\s+/)).filter(([, , state]) => !state!.startsWith('Z'))
    .map(([pid, parent]) => ({ pid: Number(pid), parent: Number(parent) }));
}

/**
 * Ends a server and takes its folder away when this process is no more: also where this one is killed, and can do nothing itself.
 * It is told by a pipe, which the system closes for the dead.
 */
export class Watchdog {
  readonly #folder: string;
  readonly #child;
  readonly #ended: Promise<unknown>;

  constructor(folder: string) {
    this.#folder = folder;
    const script = `
      read -r _
      if pid=$(cat "$1/pid" 2>/dev/null); then
        kill -9 $pid $(ps -A -o pid=,ppid= | awk -v parent="$pid" '$2 == parent { print $1 }') 2>/dev/null
      fi
      rm -rf "$1"`;
    // Detached, because an interrupt from the keyboard goes to all of a group, and this one has to live longer.
    this.#child = spawn('sh', ['-c', script, 'watchdog', folder], { stdio: ['pipe', 'ignore', 'ignore'], detached: true });
    this.#ended = once(this.#child, 'close');
    this.#child.unref();
    (this.#child.stdin as Socket).unref();
  }

  /** Whom to end. */
  watch(pid: number): void {
    writeFileSync(join(this.#folder, 'pid'), String(pid));
  }

  /** Ends the server and takes its folder away now. */
  async finish(): Promise<void> {
    this.#child.ref();
    this.#child.stdin.end();
    await this.#ended;
  }
}
