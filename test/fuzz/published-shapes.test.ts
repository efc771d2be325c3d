import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import { after, before, describe, it } from 'node:test';
import { subprotocol } from '#protocol/codes';
import { Asker } from '../support/asker.ts';
import { signToken, TokenServer } from '../support/token-server.ts';

/*
 * What has brought others down, at our door: shapes of published vulnerabilities of the libraries that we stand on, and of
 * their kin. Each is answered with a refusal, and somebody else who is chatting notices nothing.
 */

let server: TokenServer;
let bystander: Asker;
before(async () => {
  server = await TokenServer.start();
  bystander = await Asker.connect(`${server.url.replace('http', 'ws')}/ws`, await signToken('bystander'));
});
after(async () => {
  bystander.close();
  await server.close();
});

async function bystanderGoesOn(): Promise<void> {
  assert.deepEqual((await bystander.ask('rooms.list', {})).rooms, []);
  assert.equal((await fetch(`${server.url}/health`)).status, 200);
}

const handshake = (more: readonly string[] = []): string => [
  'GET /ws HTTP/1.1', 'Host: localhost', 'Connection: Upgrade', 'Upgrade: websocket', 'Sec-WebSocket-Version: 13',
  `Sec-WebSocket-Key: ${randomBytes(16).toString('base64')}`, `Sec-WebSocket-Protocol: ${subprotocol}`, ...more, '', '',
].join('\r\n');

/** Sends bytes, and resolves to all that comes back until the other end lets go. */
function talk(...parts: (string | Buffer)[]): Promise<Buffer> {
  return new Promise((resolve) => {
    const heard: Buffer[] = [];
    const socket: Socket = connect(Number(new URL(server.url).port), '127.0.0.1');
    for (const part of parts) socket.write(part);
    socket.on('data', (data) => heard.push(data));
    // A reset by a server that will hear no more is an end like any other.
    socket.on('error', () => undefined);
    socket.on('close', () => resolve(Buffer.concat(heard)));
  });
}

/** A frame as RFC 6455 5.2 has it; `first` is FIN, reserved bits and opcode. */
function frame(first: number, payload: Buffer, { isMasked = true } = {}): Buffer {
  const length = payload.length < 126 ? Buffer.of((isMasked ? 0x80 : 0) | payload.length) : Buffer.of((isMasked ? 0x80 : 0) | 127, ...sizeOf(payload.length));
  return Buffer.concat([Buffer.of(first), length, isMasked ? Buffer.alloc(4) : Buffer.alloc(0), payload]);
}

function sizeOf(length: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(BigInt(length));
  return bytes;
}

/** The code of the close frame that the answer ends with. */
function closeCode(answer: Buffer): number | undefined {
  const frames = answer.subarray(answer.indexOf('\r\n\r\n') + 4);
  for (let at = 0; at + 2 <= frames.length;) {
    const length = frames[at + 1]!;
    if ((frames[at]! & 0x0f) === 8) return length >= 2 ? frames.readUInt16BE(at + 2) : 1005;
    at += 2 + length;
  }
  return undefined;
}

describe('G9: upgrades', () => {
  const refused: [name: string, headers: string[]][] = [
    ['CVE-2021-32640: a protocol header of spaces', [`Sec-WebSocket-Protocol: ${subprotocol}${' '.repeat(12_000)}x`]],
    ['CVE-2024-37890: two thousand headers', Array.from({ length: 2_001 }, (_, index) => `X-${index}: 1`)],
    ['GHSA-5v72-xg48-5rpm: extensions named like parts of every object', ['Sec-WebSocket-Extensions: constructor; toString; __proto__=1']],
    ['a header longer than any', [`X-Long: ${'x'.repeat(20_000)}`]],
    ['two keys', [`Sec-WebSocket-Key: ${'A'.repeat(24)}`]],
  ];
  for (const [name, headers] of refused) {
    it(name, async () => {
      // A close frame ends the connections of those whom it lets in.
      const answer = (await talk(handshake(headers), frame(0x88, Buffer.of(0x03, 0xe8)))).toString('latin1');
      // Where it hangs up on what is still being said, the refusal may be lost on the way.
      assert.match(answer, /^(HTTP\/1\.1 (101|4\d\d) |$)/);
      await bystanderGoesOn();
    });
  }
});

describe('C3, G9: frames that ws and its kin have stumbled over', () => {
  const cases: [name: string, code: number, bytes: () => Buffer][] = [
    ['CVE-2016-10542: a frame longer than may be', 1009, () => frame(0x81, Buffer.alloc(70_000, 'x'))],
    ['CVE-2026-48779: a message in pieces of one byte', 1008, () => Buffer.concat([frame(0x01, Buffer.from('{')), ...Array.from({ length: 20_000 }, () => frame(0x00, Buffer.from(' ')))])],
    ['CVE-2026-48779: a message in empty pieces', 1008, () => Buffer.concat([frame(0x01, Buffer.alloc(0)), ...Array.from({ length: 20_000 }, () => frame(0x00, Buffer.alloc(0)))])],
    ['reserved bits', 1002, () => frame(0xf1, Buffer.from('{}'))],
    ['a frame that is not masked', 1002, () => frame(0x81, Buffer.from('{}'), { isMasked: false })],
    ['a ping in pieces', 1002, () => frame(0x09, Buffer.from('x'))],
    ['a ping longer than a ping', 1002, () => frame(0x89, Buffer.alloc(200))],
    ['a piece of nothing', 1002, () => frame(0x80, Buffer.from('x'))],
    ['an opcode that is none', 1002, () => frame(0x83, Buffer.from('x'))],
    ['half a letter', 1007, () => frame(0x81, Buffer.of(0xc3, 0x28))],
    ['CVE-2026-5740: bytes, before anybody has said who they are', 4000, () => frame(0x82, Buffer.alloc(2_000, 0x91))],
    ['ten thousand brackets', 4000, () => frame(0x81, Buffer.from('['.repeat(7_000)))],
    ['a close whose reason is half a letter', 1007, () => frame(0x88, Buffer.of(0x03, 0xe8, 0xc3))],
  ];
  for (const [name, code, bytes] of cases) {
    it(name, async () => {
      assert.equal(closeCode(await talk(handshake(), bytes(), frame(0x88, Buffer.of(0x03, 0xe8)))), code);
      await bystanderGoesOn();
    });
  }
});

