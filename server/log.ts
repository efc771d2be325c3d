/**
 * What the server says about itself, to stderr. Fields hold ids, codes, counts and errors; never a token, and never what
 * a person wrote (C4, G8).
 */
export interface Log {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
}
export type LogFields = Record<string, unknown>;

export const logLevels = ['debug', 'info', 'warn', 'error', 'silent'] as const;
export type LogLevel = (typeof logLevels)[number];

/** A line an entry: words for a person at a terminal, JSON for a collector. */
export function createLog(level: LogLevel, out: { write(line: string): unknown; isTTY?: boolean } = process.stderr): Log {
  const threshold = logLevels.indexOf(level);
  const write = (entryLevel: LogLevel) => (message: string, fields: LogFields = {}) => {
    if (logLevels.indexOf(entryLevel) < threshold) return;
    const plain = Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, plainOf(value)]));
    out.write(out.isTTY === true
      ? `${entryLevel.padEnd(5)} ${message}${wordsOf(plain)}\n`
      : `${JSON.stringify({ at: new Date().toISOString(), level: entryLevel, message, ...plain })}\n`);
  };
  return { debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error') };
}

/**
 * Of an error, only its name, message and stack: a database driver hangs the statement and its values (what people wrote)
 * on the error object, and those must not get here.
 */
function plainOf(value: unknown): unknown {
  if (value instanceof Error) return value.stack ?? `${value.name}: ${value.message}`;
  return typeof value === 'object' && value !== null ? String(value) : value;
}

function wordsOf(fields: Record<string, unknown>): string {
  return Object.entries(fields).filter(([, value]) => value !== undefined).map(([name, value]) => ` ${name}=${String(value)}`).join('');
}
