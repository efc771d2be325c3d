import { randomBytes } from 'node:crypto';
import { connect, type Socket } from 'node:net';

/**
 * The least websocket client that can be: a load generator shares two cores with what it measures, so each microsecond
 * spent here is taken from the server. Text frames only, no fragments, no compression: what both servers under test send.
 */
export class RawSocket {
  /** Called with the payload of each text frame. */
  onText: (payload: Buffer) => void = () => undefined;
  onClose: (code: number) => void = () => undefined;
  #socket: Socket;
  #rest: Buffer | undefined;

  private constructor(socket: Socket) {
    this.#socket = socket;
  }

  /** Resolves once the server has accepted the upgrade. */
  static open(port: number, path: string, protocol?: string): Promise<RawSocket> {
    return new Promise((resolve, reject) => {
      const socket = connect({ port, host: '127.0.0.1', noDelay: true });
      const raw = new RawSocket(socket);
      let response = Buffer.alloc(0);
      socket.once('error', reject);
      socket.once('connect', () => {
        const headers = [
          `GET ${path} HTTP/1.1`, `Host: 127.0.0.1:${port}`, 'Upgrade: websocket', 'Connection: Upgrade',
          `Sec-WebSocket-Key: ${randomBytes(16).toString('base64')}`, 'Sec-WebSocket-Version: 13',
          ...(protocol === undefined ? [] : [`Sec-WebSocket-Protocol: ${protocol}`]),
        ];
        socket.write(`${headers.join('\r\n')}\r\n\r\n`);
      });
      const onHandshake = (chunk: Buffer): void => {
        response = Buffer.concat([response, chunk]);
        const end = response.indexOf('\r\n\r\n');
        if (end < 0) return;
        socket.off('data', onHandshake);
        if (!response.subarray(0, end).toString().startsWith('HTTP/1.1 101')) {
          socket.destroy();
          reject(new Error(`The upgrade was refused: ${response.subarray(0, response.indexOf('\r\n')).toString()}`));
          return;
        }
        socket.off('error', reject);
        socket.on('error', () => undefined);
        socket.on('data', (data) => raw.#receive(data));
        socket.on('close', () => raw.onClose(1006));
        resolve(raw);
        const rest = response.subarray(end + 4);
        if (rest.length > 0) queueMicrotask(() => raw.#receive(rest));
      };
      socket.on('data', onHandshake);
    });
  }

  send(frame: object | string): void {
    const payload = Buffer.from(typeof frame === 'string' ? frame : JSON.stringify(frame));
    this.#write(0x1, payload);
  }

  destroy(): void {
    this.#socket.destroy();
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
      else if (opcode === 0x8) this.onClose(payload.length >= 2 ? payload.readUInt16BE(0) : 1005);
      data = data.subarray(header + length);
    }
    if (data.length > 0) this.#rest = data;
  }
}
