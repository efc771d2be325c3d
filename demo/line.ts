import type { IncomingMessage, ServerResponse } from 'node:http';
import { connect } from 'node:net';
import { Transform, type Duplex } from 'node:stream';

const address = /^\/line\/(\w+)(\/.*)$/;
/** How late a byte is on the line called `slow`; on any other it is in time. */
const slowMs = 700;

/**
 * Lines between a page and the server that are slow, or can be cut: `/line/<name>` is the server behind such a line.
 * Nothing is pretended. The bytes of a socket really go through here, late, and a cut line really drops them.
 */
export class Lines {
  readonly #server: () => { port: number; host: string };
  readonly #sockets = new Map<string, Set<Duplex>>();
  readonly #cutUntil = new Map<string, number>();

  /** `server`: where the server itself listens. */
  constructor(server: () => { port: number; host: string }) {
    this.#server = server;
  }

  /** Answers a request that came over a line by handing it on, and resolves to true. Others are left alone. */
  handleRequest(request: IncomingMessage, response: ServerResponse, next: (request: IncomingMessage, response: ServerResponse) => void): boolean {
    const [, name, path] = address.exec(request.url ?? '') ?? [];
    if (name === undefined) return false;
    if (this.#isCut(name)) {
      request.socket.destroy();
      return true;
    }
    request.url = path;
    // There and back again.
    setTimeout(() => next(request, response), 2 * latencyOf(name));
    return true;
  }

  /** As `handleRequest`, for sockets: takes one that comes over a line, and carries its bytes from then on. */
  handleUpgrade(request: IncomingMessage, page: Duplex, head: Buffer): boolean {
    const [, name, path] = address.exec(request.url ?? '') ?? [];
    if (name === undefined) return false;
    if (this.#isCut(name)) {
      page.destroy();
      return true;
    }
    const server = connect(this.#server());
    const ends = [page, server];
    const sockets = this.#sockets.get(name) ?? new Set();
    this.#sockets.set(name, sockets);
    for (const end of ends) {
      sockets.add(end);
      // A line that breaks breaks at both ends; why does not matter to either.
      end.on('error', () => end.destroy());
      end.on('close', () => {
        sockets.delete(end);
        for (const other of ends) other.destroy();
      });
    }
    const headers = [];
    for (let at = 0; at < request.rawHeaders.length; at += 2) headers.push(`${request.rawHeaders[at]}: ${request.rawHeaders[at + 1]}\r\n`);
    const outward = late(latencyOf(name));
    outward.write(`GET ${path} HTTP/1.1\r\n${headers.join('')}\r\n`);
    outward.write(head);
    page.pipe(outward).pipe(server);
    server.pipe(late(latencyOf(name))).pipe(page);
    return true;
  }

  /** Drops everything that is on the line, and lets nothing on it for a while. */
  cut(name: string, ms: number): void {
    this.#cutUntil.set(name, Date.now() + ms);
    for (const socket of this.#sockets.get(name) ?? []) socket.destroy();
  }

  close(): void {
    for (const sockets of this.#sockets.values()) for (const socket of sockets) socket.destroy();
  }

  #isCut(name: string): boolean {
    return Date.now() < (this.#cutUntil.get(name) ?? 0);
  }
}

function latencyOf(name: string): number {
  return name === 'slow' ? slowMs : 0;
}

/** Hands on every piece `ms` later, in order: timers of one duration end in the order they were set. */
function late(ms: number): Transform {
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      setTimeout(() => this.push(chunk), ms);
      done();
    },
    flush(done) {
      setTimeout(done, ms);
    },
  });
}
