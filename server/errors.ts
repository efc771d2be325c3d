import { isRetryable, type ErrorCode } from '#protocol/codes';

/**
 * A refusal that the asker may read: `code` decides, `message` says what to do. Anything else that is thrown becomes
 * `internal`, is logged, and tells the asker nothing.
 */
export class ChatterError extends Error {
  override readonly name = 'ChatterError';
  readonly code: ErrorCode;
  /** When to try again, in milliseconds, for codes that are worth a retry. */
  readonly afterMs: number | undefined;

  constructor(code: ErrorCode, message: string, options: { afterMs?: number; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.afterMs = options.afterMs;
  }

  /** What goes over the wire: never a stack, never SQL. */
  toWire(): { code: ErrorCode; message: string; retry: boolean; afterMs?: number } {
    return {
      code: this.code,
      message: this.message,
      retry: isRetryable(this.code),
      ...(this.afterMs === undefined ? {} : { afterMs: this.afterMs }),
    };
  }
}
