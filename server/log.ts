import { pino, stdTimeFunctions } from 'pino';
import { type LogOutput, standardError } from './standard-error.ts';
import { type ToldError, toldError } from './told-error.ts';

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

/** A line an entry: words for a person at a terminal, JSON for a collector (`level`, `time` as ISO 8601, `message`, fields). */
export function createLog(level: LogLevel, out: LogOutput = standardError()): Log {
  const write = out.isTTY === true ? wordsTo(level, out) : jsonTo(level, out);
  const at = (entryLevel: EntryLevel) => (message: string, fields: LogFields = {}) => {
    const plain = Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined).map(([name, value]) => [name, plainOf(value)]));
    write(entryLevel, withoutSecrets(message), plain);
  };
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
}

type EntryLevel = Exclude<LogLevel, 'silent'>;
type Plain = string | number | boolean | null | ToldError;
type Write = (level: EntryLevel, message: string, fields: Record<string, Plain>) => void;

function jsonTo(level: LogLevel, out: LogOutput): Write {
  const logger = pino({
    level, messageKey: 'message', base: null, timestamp: stdTimeFunctions.isoTime, formatters: { level: (label) => ({ level: label }) },
  }, { write: (line) => void out.write(line) });
  return (entryLevel, message, fields) => logger[entryLevel](fields, message);
}

function wordsTo(level: LogLevel, out: LogOutput): Write {
  const threshold = logLevels.indexOf(level);
  return (entryLevel, message, fields) => {
    if (logLevels.indexOf(entryLevel) < threshold) return;
    const words = Object.entries(fields).map(([name, value]) => ` ${name}=${value !== null && typeof value === 'object' ? wordsOf(value) : String(value)}`);
    out.write(`${printable(`${entryLevel.padEnd(5)} ${message}${words.join('')}`)}\n`);
  };
}

function wordsOf({ name, code, message, stack, cause }: ToldError): string {
  const first = `${name}${code === undefined ? '' : ` ${code}`}${message === undefined ? '' : `: ${message}`}`;
  return `${first}${stack === undefined ? '' : `\n${stack}`}${cause === undefined ? '' : `\n  because of ${wordsOf(cause)}`}`;
}

/** Whatever is given, a log does not throw. */
function plainOf(value: unknown): Plain {
  if (value === null || typeof value === 'number' || typeof value === 'boolean') return value;
  if (value instanceof Error) return withoutSecretsOf(toldError(value));
  try {
    return withoutSecrets(String(value));
  } catch {
    return '(nothing that can be written)';
  }
}

function withoutSecretsOf({ name, code, message, stack, cause }: ToldError): ToldError {
  return { name, code, message: message && withoutSecrets(message), stack, cause: cause && withoutSecretsOf(cause) };
}

/** The last net, should ever a token or the password of an address get here: nobody hands them on knowingly. */
function withoutSecrets(text: string): string {
  return text.replaceAll(/\beyJ[\w-]{8,}\.[\w-]+(\.[\w-]*)?/g, '(a token)').replaceAll(/(\w+:\/\/[^\s/:@]*):[^\s/@]+@/g, '$1:***@');
}

/** Nothing that would steer the terminal. */
function printable(text: string): string {
  return text.replaceAll(/[^\P{Cc}\n\t]/gu, '?');
}
