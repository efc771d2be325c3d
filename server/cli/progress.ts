import type { ImportProgress } from './import.ts';

/** Where a command tells of itself: standard error, so that standard output holds nothing but what was asked for. */
export interface Terminal {
  write(text: string): unknown;
  readonly isTTY?: boolean;
}

const barWidth = 30;
const redrawEveryMs = 100;
const lineEveryMs = 2_000;

/** A bar that redraws itself where a person looks on, and a line now and then where a log does. */
export function openProgress(
  terminal: Terminal,
  totalBytes: number | undefined,
  now: () => number = Date.now,
): { update(progress: ImportProgress): void; close(): void } {
  let toldAt = terminal.isTTY ? Number.NEGATIVE_INFINITY : now();
  return {
    update({ bytes, messages }) {
      if (now() - toldAt < (terminal.isTTY ? redrawEveryMs : lineEveryMs)) return;
      toldAt = now();
      const share = totalBytes ? Math.min(1, bytes / totalBytes) : undefined;
      const percent = share === undefined ? '' : ` ${Math.floor(share * 100)} %,`;
      const line = `${percent} ${messages.toLocaleString('en')} messages`.trimStart();
      terminal.write(terminal.isTTY ? `\r\u001b[K${share === undefined ? '' : `${bar(share)} `}${line}` : `${line}\n`);
    },
    /** Leaves an empty line to write on. */
    close() {
      if (terminal.isTTY) terminal.write('\r\u001b[K');
    },
  };
}

function bar(share: number): string {
  const full = Math.round(share * barWidth);
  return `[${'='.repeat(full)}${' '.repeat(barWidth - full)}]`;
}
