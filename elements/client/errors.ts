import type { ErrorCode } from '#protocol/codes';

/** What the client throws. `message` is a sentence for people; `code` is for programs. */
export class ChatterClientError extends Error {
  override readonly name: string = 'ChatterClientError';
  readonly code: ErrorCode | 'offline' | 'timeout' | 'invalid';
  /** Whether the same call may succeed later, unchanged. */
  readonly retryable: boolean;
  /** When to try again, where the server has said it. */
  readonly afterMs: number | undefined;

  constructor(code: ChatterClientError['code'], message: string, options: { retryable?: boolean; afterMs?: number } = {}) {
    super(message);
    this.code = code;
    this.retryable = options.retryable ?? false;
    this.afterMs = options.afterMs;
  }
}

/** The server has answered, and its answer is no. */
export class RequestRefusedError extends ChatterClientError {
  override readonly name = 'RequestRefusedError';
}

/** There is no connection now, or it was lost before the answer came: what was asked may or may not have happened. */
export class NotConnectedError extends ChatterClientError {
  override readonly name = 'NotConnectedError';
  constructor(message = 'There is no connection to the chat server. Try again when it is back.') {
    super('offline', message, { retryable: true });
  }
}

/** The connection stands, but no answer came: what was asked may or may not have happened. */
export class RequestTimeoutError extends ChatterClientError {
  override readonly name = 'RequestTimeoutError';
  constructor() {
    super('timeout', 'The chat server did not answer in time. Try again.', { retryable: true });
  }
}

/** The call cannot work as it was made; nothing was sent. */
export class InvalidInputError extends ChatterClientError {
  override readonly name = 'InvalidInputError';
  constructor(message: string) {
    super('invalid', message);
  }
}
