import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { connect } from 'node:net';
import { after, before, describe, it } from 'node:test';
import { WebSocket, WebSocketServer } from 'ws';
import { limits, subprotocol } from '#protocol/codes';
import { Asker } from '../../support/asker.ts';
import { exchange, listenAnywhere } from '../../support/listening.ts';
import { ChatterError } from '../../../server/index.ts';
import { ServerWorld } from '../../support/server-world.ts';

const key = 'dGhlIHNhbXBsZSBub25jZQ==';

describe('over a real websocket', () => {
  let world: ServerWorld;
  let server: Server;
  let door: Awaited<ReturnType<typeof listenAnywhere>>;
  let wsUrl: string;

  before(async () => {
    world = await ServerWorld.start({ origins: ['https://www.example.com', 'https://xn--bcher-kva.example'] });
    server = createServer(world.server.listener);
    world.server.attach(server);
    door = await listenAnywhere(server);
    wsUrl = `${door.url.replace('http', 'ws')}/ws`;
  });
  after(async () => {
    await world.close();
    await door.close();
  });

  /** Status line of the answer to an upgrade. */
  const upgrade = async (lines: readonly string[], path = '/ws'): Promise<string> => {
    const answer = await new Promise<string>((resolve) => {
      const socket = connect(door.port, '127.0.0.1');
      socket.once('data', (data) => {
        resolve(String(data).split('\r\n', 1)[0]!);
        socket.destroy();
      });
      socket.write([
        `GET ${path} HTTP/1.1`, `Host: 127.0.0.1:${door.port}`, 'Connection: Upgrade', 'Upgrade: websocket', 'Sec-WebSocket-Version: 13',
        `Sec-WebSocket-Key: ${key}`, ...lines, '', '',
      ].join('\r\n'));
    });
    return answer;
  };
  const protocol = `Sec-WebSocket-Protocol: ${subprotocol}`;

  it('people chat', async () => {
    const room = await world.group('garden', 'ann');
    const ann = await Asker.connect(wsUrl, await world.token('ann'));
    const { message } = await ann.ask('message.send', { room, clientMsgId: 'one', text: 'ünï\u{1F331}' });
    assert.equal(message.text, 'ünï\u{1F331}');
    ann.close();
  });

  it('C1: a client that does not offer chatter.v1 is refused with 400', async () => {
    assert.match(await upgrade([]), /^HTTP\/1.1 400/);
    assert.match(await upgrade(['Sec-WebSocket-Protocol: chatter.v2, chat']), /^HTTP\/1.1 400/);
    assert.match(await upgrade([`Sec-WebSocket-Protocol: chatter.v2, ${subprotocol}`]), /^HTTP\/1.1 101/);
  });

  for (const [origin, isAllowed] of [
    ['https://www.example.com', true], ['https://xn--bcher-kva.example', true],
    ['http://www.example.com', false], ['https://example.com', false], ['https://www.example.com:8443', false],
    ['https://www.example.com.evil.net', false], ['https://evil-www.example.com', false], ['https://WWW.EXAMPLE.COM', false],
    ['https://www.example.com/', false], ['null', false], ['*', false], ['', false],
  ] as const) {
    it(`C2: the origin "${origin}" is ${isAllowed ? 'allowed' : 'refused with 403'}`, async () => {
      assert.match(await upgrade([protocol, `Origin: ${origin}`]), isAllowed ? /^HTTP\/1.1 101/ : /^HTTP\/1.1 403/);
    });
  }

  it('C2: the own origin is allowed, no origin too, and two are refused, whatever they are', async () => {
    assert.match(await upgrade([protocol, `Origin: http://127.0.0.1:${door.port}`]), /^HTTP\/1.1 101/);
    assert.match(await upgrade([protocol]), /^HTTP\/1.1 101/);
    assert.match(await upgrade([protocol, 'Origin: https://www.example.com', 'Origin: https://www.example.com']), /^HTTP\/1.1 403/);
    assert.match(await upgrade([protocol, 'Origin: https://www.example.com', 'Origin: https://evil.net']), /^HTTP\/1.1 403/);
  });

  it('an upgrade that nobody takes is refused, and does not hang', async () => {
    assert.match(await upgrade([protocol], '/elsewhere'), /^HTTP\/1.1 404/);
  });

  it('F1: a frame of 64 KiB + 1 closes 1009, a torn one 1002 or 1007, and the server lives', async () => {
    const socket = new WebSocket(wsUrl, subprotocol);
    await once(socket, 'open');
    socket.send('x'.repeat(limits.frameBytes + 1));
    assert.equal((await once(socket, 'close'))[0], 1009);
    for (const bytes of [Buffer.from([0xc1, 0x80, 0, 0, 0, 0]), Buffer.from([0x81, 0x81, 0, 0, 0, 0, 0xff])]) {
      const raw = connect(door.port, '127.0.0.1');
      raw.write([`GET /ws HTTP/1.1`, `Host: x`, 'Connection: Upgrade', 'Upgrade: websocket', 'Sec-WebSocket-Version: 13', `Sec-WebSocket-Key: ${key}`, protocol, '', ''].join('\r\n'));
      await once(raw, 'data');
      const answered = once(raw, 'data');
      raw.write(bytes);
      const [answer] = await answered as [Buffer];
      assert.equal(answer[0], 0x88, 'a close frame');
      assert.ok([1002, 1007].includes(answer.readUInt16BE(2)));
      raw.destroy();
    }
    (await Asker.connect(wsUrl, await world.token('ann'))).close();
  });

  it('C3: binary frames and garbage instead of hello close 4000', async () => {
    for (const frame of [Buffer.from('{"kind":"hello"}'), 'garbage']) {
      const socket = new WebSocket(wsUrl, subprotocol);
      await once(socket, 'open');
      socket.send(frame);
      assert.equal((await once(socket, 'close'))[0], 4000);
    }
  });

  it('C5: a tampered token closes 4001, and why is said', async () => {
    const socket = new WebSocket(wsUrl, subprotocol);
    await once(socket, 'open');
    socket.send(JSON.stringify({ kind: 'hello', ref: 1, version: 1, token: `${await world.token('ann')}x` }));
    const [code, reason] = await once(socket, 'close') as [number, Buffer];
    assert.equal(code, 4001);
    assert.match(String(reason), /token/);
  });

  it('a reason that is too long for a close frame is cut, between two letters', async () => {
    const sentence = 'ünï'.repeat(100);
    const strict = await ServerWorld.start({ auth: { authenticate: () => Promise.reject(new ChatterError('unauthorized', sentence)) } });
    const other = createServer();
    strict.server.attach(other);
    const { url, close } = await listenAnywhere(other);
    const socket = new WebSocket(`${url.replace('http', 'ws')}/ws`, subprotocol);
    await once(socket, 'open');
    socket.send(JSON.stringify({ kind: 'hello', ref: 1, version: 1, token: 'any' }));
    const [code, reason] = await once(socket, 'close') as [number, Buffer];
    assert.equal(code, 4001);
    assert.ok(reason.length > 110 && sentence.startsWith(String(reason)), String(reason));
    await strict.close();
    await close();
  });

  it('G9: a message in a thousand pieces is not put together', async () => {
    const raw = connect(door.port, '127.0.0.1');
    raw.write([`GET /ws HTTP/1.1`, `Host: x`, 'Connection: Upgrade', 'Upgrade: websocket', 'Sec-WebSocket-Version: 13', `Sec-WebSocket-Key: ${key}`, protocol, '', ''].join('\r\n'));
    await once(raw, 'data');
    const answered = once(raw, 'data');
    const piece = (opcode: number) => Buffer.from([opcode, 0x81, 0, 0, 0, 0, 0x20]);
    raw.write(Buffer.concat([piece(0x01), ...Array.from({ length: 2_000 }, () => piece(0x00))]));
    const [answer] = await answered as [Buffer];
    assert.deepEqual([answer[0], answer.readUInt16BE(2)], [0x88, 1008]);
    raw.destroy();
  });

  it('G9: so many may stand at the door without a word, and one more is to come back later', async () => {
    const strangers = Array.from({ length: 5_000 }, () => world.dial());
    assert.match(await upgrade([protocol]), /^HTTP\/1.1 503/);
    strangers[0]!.cut();
    assert.match(await upgrade([protocol]), /^HTTP\/1.1 101/);
    const token = await world.token('ann');
    await Promise.all(strangers.slice(1, 3).map((peer) => peer.hello(token)));
    assert.match(await upgrade([protocol]), /^HTTP\/1.1 101/, 'who has said hello stands there no more');
    for (const peer of strangers.slice(1)) peer.cut();
  });

  it('sockets that are reset in the middle of anything take nothing down', async () => {
    for (let index = 0; index < 20; index++) {
      const raw = connect(door.port, '127.0.0.1');
      await once(raw, 'connect');
      raw.write(`GET /ws HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${key}\r\n${protocol}\r\n`);
      if (index % 2) raw.write('\r\n');
      raw.resetAndDestroy();
    }
    (await Asker.connect(wsUrl, await world.token('ann'))).close();
  });

  it('many sessions get what was written once for all of them', async () => {
    const room = await world.group('crowd', 'ann', 'ben');
    const ann = await Asker.connect(wsUrl, await world.token('ann'));
    const token = await world.token('ben');
    const readers = await Promise.all(Array.from({ length: 10 }, async () => {
      const socket = new WebSocket(wsUrl, subprotocol);
      const frames: { kind: string; facts?: { message: { text: string } }[] }[] = [];
      const isOpen = new Promise<void>((resolve) => socket.on('message', (data) => {
        frames.push(JSON.parse(String(data)) as (typeof frames)[number]);
        if (frames.some(({ kind }) => kind === 'ok')) resolve();
      }));
      await once(socket, 'open');
      socket.send(JSON.stringify({ kind: 'hello', ref: 1, version: 1, token }));
      await once(socket, 'message');
      socket.send(JSON.stringify({ kind: 'room.open', ref: 2, room }));
      await isOpen;
      return { socket, frames };
    }));
    for (const [index, text] of ['short', 'x'.repeat(7_000), 'é'.repeat(8_000)].entries()) {
      const heard = readers.map(({ socket }) => once(socket, 'message'));
      await ann.ask('message.send', { room, clientMsgId: `m${index}`, text });
      await Promise.all(heard);
      for (const { frames } of readers) assert.ok(frames.some(({ facts }) => facts?.some(({ message }) => message.text === text)));
    }
    for (const { socket } of readers) socket.terminate();
    ann.close();
  });
});

