import { randomBytes } from 'node:crypto';
import { connect, type Socket } from 'node:net';

/** What a read brings in, of all sockets: it is taken apart before the next one, so they share the place. */
const arriving = Buffer.allocUnsafe(64 * 1024);

/**
 * The least websocket client that can be: a load generator shares two cores with what it measures, so each microsecond
 * spent here is taken from the server. Text frames only, no fragments, no compression: what all servers under test send.
 */
export class RawSocket {
  /** Called with the payload of each text frame, which is good until it returns: whoever keeps it copies it. */
  onText: (payload: Buffer) => void = () => undefined;
  /** Called once, unless it was `destroy`ed. */
  onClose: (code: number) => void = () => undefined;
  #socket: Socket;
  #rest: Buffer | undefined;
  #isOver = false;

  private constructor(port: number, onRead: (chunk: Buffer) => void) {
    this.#socket = connect({
      port, host: '127.0.0.1', noDelay: true,
      // A buffer of its own for each read would be most of what the load costs.
      onread: {
        buffer: arriving,
        callback: (length, buffer) => {
          onRead((buffer as Buffer).subarray(0, length));
          return true;
        },
      },
    });
  }

  /** Resolves once the server has accepted the upgrade. */
  static open(port: number, path: string, protocol?: string): Promise<RawSocket> {
    return new Promise((resolve, reject) => {
      let response: Buffer | undefined = Buffer.alloc(0);
      const raw = new RawSocket(port, (chunk) => {
        if (response === undefined) return raw.#receive(chunk);
        response = Buffer.concat([response, chunk]);
        const end = response.indexOf('\r\n\r\n');
        if (end < 0) return;
        if (!response.subarray(0, end).toString().startsWith('HTTP/1.1 101')) {
          reject(new Error(`The upgrade was refused: ${response.subarray(0, response.indexOf('\r\n')).toString()}`));
          return raw.destroy();
        }
        const rest = response.subarray(end + 4);
        response = undefined;
        resolve(raw);
        // Only when whoever waits for the socket has set what hears it.
        if (rest.length > 0) setImmediate(() => raw.#receive(rest));
      });
      raw.#socket.once('connect', () => {
        const headers = [
          `GET ${path} HTTP/1.1`, `Host: 127.0.0.1:${port}`, 'Upgrade: websocket', 'Connection: Upgrade',
          `Sec-WebSocket-Key: ${randomBytes(16).toString('base64')}`, 'Sec-WebSocket-Version: 13',
          ...(protocol === undefined ? [] : [`Sec-WebSocket-Protocol: ${protocol}`]),
        ];
        raw.#socket.write(`${headers.join('\r\n')}\r\n\r\n`);
      });
      raw.#socket.on('error', reject);
      raw.#socket.on('close', () => {
        reject(new Error('The connection was closed before the upgrade was answered.'));
        raw.#end(1006);
      });
    });
  }

  send(frame: object | string): void {
    const payload = Buffer.from(typeof frame === 'string' ? frame : JSON.stringify(frame));
    this.#write(0x1, payload);
  }

  destroy(): void {
    this.#isOver = true;
    this.#socket.destroy();
  }

  #end(code: number): void {
    if (this.#isOver) return;
    this.destroy();
    this.onClose(code);
  }

  #write(opcode: number, payload: Buffer): void {
    const extended = payload.length < 126 ? 0 : 2;
    const out = Buffer.allocUnsafe(2 + extended + 4 + payload.length);
    out[0] = 0x80 | opcode;
    if (extended === 0) out[1] = 0x80 | payload.length;
    else {
      out[1] = 0x80 | 126;
      out.writeUInt16BE(payload.length, 2);
    }
    // A mask of zeros is a valid mask, and leaves the payload as it is.
    out.fill(0, 2 + extended, 6 + extended);
    payload.copy(out, 6 + extended);
    this.#socket.write(out);
  }

  #receive(chunk: Buffer): void {
    let data = this.#rest === undefined ? chunk : Buffer.concat([this.#rest, chunk]);
    this.#rest = undefined;
    while (data.length >= 2) {
      const opcode = data[0]! & 0x0f;
      let length = data[1]! & 0x7f;
      let header = 2;
      if (length === 126) {
        if (data.length < 4) break;
        length = data.readUInt16BE(2);
        header = 4;
      } else if (length === 127) {
        if (data.length < 10) break;
        length = Number(data.readBigUInt64BE(2));
        header = 10;
      }
      if (data.length < header + length) break;
      const payload = data.subarray(header, header + length);
      if (opcode === 0x1) this.onText(payload);
      else if (opcode === 0x9) this.#write(0xa, payload);
      else if (opcode === 0x8) return this.#end(payload.length >= 2 ? payload.readUInt16BE(0) : 1005);
      data = data.subarray(header + length);
    }
    // A copy, because the next read comes to the same place.
    if (data.length > 0) this.#rest = Buffer.from(data);
  }
}
