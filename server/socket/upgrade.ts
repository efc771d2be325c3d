import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import { subprotocol } from '#protocol/codes';
import type { ClientAddresses } from '../client-address.ts';
import type { ServerContext } from '../context.ts';
import { OccasionalLog } from '../occasional-log.ts';
import type { OriginPolicy } from '../routes/origin-policy.ts';
import type { SessionDoor } from './session-socket.ts';
import type { Sessions } from './sessions.ts';
import { Tally } from './tally.ts';
import { WebSocketSession } from './websocket-session.ts';

/** Who has all connections of its address is told to come back after this long; nobody knows when one of them ends. */
const crowdedMs = 10_000;

export interface UpgradeOptions {
  path: string;
  origins: OriginPolicy;
  addresses: ClientAddresses;
  sessions: Sessions;
  context: Pick<ServerContext, 'rates' | 'limits' | 'clock' | 'log' | 'metrics'>;
}

/** Turns upgrades of one path into sessions. */
export class Upgrades {
  readonly #options: UpgradeOptions;
  readonly #server: WebSocketServer;
  readonly #refusals: OccasionalLog;
  /** Open connections of each address that counts. */
  readonly #open = new Tally();

  constructor(options: UpgradeOptions) {
    const { limits: { frameBytes }, log, clock } = options.context;
    this.#options = options;
    this.#refusals = new OccasionalLog(log, clock);
    this.#server = new WebSocketServer({
      noServer: true,
      clientTracking: false,
      // After one message deflate costs a connection twenty times the memory; chat frames are too small to win by it.
      perMessageDeflate: false,
      maxPayload: frameBytes,
      // What comes in crumbs is kept in crumbs, and each costs many times its size (G9).
      maxFragments: mostPieces(frameBytes),
      maxBufferedChunks: mostPieces(frameBytes),
      handleProtocols: () => subprotocol,
    });
    this.#server.on('wsClientError', (_error, socket) => socket.destroy());
  }

  /** Takes the upgrade if it is for this server. `false` says that it is somebody else's, and untouched. */
  handle(request: IncomingMessage, socket: Duplex, head: Buffer): boolean {
    const { path, origins, addresses, sessions } = this.#options;
    if (pathOf(request) !== path) return false;
    // A socket without a listener for errors takes the process down with it.
    socket.on('error', destroyOnError);
    const address = addresses.of(request);
    const afterMs = this.#waitMs(address);
    if (afterMs > 0) {
      this.#options.context.metrics.rateLimited('connects');
      refuse(socket, 429, 'Too many connections from this address: come back later.', afterMs);
    } else if (!origins.allows(request)) {
      refuse(socket, 403, 'This origin may not chat here: see CHATTER_ORIGINS.');
      // A page is told nothing but that the connection failed, so that whoever runs the server has to hear why.
      this.#refusals.warn('A page of this origin may not chat here. If it should, add it to CHATTER_ORIGINS.', {
        cause: String(request.headers.origin).slice(0, 200),
      });
    } else if (!offersOurs(request)) {
      refuse(socket, 400, `Offer the subprotocol ${subprotocol}.`);
    } else if (!sessions.hasRoomFor(address)) {
      refuse(socket, 503, 'Come back later.');
    } else {
      this.#server.handleUpgrade(request, socket, head, (websocket) => {
        socket.off('error', destroyOnError);
        this.#accept(websocket, socket, address);
      });
    }
    return true;
  }

  /** 0, or in how many milliseconds this address may come. */
  #waitMs(address: string | undefined): number {
    const { rates, limits } = this.#options.context;
    return this.#open.of(address) < limits.connectionsPerAddress ? rates.takeConnect(address) : crowdedMs;
  }

  #accept(websocket: WebSocket, socket: Duplex, address: string | undefined): void {
    const { sessions, context } = this.#options;
    this.#open.change(address, 1);
    websocket.once('close', () => this.#open.change(address, -1));
    const door = sessions.connect(new WebSocketSession(websocket, socket, context.clock), address);
    websocket.on('message', (data, isBinary) => {
      this.#guard(door, () => door.receive(isBinary ? '' : (data as Buffer).toString('utf8')));
    });
    websocket.on('pong', () => door.heard());
    websocket.on('close', () => this.#guard(door, () => door.closed()));
    // What it says (a frame that is too large, bad UTF-8) was answered with a close code by `ws` itself.
    websocket.on('error', ignore);
  }

  /** One socket's trouble stays its own. */
  #guard(door: SessionDoor, run: () => void): void {
    try {
      run();
    } catch (error) {
      this.#options.context.log.error('A frame could not be handled.', { error });
      door.closed();
    }
  }
}

/** Pieces of 64 bytes and more; a network's are ten times as long. */
function mostPieces(bytes: number): number {
  return Math.max(64, Math.ceil(bytes / 64));
}

function pathOf(request: IncomingMessage): string {
  return (request.url ?? '').split('?', 1)[0] ?? '';
}

function offersOurs(request: IncomingMessage): boolean {
  const offered = request.headers['sec-websocket-protocol'] ?? '';
  return offered.split(',').some((name) => name.trim() === subprotocol);
}

function refuse(socket: Duplex, status: number, sentence: string, afterMs?: number): void {
  const reasons: Record<number, string> = { 400: 'Bad Request', 403: 'Forbidden', 429: 'Too Many Requests', 503: 'Service Unavailable' };
  const retryAfter = afterMs === undefined ? '' : `Retry-After: ${Math.ceil(afterMs / 1000)}\r\n`;
  socket.end(
    `HTTP/1.1 ${status} ${reasons[status]}\r\nConnection: close\r\nContent-Type: text/plain; charset=utf-8\r\n` +
    `${retryAfter}Content-Length: ${Buffer.byteLength(sentence)}\r\n\r\n${sentence}`,
    () => socket.destroy(),
  );
}

function ignore(): void {}

function destroyOnError(this: Duplex): void {
  this.destroy();
}