describe('mounted into a host', () => {
  it('under a base path, with the prefix and without it, and beside another websocket server of the host', async () => {
    const world = await ServerWorld.start({ basePath: '/chat/' });
    const host = new WebSocketServer({ noServer: true });
    const server = createServer((request, response) => {
      if (request.url === '/host') return response.end('host');
      world.server.listener(request, response);
    });
    server.on('upgrade', (request, socket, head) => {
      if (request.url === '/host-ws') host.handleUpgrade(request, socket, head, (websocket) => websocket.send('host'));
    });
    const detach = world.server.attach(server);
    const { url, close } = await listenAnywhere(server);
    assert.equal((await fetch(`${url}/chat/health`)).status, 200);
    assert.equal((await fetch(`${url}/health`)).status, 200, 'as Express calls it');
    assert.match(await (await fetch(`${url}/chat`)).text(), new RegExp(`src=&quot;${url}/chat/chatter.js&quot;`));
    assert.equal(await (await fetch(`${url}/host`)).text(), 'host');
    const hostSocket = new WebSocket(`${url.replace('http', 'ws')}/host-ws`);
    assert.equal(String((await once(hostSocket, 'message'))[0]), 'host');
    hostSocket.close();
    const ann = await Asker.connect(`${url.replace('http', 'ws')}/chat/ws`, await world.token('ann'));
    await ann.ask('rooms.list', {});
    ann.close();
    detach();
    await world.close();
    await close();
  });

  it('leaves the Request and Response of the host alone', async () => {
    const before = [globalThis.Request, globalThis.Response];
    const world = await ServerWorld.start();
    const { url, close } = await listenAnywhere(createServer(world.server.listener));
    await fetch(`${url}/health`);
    assert.deepEqual([globalThis.Request, globalThis.Response], before);
    await world.close();
    await close();
  });

  it('a request line that is none, or a Host that is none, is answered and harms nothing', async () => {
    const world = await ServerWorld.start();
    const { port, url, close } = await listenAnywhere(createServer(world.server.listener));
    for (const request of ['GET /health HTTP/1.1\r\nHost: a b\r\nConnection: close\r\n\r\n', 'GET //// HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n', 'nonsense\r\n\r\n']) {
      assert.match(await exchange(port, request), /^HTTP\/1.1 [45]\d\d|^HTTP\/1.1 200/);
    }
    assert.equal((await fetch(`${url}/health`)).status, 200);
    await world.close();
    await close();
  });
});
