/**
 * Numbers and words both sides of the wire agree on. Imports nothing, so that the browser pays only for what it uses.
 *
 * The rules behind them are in `README.md` beside this file.
 */

/** The websocket subprotocol, and the version that `hello` carries. */
export const subprotocol = 'chatter.v1';
export const protocolVersion = 1;

/** What an `error` frame or a REST error body may carry in `code`. */
export const errorCodes = [
  'bad_frame',
  'unsupported',
  'unauthorized',
  'forbidden',
  'not_found',
  'conflict',
  'too_large',
  'rate_limited',
  'unavailable',
  'internal',
] as const;
export type ErrorCode = (typeof errorCodes)[number];

/** HTTP status of each code: REST and the socket refuse with the same words. */
export const httpStatusOf = {
  bad_frame: 400,
  unsupported: 400,
  unauthorized: 401,
  forbidden: 403,
  not_found: 404,
  conflict: 409,
  too_large: 413,
  rate_limited: 429,
  unavailable: 503,
  internal: 500,
} as const satisfies Record<ErrorCode, number>;

/** Whether the same request may succeed when sent again, unchanged. */
export function isRetryable(code: ErrorCode): boolean {
  return code === 'rate_limited' || code === 'unavailable' || code === 'internal';
}

/**
 * Close codes. The range is the verdict, so an unknown code is still obeyed:
 * 4000-4099 stop, 4100-4199 fetch a fresh token and come back, 4200-4299 back off and come back.
 */
export const closeCodes = {
  badFrame: 4000,
  unauthorized: 4001,
  revoked: 4003,
  displaced: 4004,
  unsupportedVersion: 4005,
  tokenExpired: 4101,
  shutdown: 4200,
  slowReader: 4208,
  noHeartbeat: 4209,
  helloTimeout: 4210,
  rateLimited: 4213,
  overloaded: 4220,
} as const;

export type CloseVerdict = 'stop' | 'refresh' | 'retry';

/** What a client does after a close. Standard codes (1000-1015) mean a lost connection: retry. */
export function verdictOf(closeCode: number): CloseVerdict {
  if (closeCode >= 4000 && closeCode < 4100) return 'stop';
  if (closeCode >= 4100 && closeCode < 4200) return 'refresh';
  return 'retry';
}

/** Whether there is nothing to see: only spaces, and what joins, colours or turns the characters beside it. */
export function isBlank(text: string): boolean {
  return /^[\s\p{Cc}\p{Default_Ignorable_Code_Point}]*$/u.test(text);
}

/** Defaults; a server tells its own in `ready.limits`. Characters are UTF-16 code units, as `String.length` counts. */
export const limits = {
  helloTimeoutMs: 10_000,
  helloBytes: 8 * 1024,
  frameBytes: 64 * 1024,
  textCharacters: 8_000,
  nameCharacters: 100,
  roomsPerConnection: 128,
  connectionsPerUser: 20,
  /** Of a room with more members than this it is told how many are there, and not who is in it and who is there. */
  membersTold: 100,
  /** Members of a room that `member.add` and `room.create` take at once. */
  membersPerRequest: 100,
  pageItems: 100,
  /** Facts in one catch-up page. */
  changesPage: 200,
  /** A gap wider than this answers `reset`. */
  resetAfter: 1_000,
  /** Ids in one `presence.watch`. */
  presenceWatch: 200,
  sendsPerSecond: 5,
  sendBurst: 20,
  roomSendsPerSecond: 50,
  roomSendBurst: 200,
  tenantSendsPerSecond: 2_000,
  tenantSendBurst: 4_000,
  framesPerSecond: 20,
  frameBurst: 60,
  requestsPerSecond: 60,
  requestBurst: 240,
  connectionsPerAddress: 200,
  connectsPerSecond: 20,
  connectBurst: 200,
} as const;

/** Rhythms both sides keep, in milliseconds. */
export const rhythms = {
  /** The server speaks at least this often; a client that hears nothing for `heartbeatMs + graceMs` reconnects. */
  heartbeatMs: 25_000,
  graceMs: 10_000,
  /** A client says it types at most this often; a reader forgets it after `typingExpiryMs`. */
  typingEveryMs: 3_000,
  typingExpiryMs: 6_000,
  /** Heads of open rooms are told again this often (a lost last fact heals, G6). */
  headsMs: 10_000,
  /** How many are in a large room is told again this often, when it has changed. */
  occupancyMs: 10_000,
  /** A person counts as away only after this long without a session. */
  presenceGraceMs: 20_000,
  /** The server announces a token's end this long before it. */
  tokenWarningMs: 60_000,
  /** A token is honoured this long after its end, so that a refresh in flight does not lose. */
  tokenGraceMs: 25_000,
} as const;
