import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { connect, type Socket } from 'node:net';
import { after, before, it } from 'node:test';
import fc from 'fast-check';
import { closeCodes, protocolVersion, subprotocol } from '#protocol/codes';
import { Asker } from '../support/asker.ts';
import { listenAnywhere } from '../support/listening.ts';
import { ServerWorld } from '../support/server-world.ts';
import { bytesInUse, fuzz } from './fuzz.ts';
import { hostileText, hostileTexts } from './hostile.ts';

/* What lies below the frames of the protocol: bytes on a real socket, at random. Shapes with a name are in published-shapes.test.ts. */

let world: ServerWorld;
let server: Server;
let door: Awaited<ReturnType<typeof listenAnywhere>>;
let bystander: Asker;
let token: string;
const troubles: unknown[] = [];
const onTrouble = (error: unknown): void => void troubles.push(error);

before(async () => {
  process.on('unhandledRejection', onTrouble);
  process.on('uncaughtException', onTrouble);
  world = await ServerWorld.start();
  server = createServer(world.server.listener);
  world.server.attach(server);
  door = await listenAnywhere(server);
  token = await world.token('mallory', { lastsMs: 1e12 });
  bystander = await Asker.connect(`${door.url.replace('http', 'ws')}/ws`, await world.token('ann', { lastsMs: 1e12 }));
});
after(async () => {
  bystander.close();
  await world.close();
  await door.close();
  process.off('unhandledRejection', onTrouble);
  process.off('uncaughtException', onTrouble);
});

async function nothingHappened(): Promise<void> {
  await bystander.ask('rooms.list', {});
  assert.deepEqual(troubles, []);
  assert.deepEqual(world.log.filter((line) => line.includes('"level":"error"')), []);
  await world.clock.advance(3_000);
}

/** Says some bytes, and all that comes back until the other end hangs up; which it does, at the latest when it is hung up on. */
async function talk(...parts: (string | Buffer)[]): Promise<Buffer> {
  return converse([], parts);
}

/** As `talk`; says the second part when it was told that it is ready. */
async function converse(first: readonly (string | Buffer)[], then: readonly (string | Buffer)[]): Promise<Buffer> {
  const heard: Buffer[] = [];
  const socket: Socket = connect(door.port, '127.0.0.1');
  // A reset by a server that will hear no more is an end like any other.
  socket.on('error', () => undefined);
  const closed = once(socket, 'close');
  const ready = new Promise<void>((resolve) => {
    socket.on('data', (data) => {
      heard.push(data);
      if (data.includes('"ready"')) resolve();
    });
    if (first.length === 0) resolve();
  });
  for (const part of first) socket.write(part);
  await Promise.race([ready, closed]);
  for (const part of then) socket.write(part);
  socket.end();
  await closed;
  return Buffer.concat(heard);
}

const upgrade = (lines: readonly string[] = [], path = '/ws'): string => [
  `GET ${path} HTTP/1.1`, 'Host: localhost', 'Connection: Upgrade', 'Upgrade: websocket', 'Sec-WebSocket-Version: 13',
  `Sec-WebSocket-Key: ${randomBytes(16).toString('base64')}`, `Sec-WebSocket-Protocol: ${subprotocol}`, ...lines, '', '',
].join('\r\n');

interface Piece {
  /** FIN, reserved bits and opcode. */
  first: number;
  payload: Buffer;
  /** How the length is written: as short as it can be, or longer than it has to be, or as what it is not. */
  length: 'short' | 'in 16 bits' | 'in 64 bits' | 'a lie';
  isMasked: boolean;
}

function bytesOf({ first, payload, length, isMasked }: Piece): Buffer {
  const bit = isMasked ? 0x80 : 0;
  const mask = isMasked ? Buffer.of(1, 2, 3, 4) : Buffer.alloc(0);
  const masked = isMasked ? payload.map((byte, index) => byte ^ mask[index % 4]!) : payload;
  const size = payload.length;
  const in16 = Buffer.of(bit | 126, (size >> 8) & 0xff, size & 0xff);
  const in64 = Buffer.concat([Buffer.of(bit | 127), Buffer.alloc(4), Buffer.of((size >> 24) & 0xff, (size >> 16) & 0xff, (size >> 8) & 0xff, size & 0xff)]);
  const lengths = { 'short': size < 126 ? Buffer.of(bit | size) : size < 65_536 ? in16 : in64, 'in 16 bits': in16, 'in 64 bits': in64, 'a lie': Buffer.of(bit | 127, ...Buffer.alloc(8, 0x7f)) };
  return Buffer.concat([Buffer.of(first), lengths[length], mask, masked]);
}

