import assert from 'node:assert/strict';
import { mkdtemp, mkdir, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { after, before, describe, it } from 'node:test';
import { exchange, listenAnywhere } from '../../support/listening.ts';
import { ServerWorld, until } from '../../support/server-world.ts';

describe('REST', () => {
  let world: ServerWorld;
  let authorization: string;
  before(async () => {
    world = await ServerWorld.start({ origins: ['https://www.example.com'] });
    await world.meet('ben', 'cat');
    authorization = `Bearer ${await world.token('ann')}`;
  });
  after(() => world.close());

  const call = async (method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<{ status: number; headers: Headers; data: never }> => {
    const response = await world.server.app.request(`/api/v1${path}`, {
      method, headers: { authorization, ...headers }, body: body === undefined ? undefined : typeof body === 'string' ? body : JSON.stringify(body),
    });
    return { status: response.status, headers: response.headers, data: await response.json().catch(() => undefined) as never };
  };

  it('does what the socket does, and the socket hears of it', async () => {
    const { data: { room } } = await call('POST', '/rooms', { type: 'group', clientRoomId: 'r1', name: 'garden', users: ['ben'] }) as unknown as { data: { room: { id: string } } };
    const ben = await world.connect('ben');
    await ben.ask('room.open', { room: room.id });
    const sent = await call('POST', `/rooms/${room.id}/messages`, { clientMsgId: 'one', text: 'hello' }) as unknown as { data: { message: { seq: number } } };
    await until(() => ben.facts(room.id).length === 1, 'the fact');
    const again = await call('POST', `/rooms/${room.id}/messages`, { clientMsgId: 'one', text: 'hello' });
    assert.deepEqual([again.status, (again.data as { duplicate: boolean }).duplicate], [200, true]);
    assert.equal((await call('POST', `/rooms/${room.id}/messages`, { clientMsgId: 'one', text: 'other' })).status, 409);
    const page = await call('GET', `/rooms/${room.id}/messages?limit=1&before=${sent.data.message.seq + 1}`) as unknown as { data: { page: { messages: { text: string }[] } } };
    assert.deepEqual(page.data.page.messages.map(({ text }) => text), ['hello']);
    await ben.ask('room.read', { room: room.id, seq: sent.data.message.seq });
    assert.deepEqual((await call('GET', `/rooms/${room.id}/messages/${sent.data.message.seq}/seen`)).data, { count: 1, people: [{ id: 'ben', name: 'Ben' }] });
    assert.equal((await call('POST', `/rooms/${room.id}/members`, { users: ['cat'] })).status, 200);
    assert.equal((await call('DELETE', `/rooms/${room.id}/members/cat`)).status, 200);
    assert.equal((await call('PATCH', `/rooms/${room.id}`, { name: 'greenhouse' })).status, 200);
    assert.equal((await call('GET', `/rooms/${room.id}`) as unknown as { data: { room: { name: string } } }).data.room.name, 'greenhouse');
    assert.equal((await call('DELETE', `/rooms/${room.id}/messages/${sent.data.message.seq}`)).status, 200);
    assert.equal((await call('POST', `/rooms/${room.id}/leave`)).status, 200);
    assert.equal((await call('GET', `/rooms/${room.id}`)).status, 404);
    assert.deepEqual((await call('GET', '/people?query=ca')).data, { people: [{ id: 'cat', name: 'Cat' }] });
  });

  it('the path says which room it is, whatever the query and the body say', async () => {
    const [mine, other] = [await world.group('mine', 'ann'), await world.group('other', 'ben')];
    const page = await call('GET', `/rooms/${mine}/messages?room=${other}`);
    assert.equal(page.status, 200);
    assert.equal((await call('POST', `/rooms/${mine}/messages`, { room: other, clientMsgId: 'x', text: 'hello' })).status, 200);
    assert.equal((await world.store.history('default', other, { limit: 1 })).messages.length, 0);
  });

  it('F8: says what is wrong with a code and a sentence', async () => {
    const room = await world.group('garden', 'ann');
    for (const [method, path, body, status, code] of [
      ['POST', `/rooms/${room}/messages`, '{', 400, 'bad_frame'],
      ['POST', `/rooms/${room}/messages`, '[]', 400, 'bad_frame'],
      ['POST', `/rooms/${room}/messages`, { clientMsgId: 'x', text: 'x'.repeat(8_001) }, 400, 'bad_frame'],
      ['POST', `/rooms/${room}/messages`, 'x'.repeat(70_000), 413, 'too_large'],
      ['GET', `/rooms/${room}/messages?limit=many`, undefined, 400, 'bad_frame'],
      ['GET', '/rooms/..%2F..%2Fetc', undefined, 400, 'bad_frame'],
      ['GET', '/nothing', undefined, 404, 'not_found'],
    ] as const) {
      const answer = await call(method, path, body);
      assert.equal(answer.status, status, `${method} ${path}`);
      const { error } = answer.data as { error: { code: string; message: string; retry: boolean } };
      assert.equal(error.code, code);
      assert.ok(error.message.length > 10 && !error.retry);
    }
  });

  it('F5: who sends too fast is told when to come again', async () => {
    const room = await world.group('busy', 'ann');
    let answer = await call('POST', `/rooms/${room}/messages`, { clientMsgId: 'm', text: 'x' });
    for (let index = 0; answer.status === 200 && index < 50; index++) answer = await call('POST', `/rooms/${room}/messages`, { clientMsgId: `m${index}`, text: 'x' });
    assert.equal(answer.status, 429);
    assert.equal(answer.headers.get('retry-after'), '1');
  });

  it('C2: pages of listed origins may read the answers, others may not, and no cookie is asked for', async () => {
    const preflight = (origin: string) => world.server.app.request('/api/v1/rooms', {
      method: 'OPTIONS', headers: { origin, 'access-control-request-method': 'POST', 'access-control-request-headers': 'authorization' },
    });
    const allowed = await preflight('https://www.example.com');
    assert.equal(allowed.headers.get('access-control-allow-origin'), 'https://www.example.com');
    assert.match(allowed.headers.get('access-control-allow-headers') ?? '', /authorization/i);
    assert.equal(allowed.headers.get('access-control-allow-credentials'), null);
    for (const origin of ['https://evil.net', 'null', 'https://www.example.com.evil.net']) {
      assert.equal((await preflight(origin)).headers.get('access-control-allow-origin'), null, origin);
    }
    assert.equal((await call('GET', '/me', undefined, { origin: 'https://www.example.com' })).headers.get('access-control-allow-origin'), 'https://www.example.com');
  });

  it('takes requests without a body over a real connection, and says where one is needed', async () => {
    const { port, url, close } = await listenAnywhere(createServer(world.server.listener));
    const room = await world.group('garden', 'ann', 'ben');
    const { message } = await world.store.appendMessage('default', { room, senderId: 'ann', clientMsgId: 'one', text: 'hello' });
    for (const [method, path, status] of [
      ['DELETE', `/rooms/${room}/messages/${message.seq}`, 200], ['DELETE', `/rooms/${room}/members/ben`, 200], ['PATCH', `/rooms/${room}`, 400],
      ['POST', `/rooms/${room}/messages`, 400], ['PUT', `/rooms/${room}/read`, 400], ['POST', '/nothing', 404], ['POST', `/rooms/${room}/leave`, 200],
    ] as const) {
      const response = await fetch(`${url}/api/v1${path}`, { method, headers: { authorization } });
      assert.equal(response.status, status, `${method} ${path}: ${await response.text()}`);
    }
    const other = await world.group('other', 'ann');
    const leave = (...headers: string[]) => exchange(port, [
      `POST /api/v1/rooms/${other}/leave HTTP/1.1`, 'Host: x', `Authorization: ${authorization}`, 'Connection: close', ...headers, '', '',
    ].join('\r\n'));
    assert.match(await leave(), /^HTTP\/1.1 200/);
    assert.match(await leave('Content-Length: 0'), /^HTTP\/1.1 404/, 'left already');
    await close();
  });

  it('counts the bytes of a body whose length is said, and of one that says a smaller length than it has', async () => {
    const { url, close } = await listenAnywhere(createServer(world.server.listener));
    const body = 'x'.repeat(70_000);
    assert.equal((await fetch(`${url}/api/v1/rooms`, { method: 'POST', headers: { authorization }, body })).status, 413);
    assert.equal((await call('POST', '/rooms', body, { 'content-length': '5' })).status, 413);
    await close();
  });

  it('counts the bytes of a body that does not say how long it is', async () => {
    const { port, close } = await listenAnywhere(createServer(world.server.listener));
    const chunk = `4000\r\n${'x'.repeat(0x4000)}\r\n`;
    const answer = await exchange(port, [
      'POST /api/v1/rooms HTTP/1.1', 'Host: x', `Authorization: ${authorization}`, 'Transfer-Encoding: chunked', 'Connection: close', '', chunk.repeat(5) + '0\r\n\r\n',
    ].join('\r\n'));
    assert.match(answer, /^HTTP\/1.1 413/);
    await close();
  });
});

describe('the elements', () => {
  let folder: string;
  let world: ServerWorld;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'chatter-elements-'));
    await mkdir(join(folder, 'public'));
    await writeFile(join(folder, 'chatter-secret.js'), 'not for the world');
    await writeFile(join(folder, 'public/chatter.js'), 'export {};');
    await writeFile(join(folder, 'public/chatter-de-Ab_1.js'), 'export const words = {};');
    await writeFile(join(folder, 'public/chatter-notes.txt'), 'not for the world');
    world = await ServerWorld.start({ elementsFile: join(folder, 'public/chatter.js') });
  });
  after(async () => {
    await world.close();
    await rm(folder, { recursive: true });
  });

  it('are served to any page, as a script, and again only when they have changed', async () => {
    for (const path of ['/chatter.js', '/chatter-de-Ab_1.js']) {
      const response = await world.server.app.request(path);
      assert.equal(response.status, 200, path);
      assert.match(response.headers.get('content-type') ?? '', /^text\/javascript/);
      assert.equal(response.headers.get('access-control-allow-origin'), '*');
      assert.equal(response.headers.get('cross-origin-resource-policy'), 'cross-origin');
      assert.equal(response.headers.get('x-content-type-options'), 'nosniff');
      const etag = response.headers.get('etag')!;
      for (const known of [etag, `W/${etag}`, `"other", ${etag}`]) {
        assert.equal((await world.server.app.request(path, { headers: { 'if-none-match': known } })).status, 304);
      }
      assert.equal((await world.server.app.request(path, { headers: { 'if-none-match': '"other"' } })).status, 200);
    }
  });

  it('go over the line as gzip where it is taken, with an ETag of their own', async () => {
    const ask = (encodings: string, known = '') => world.server.app.request('/chatter.js', {
      headers: { 'accept-encoding': encodings, 'if-none-match': known },
    });
    const plain = await ask('br, gzip;q=0');
    assert.equal(plain.headers.get('content-encoding'), null);
    for (const encodings of ['gzip', 'gzip, deflate, br', 'br;q=1, gzip;q=0.5']) {
      const zipped = await ask(encodings);
      assert.equal(zipped.headers.get('content-encoding'), 'gzip', encodings);
      assert.equal(zipped.headers.get('vary'), 'Accept-Encoding');
      assert.equal(gunzipSync(await zipped.arrayBuffer()).toString(), 'export {};');
      assert.notEqual(zipped.headers.get('etag'), plain.headers.get('etag'));
      assert.equal((await ask(encodings, zipped.headers.get('etag')!)).status, 304);
    }
  });

  it('are all that is served of their folder, and nothing of any other', async () => {
    for (const path of [
      '/chatter-notes.txt', '/chatter-missing.js', '/chatter-..%2Fchatter-secret.js', '/..%2Fchatter-secret.js', '/chatter-/../../chatter-secret.js',
      '/chatter-%2e%2e/chatter-secret.js', '/chatter-a%00.js', '/chatter-..\\chatter-secret.js', '/public/chatter.js',
    ]) {
      const response = await world.server.app.request(path);
      assert.equal(response.status, 404, path);
      assert.doesNotMatch(await response.text(), /not for the world/);
    }
  });

  it('that are not built are told of', async () => {
    const bare = await ServerWorld.start({ elementsFile: join(folder, 'nowhere/chatter.js') });
    const response = await bare.server.app.request('/chatter.js');
    assert.equal(response.status, 404);
    assert.match(await response.text(), /npm run build/);
    await bare.close();
  });
});

describe('the status page', () => {
  it('says that the server runs and what to paste, without a script, and escapes what the request says of its host', async () => {
    const world = await ServerWorld.start({ basePath: 'chat' });
    const response = await world.server.app.request('https://chat.example.com/chat/');
    const page = await response.text();
    assert.match(page, /https:\/\/chat\.example\.com\/chat\/chatter\.js/);
    assert.doesNotMatch(page, /<script/);
    assert.match(response.headers.get('content-security-policy') ?? '', /default-src 'none'/);
    await world.close();
  });
});