describe('REST', () => {
  const api = async (path: string, init: RequestInit & { user?: string; scheme?: string } = {}) => {
    const { user = 'ann', scheme = 'Bearer', ...rest } = init;
    return fetch(`${server.url}/api/v1${path}`, { ...rest, headers: { Authorization: `${scheme} ${await signToken(user)}`, ...rest.headers as Record<string, string> } });
  };

  it('CVE-2026-47673: a token behind another word than Bearer is none', async () => {
    for (const scheme of ['Basic', 'Token', 'bearer\tBearer', 'xBearer']) assert.equal((await api('/me', { scheme })).status, 401, scheme);
    assert.equal((await api('/me')).status, 200);
  });

  it('CVE-2026-44456: a body that does not say how long it is counts as it comes', async () => {
    const endless = new ReadableStream({ pull: (controller) => controller.enqueue(new Uint8Array(16_384).fill(0x20)) });
    const response = await api('/rooms', { method: 'POST', body: endless, duplex: 'half' } as RequestInit).catch(() => undefined);
    assert.ok(response === undefined || response.status === 413, `${response?.status}`);
    await bystanderGoesOn();
  });

  it('CVE-2026-29087, CVE-2026-39406: slashes in disguise open no door', async () => {
    for (const path of ['/..%2f..%2fpackage.json', '//etc/passwd', '/%2e%2e/%2e%2e/etc/passwd', '/chatter.js/..%5c..%5cpackage.json', '/api//v1/rooms', '/api%2fv1%2frooms', '/./api/v1/rooms.']) {
      const answer = (await talk(`GET ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`)).toString('latin1');
      assert.match(answer, /^HTTP\/1\.1 (400|401|404) /, path);
      assert.doesNotMatch(answer, /"name": "chatter"|root:/, path);
    }
  });

  it('CVE-2019-10748, CVE-2023-25813, CVE-2026-30951: what looks like a piece of SQL is text, in every field that takes text', async () => {
    const room = await server.directRoom('ann', 'ben');
    const shapes = [':name', '?', '$1', '$bind', "'; DROP TABLE messages; --", '"a::text) OR 1=1 --"', '{"a::text) OR 1=1 --": 1}', '%_!', '\\', 'a\u2028b', '{{constructor}}'];
    for (const [index, text] of shapes.entries()) {
      assert.equal((await api(`/rooms/${room.id}/messages`, { method: 'POST', body: JSON.stringify({ text, clientMsgId: `shape-${index}` }) })).status, 200, text);
      for (const path of [`/people?query=${encodeURIComponent(text)}`, `/rooms?query=${encodeURIComponent(text)}`]) assert.equal((await api(path)).status, 200, path);
      assert.ok([400, 404].includes((await api(`/rooms/${encodeURIComponent(text)}`)).status), text);
      assert.ok([400, 404].includes((await api(`/rooms?cursor=${encodeURIComponent(text)}`)).status), text);
    }
    assert.deepEqual((await server.messages('ben', room.id)).map(({ text }) => text), shapes);
  });

  it('CVE-2023-22578, CVE-2023-22579: lists and objects stand nowhere for text', async () => {
    for (const body of [{ type: 'direct', user: { $ne: null } }, { type: 'direct', user: ['ann'] }, { type: 'group', clientRoomId: { gt: '' }, users: [] }, [], 'x', null, 7]) {
      assert.equal((await api('/rooms', { method: 'POST', body: JSON.stringify(body) })).status, 400, JSON.stringify(body));
    }
    assert.ok((await api('/rooms?query[$ne]=1&limit=10&limit=20')).status < 500);
  });

  it('what every object has is not given to every object', async () => {
    for (const body of ['{"__proto__": {"polluted": 1}, "type": "direct", "user": "ann"}', '{"constructor": {"prototype": {"polluted": 1}}}', '{"type": "direct", "user": "ann", "user": "__proto__"}']) {
      assert.ok((await api('/rooms', { method: 'POST', body })).status < 500, body);
    }
    assert.equal(({} as { polluted?: number }).polluted, undefined);
  });

  it('numbers that are none, and texts that no database holds, are refused by name', async () => {
    const room = await server.directRoom('ann', 'cy');
    for (const seq of ['1e400', '9007199254740993', '-1', 'NaN', '1.5', '%00']) {
      assert.ok([400, 404].includes((await api(`/rooms/${room.id}/messages?before=${seq}`)).status), seq);
    }
    for (const text of ['"\\ud800"', '"a\\u0000b"', '" \\u200b "', '"' + 'x'.repeat(8_001) + '"']) {
      const response = await api(`/rooms/${room.id}/messages`, { method: 'POST', body: `{"clientMsgId": "bad", "text": ${text}}` });
      assert.ok([400, 413].includes(response.status), text.slice(0, 20));
    }
  });
});