const text = (said: string, first = 0x81): Buffer => bytesOf({ first, payload: Buffer.from(said), length: 'short', isMasked: true });
const hello = (): Buffer => text(JSON.stringify({ kind: 'hello', ref: 1, version: protocolVersion, token }));
const goodbye = bytesOf({ first: 0x88, payload: Buffer.of(0x03, 0xe8), length: 'short', isMasked: true });

/** Frames of the server, unmasked: opcode and payload. */
function framesIn(answer: Buffer): { opcode: number; payload: Buffer }[] {
  const found: { opcode: number; payload: Buffer }[] = [];
  let at = answer.indexOf('\r\n\r\n') + 4;
  while (at + 2 <= answer.length) {
    const short = answer[at + 1]!;
    const [from, length] = short < 126 ? [at + 2, short] : short === 126 ? [at + 4, answer.readUInt16BE(at + 2)] : [at + 10, Number(answer.readBigUInt64BE(at + 2))];
    found.push({ opcode: answer[at]! & 0x0f, payload: answer.subarray(from, from + length) });
    at = from + length;
  }
  return found;
}

it('F1, G9: whatever comes in whatever frames, the server closes as it says, and nobody else is harmed', async () => {
  const piece: fc.Arbitrary<Buffer> = fc.record({
    first: fc.oneof({ weight: 3, arbitrary: fc.constantFrom(0x81, 0x01, 0x80, 0x00, 0x89, 0x8a, 0x88, 0x82) }, fc.nat(255)),
    payload: fc.oneof(fc.uint8Array({ maxLength: 140 }), hostileText.map((said) => Buffer.from(said)), fc.constantFrom('{"kind":"heartbeat"}', '{"kind":"rooms.list","ref":7}', '').map((said) => Buffer.from(said))).map((bytes) => Buffer.from(bytes)),
    length: fc.oneof({ weight: 6, arbitrary: fc.constant('short' as const) }, fc.constantFrom('in 16 bits' as const, 'in 64 bits' as const, 'a lie' as const)),
    isMasked: fc.oneof({ weight: 6, arbitrary: fc.constant(true) }, fc.constant(false)),
  }).map(bytesOf);
  const said = fc.tuple(fc.boolean(), fc.array(fc.oneof({ weight: 6, arbitrary: piece }, fc.uint8Array({ maxLength: 60 }).map((bytes) => Buffer.from(bytes))), { maxLength: 8 }));
  const codes = new Set<number>([1000, 1001, 1002, 1005, 1006, 1007, 1008, 1009, ...Object.values(closeCodes)]);
  let runs = 0;
  let bytesBefore = 0;
  await fuzz(fc.array(said, { minLength: 4, maxLength: 8 }), 60, async (talks) => {
    if (++runs === 20) bytesBefore = bytesInUse();
    const answers = await Promise.all(talks.map(([isKnown, pieces]) => (isKnown ? converse([upgrade(), hello()], pieces) : talk(upgrade(), ...pieces))));
    for (const answer of answers) {
      assert.match(answer.toString('latin1'), /^HTTP\/1\.1 101 /);
      const [close] = framesIn(answer).filter(({ opcode }) => opcode === 8);
      if (close && close.payload.length >= 2) {
        // A code that the other end has made up is said back to it.
        const code = close.payload.readUInt16BE(0);
        assert.ok(codes.has(code) || (code >= 3_000 && code < 5_000), `closed with ${code}`);
      }
    }
    await nothingHappened();
  });
  if (bytesBefore > 0) assert.ok(bytesInUse() - bytesBefore < 32 * 1024 * 1024, 'memory does not grow');
});

it('F1: a message may come in pieces, with a ping between them, and a letter cut in two', async () => {
  const whole = Buffer.from('{"kind":"💥","ref":2}');
  const cut = whole.indexOf(Buffer.from('💥')) + 2;
  const answer = await converse([upgrade(), hello()], [
    bytesOf({ first: 0x01, payload: whole.subarray(0, cut), length: 'short', isMasked: true }),
    bytesOf({ first: 0x89, payload: Buffer.from('12'), length: 'short', isMasked: true }), bytesOf({ first: 0x00, payload: Buffer.alloc(0), length: 'short', isMasked: true }),
    bytesOf({ first: 0x80, payload: whole.subarray(cut), length: 'in 64 bits', isMasked: true }), goodbye,
  ]);
  const frames = framesIn(answer);
  assert.deepEqual(frames.filter(({ opcode }) => opcode === 10).map(({ payload }) => payload.toString()), ['12'], 'CVE-2016-10518: a pong holds what the ping did, and nothing of our memory');
  assert.ok(frames.some(({ payload }) => payload.toString().includes('This server does not know \\"💥\\".')), 'the message was put together and read');
  await nothingHappened();
});

