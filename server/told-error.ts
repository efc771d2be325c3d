/** What the log says of an error: enough to find the cause, and nothing of what people wrote. */
export interface ToldError {
  name: string;
  code?: string;
  message?: string;
  /** Where it was thrown, without the message. */
  stack?: string;
  cause?: ToldError;
}

const withheld = '(withheld: a driver may quote what people wrote)';
/** Names of errors whose message this server wrote, or Node did. JSON's SyntaxError is not one of them: it quotes its input. */
const trustedNames = new Set(['Error', 'TypeError', 'RangeError', 'ReferenceError', 'AggregateError', 'AbortError', 'TimeoutError', 'ChatterError', 'ConfigError', 'TokenEndedError']);
/** What the answer of a database leaves on its error. */
const driverMarks = ['sql', 'sqlState', 'sqlMessage', 'severity', 'detail', 'original', 'errcode'];
/** Classes of SQLSTATE that tell of the server and its tables, and of no value: connections, log-in, transactions, names, resources, disk. */
const tellingStates = /^(08|0A|28|3D|40|42|53|55|57|58)[0-9A-Z]{3}$/;
/** What SQLite says of its file; what it says of a statement may quote it. */
const tellingSqlite = /^SQLITE_(BUSY|LOCKED|NOMEM|READONLY|IOERR|CORRUPT|FULL|CANTOPEN|NOTADB|PROTOCOL|PERM|CONSTRAINT)/;
const maxCauses = 3;

/**
 * Of an error its name, its code, where it was thrown, and its message where that can hold nobody's words. Drivers hang the
 * statement and its values on the error object, and databases quote values in their messages ("Duplicate entry '…'").
 */
export function toldError(error: Error, depth = 0): ToldError {
  const { name, stack } = error;
  const code = codeOf(error);
  const cause = depth < maxCauses ? causeOf(error) : undefined;
  return {
    name, code,
    message: error.message === '' ? undefined : isTelling(error, code) ? error.message : withheld,
    stack: framesOf(stack, error.message),
    cause: cause instanceof Error ? toldError(cause, depth + 1) : undefined,
  };
}

function isTelling(error: Error, code: string | undefined): boolean {
  if (code !== undefined && (tellingSqlite.test(code) || (error.name === 'error' && tellingStates.test(code)))) return true;
  return trustedNames.has(error.name) && !driverMarks.some((mark) => mark in error) && code?.startsWith('SQLITE_') !== true;
}

function codeOf(error: Error): string | undefined {
  const code = 'code' in error ? error.code : undefined;
  if (typeof code === 'string' || typeof code === 'number') return String(code);
  // Redis begins what it says with a code, and goes on with what it was sent.
  return error.name === 'ReplyError' ? /^[A-Z]+\b/.exec(error.message)?.[0] : undefined;
}

/** What is behind it: `cause`, what Sequelize calls `original`, or the first of several. */
function causeOf(error: Error): unknown {
  if (error.cause !== undefined) return error.cause;
  if ('original' in error) return error.original;
  return error instanceof AggregateError ? error.errors[0] : undefined;
}

/** Only lines that are places in the code, and only those after the message, which has lines of its own. */
function framesOf(stack: string | undefined, message: string): string | undefined {
  if (stack === undefined) return undefined;
  const start = message === '' ? 0 : Math.max(0, stack.indexOf(message)) + message.length;
  const frames = stack.slice(start).split('\n').filter((line) => /^ {4}at .*(:\d+:\d+\)?|<anonymous>\)?|native)$/.test(line));
  return frames.length === 0 ? undefined : frames.join('\n');
}