it('CVE-2026-45736: a close holds its code and its sentence, and nothing of our memory', async () => {
  const [close] = framesIn(await talk(upgrade(), text('{"kind":"hello","ref":1,"version":1,"token":5}'))).filter(({ opcode }) => opcode === 8);
  assert.equal(close?.payload.readUInt16BE(0), closeCodes.badFrame);
  assert.equal(close?.payload.subarray(2).toString(), 'hello: "token": Invalid input: expected string, received number.');
});

it('GHSA-xwhh-v746-pj9m: what is said before one is let in is not kept', async () => {
  const before = bytesInUse();
  const pushy = Buffer.concat(Array.from({ length: 200 }, () => text(`{"kind":"rooms.list","ref":2,"query":"${'x'.repeat(90)}"}`)));
  const answers = await Promise.all(Array.from({ length: 40 }, () => talk(upgrade(), hello(), pushy)));
  for (const answer of answers) {
    const [close] = framesIn(answer).filter(({ opcode }) => opcode === 8);
    assert.equal(close?.payload.readUInt16BE(0), closeCodes.badFrame, 'Wait for ready before saying more.');
  }
  assert.ok(bytesInUse() - before < 16 * 1024 * 1024);
  await nothingHappened();
});

it('F8: whatever request lines, paths, headers and bodies come, the answer is one of ours, and says nothing of our insides', async () => {
  const path = fc.oneof(
    fc.constantFrom('/', '/ws', '/api/v1/rooms', '/api/v1/rooms/x/messages', '/api/v1/people', '/guest', '/metrics', '/health', '/chatter.js', '/chatter-x.js', '//', '/%2e%2e/', '/%', '/%00', '/%ff', '/api/v1/%2f', '*', 'http://evil.example/ws', ''),
    hostileText.map((said) => `/${encodeURIComponent(said.toWellFormed()).slice(0, 2_000)}`), hostileText.map((said) => `/api/v1/rooms?query=${encodeURIComponent(said.toWellFormed()).slice(0, 2_000)}`),
    fc.string({ unit: 'binary-ascii', maxLength: 60 }).map((said) => `/${said.replaceAll(/[\s\0]/g, '')}`),
  );
  const header = fc.oneof(
    fc.constantFrom(
      'Content-Length: 99999999999', 'Content-Length: -1', 'Content-Length: 5\r\nContent-Length: 6', 'Transfer-Encoding: chunked', 'Transfer-Encoding: chunked, identity', 'Expect: 100-continue',
      'Upgrade: websocket\r\nConnection: Upgrade', 'Origin: null', 'Host: ', 'Host: a\r\nHost: b', 'Authorization: Bearer', 'Authorization: bearer x.y.z', 'Accept-Encoding: gzip;q=0, *', 'If-None-Match: *', 'Range: bytes=0-',
      'X-Forwarded-For: 1.2.3.4', 'X-Forwarded-Host: evil.example', 'Cookie: a=b', 'X-HTTP-Method-Override: DELETE', 'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: x', 'Content-Type: text/html',
    ),
    fc.tuple(fc.string({ unit: 'binary-ascii', minLength: 1, maxLength: 20 }), fc.string({ unit: 'binary-ascii', maxLength: 60 })).map(([name, value]) => `${name}: ${value}`),
  );
  const body = fc.oneof(fc.constant(''), fc.constantFrom(...hostileTexts).map((said) => JSON.stringify({ text: said, clientMsgId: said, type: said, user: said })), fc.constantFrom('{', '5\r\n{"a":\r\n0\r\n\r\n', '['.repeat(10_000), 'ffffffffff\r\n'));
  const request = fc.tuple(fc.constantFrom('GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS', 'CONNECT', 'TRACE', 'get', 'FOO', ''), path, fc.boolean(), fc.array(header, { maxLength: 4 }), body)
    .map(([method, where, isKnown, headers, more]) => [`${method} ${where} HTTP/1.1`, 'Host: localhost', 'Connection: close', ...(isKnown ? [`Authorization: Bearer ${token}`] : []), ...headers, '', more].join('\r\n'));
  await fuzz(fc.array(request, { minLength: 4, maxLength: 10 }), 80, async (requests) => {
    const answers = await Promise.all(requests.map((one) => talk(Buffer.from(one, 'latin1'))));
    for (const [index, answer] of answers.entries()) {
      const said = answer.toString('latin1');
      if (said !== '') assert.match(said, /^HTTP\/1\.1 [1-4]\d\d /, requests[index]);
      assert.doesNotMatch(said, /node:internal|\bat \S+ \(\/|\.ts:\d|node_modules|SQLITE|\bSELECT \S+ FROM/, requests[index]);
    }
    await nothingHappened();
  });
});
