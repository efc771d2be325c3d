import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { after, before, describe, it } from 'node:test';
import { WebSocket } from 'ws';
import { subprotocol } from '#protocol/codes';
import { Asker } from '../../support/asker.ts';
import { exchange, listenAnywhere } from '../../support/listening.ts';
import { type Peer, ServerWorld, until } from '../../support/server-world.ts';

/** How a request is refused; fails where it is not. */
async function refusedAfterMs(peer: Peer, room: string, clientMsgId: string): Promise<number> {
  const answer = await peer.answerTo('message.send', { room, clientMsgId, text: clientMsgId });
  assert.ok(answer.kind === 'error' && answer.code === 'rate_limited' && answer.retry, JSON.stringify(answer));
  return answer.afterMs!;
}

describe('limits of what is sent', () => {
  it('F5: a room takes so many of all its people, and another room is not touched', async () => {
    const world = await ServerWorld.start({ limits: { roomSendsPerSecond: 10, roomSendBurst: 3 } });
    const [busy, calm] = [await world.group('busy', 'ann', 'ben', 'cat'), await world.group('calm', 'ann', 'ben')];
    const [ann, ben, cat] = [await world.connect('ann'), await world.connect('ben'), await world.connect('cat')];
    for (const [index, peer] of [ann, ben, cat].entries()) await peer.send(busy, `text ${index}`);
    const afterMs = await refusedAfterMs(ann, busy, 'one-more');
    assert.equal(afterMs, 100);
    assert.equal(await refusedAfterMs(ben, busy, 'another'), 200, 'one after the other');
    await ann.send(calm, 'elsewhere');
    await world.clock.advance(afterMs);
    await ann.send(busy, 'one more', 'one-more');
    await world.clock.advance(100);
    await ben.send(busy, 'another');
    await world.close();
  });

  it('F5: a tenant takes so many over all its rooms, and another tenant is not touched', async () => {
    const world = await ServerWorld.start({ limits: { tenantSendsPerSecond: 10, tenantSendBurst: 2 } });
    const ann = await world.connect('ann');
    const other = await world.connect('ann', { tenant: 'other' });
    const [here, there] = [await ann.ask('room.create', { type: 'direct', user: 'ann' }), await other.ask('room.create', { type: 'direct', user: 'ann' })];
    const group = await world.group('group', 'ann');
    await ann.send(here.room.id, 'one');
    await ann.send(group, 'two');
    assert.equal(await refusedAfterMs(ann, here.room.id, 'three'), 100);
    await other.send(there.room.id, 'not touched');
    await world.close();
  });

  it('R1: who is not in a room uses up nothing of what it takes', async () => {
    const world = await ServerWorld.start({ limits: { roomSendBurst: 1 } });
    const room = await world.group('garden', 'ann');
    const [ann, stranger] = [await world.connect('ann'), await world.connect('ben')];
    for (let times = 0; times < 5; times++) assert.equal(await stranger.refusal('message.send', { room, clientMsgId: `m${times}`, text: 'x' }), 'not_found');
    await ann.send(room, 'there is place for me');
    await world.close();
  });

  it('F5, G2: a retry of what is stored is answered, however busy its room is, to who comes back when told', async () => {
    const world = await ServerWorld.start({ limits: { roomSendsPerSecond: 5, roomSendBurst: 5, sendsPerSecond: 100, sendBurst: 100 } });
    const crowd = Array.from({ length: 10 }, (_, index) => `person-${index}`);
    const room = await world.group('busy', 'ann', ...crowd);
    const { message } = await (await world.connect('ann')).send(room, 'was the answer lost?', 'lost');
    /** Sends as the client's outbox does: one at a time, again when told, and so on without an end. */
    const insist = (peer: Peer, next: () => string, onSent: () => void): void => {
      const clientMsgId = next();
      const attempt = (): void => {
        const answer = peer.begin('message.send', { room, clientMsgId, text: clientMsgId === 'lost' ? 'was the answer lost?' : clientMsgId });
        void until(() => answer() !== undefined, 'an answer').then(() => {
          const said = answer()!;
          if (said.kind === 'error') world.clock.after(said.afterMs!, attempt);
          else onSent();
        });
      };
      attempt();
    };
    let sent = 0;
    for (const user of crowd) {
      const peer = await world.connect(user);
      const more = (): void => insist(peer, () => `${user}-${sent}`, () => {
        sent += 1;
        more();
      });
      more();
    }
    const again = await world.connect('ann');
    let isAnswered = false;
    insist(again, () => 'lost', () => (isAnswered = true));
    await world.clock.advance(10_000);
    assert.ok(sent > 45, `${sent} others were taken meanwhile`);
    assert.ok(isAnswered);
    assert.deepEqual(again.all('ok').at(-1)?.data, { message, duplicate: true });
    await world.close();
  });
});

describe('limits of one person', () => {
  it('F5: over all connections and REST together a person may ask for so much, and another is not touched', async () => {
    const world = await ServerWorld.start({ limits: { requestsPerSecond: 10, requestBurst: 6 } });
    const [one, two, ben] = [await world.connect('ann'), await world.connect('ann'), await world.connect('ben')];
    const rest = async (id: string) => world.server.app.request('/api/v1/me', { headers: { authorization: `Bearer ${await world.token(id)}` } });
    for (const peer of [one, two]) for (let times = 0; times < 2; times++) await peer.ask('rooms.list', {});
    for (let times = 0; times < 2; times++) assert.equal((await rest('ann')).status, 200);
    const refused = await rest('ann');
    assert.equal(refused.status, 429);
    assert.equal(refused.headers.get('retry-after'), '1');
    const answer = await two.answerTo('rooms.list', {});
    assert.ok(answer.kind === 'error' && answer.code === 'rate_limited' && answer.afterMs === 100);
    one.say({ kind: 'heartbeat' });
    assert.equal(one.frames.at(-1)?.kind, 'heartbeat', 'which is no request');
    await ben.ask('rooms.list', {});
    await world.clock.advance(100);
    await one.ask('rooms.list', {});
    await world.close();
  });
});

describe('limits of one address', () => {
  let world: ServerWorld;
  let door: Awaited<ReturnType<typeof listenAnywhere>>;
  const sockets: WebSocket[] = [];
  before(async () => {
    world = await ServerWorld.start({ trustedProxies: 1, limits: { connectionsPerAddress: 4, connectsPerSecond: 1, connectBurst: 6 }, origins: ['https://www.example.com'] });
    const server = createServer(world.server.listener);
    world.server.attach(server);
    door = await listenAnywhere(server);
  });
  after(async () => {
    for (const socket of sockets) socket.terminate();
    await world.close();
    await door.close();
  });

  /** A connection that comes through the proxy from `address`; or what it is refused with. */
  const connect = async (address: string | undefined, headers: Record<string, string> = {}): Promise<WebSocket | { status: number; retryAfter?: string }> => {
    const socket = new WebSocket(`${door.url.replace('http', 'ws')}/ws`, subprotocol, {
      headers: { ...(address === undefined ? {} : { 'x-forwarded-for': address }), ...headers },
    });
    sockets.push(socket);
    return new Promise((resolve) => {
      socket.once('open', () => resolve(socket));
      socket.once('error', () => {});
      socket.once('unexpected-response', (_request, { statusCode, headers: { 'retry-after': retryAfter } }) => {
        resolve({ status: statusCode!, ...(retryAfter === undefined ? {} : { retryAfter }) });
      });
    });
  };
  const mustConnect = async (address: string | undefined): Promise<WebSocket> => {
    const socket = await connect(address);
    assert.ok(socket instanceof WebSocket, JSON.stringify(socket));
    return socket;
  };

  it('F9: so many connections at a time are taken, one more is refused with 429, and who is in stays in', async () => {
    const first = await Promise.all(Array.from({ length: 4 }, () => mustConnect('203.0.113.1')));
    assert.deepEqual(await connect('203.0.113.1'), { status: 429, retryAfter: '10' });
    assert.deepEqual(await connect('::ffff:203.0.113.1'), { status: 429, retryAfter: '10' }, 'the same address');
    await mustConnect('203.0.113.2');
    assert.ok(first.every((socket) => socket.readyState === WebSocket.OPEN));
    const closed = once(first[0]!, 'close');
    first[0]!.close();
    await closed;
    await mustConnect('203.0.113.1');
  });

  it('F9: so many come in a time, over all of a /64, and it is said when the next may', async () => {
    for (let times = 0; times < 6; times++) {
      const socket = await mustConnect(`2001:db8:1:2::${times}`);
      const closed = once(socket, 'close');
      socket.close();
      await closed;
    }
    assert.deepEqual(await connect('2001:db8:1:2::99'), { status: 429, retryAfter: '1' });
    await mustConnect('2001:db8:1:3::1');
    await world.clock.advance(1_000);
    await mustConnect('2001:db8:1:2::99');
  });

  it('F9: pages that may not chat here use up what their address may try, and are told no more than that then', async () => {
    const foreign = { origin: 'https://evil.net' };
    for (let times = 0; times < 6; times++) assert.deepEqual(await connect('203.0.113.3', foreign), { status: 403 });
    assert.equal((await connect('203.0.113.3', foreign) as { status: number }).status, 429);
  });

  it('F9: what others wrote into X-Forwarded-For gets nobody around it', async () => {
    for (let times = 0; times < 4; times++) await mustConnect(`198.51.100.${times}, 203.0.113.4`);
    assert.equal((await connect('198.51.100.99, 203.0.113.4') as { status: number }).status, 429);
  });

  it('F9: the machine itself and its own network are not limited', async () => {
    for (let times = 0; times < 12; times++) await mustConnect(times % 2 ? undefined : '10.0.0.9');
  });

  it('F9: REST without a good token is limited by address, and then nothing of that address is looked at', async () => {
    const ask = (address: string, authorization?: string) => fetch(`${door.url}/api/v1/me`, {
      headers: { 'x-forwarded-for': address, ...(authorization === undefined ? {} : { authorization }) },
    });
    const good = `Bearer ${await world.token('ann')}`;
    for (let times = 0; times < 20; times++) assert.equal((await ask('203.0.113.5', good)).status, 200, 'good ones cost the address nothing');
    for (let times = 0; times < 6; times++) assert.equal((await ask('203.0.113.5', times % 2 ? undefined : `${good}x`)).status, 401);
    for (const authorization of [undefined, 'Bearer garbage', good]) {
      const refused = await ask('203.0.113.5', authorization);
      assert.equal(refused.status, 429);
      assert.equal(refused.headers.get('retry-after'), '1');
      assert.equal((await refused.json() as { error: { code: string } }).error.code, 'rate_limited');
    }
    assert.equal((await ask('203.0.113.6', good)).status, 200, 'another address');
    await mustConnect('203.0.113.5');
    await world.clock.advance(1_000);
    assert.equal((await ask('203.0.113.5', good)).status, 200);
  });

  it('G9: of those that have not said hello an address may have so many, where it may have more connections', async () => {
    const wide = await ServerWorld.start({ trustedProxies: 1, limits: { connectionsPerAddress: 10_000, connectBurst: 10_000 } });
    const server = createServer();
    wide.server.attach(server);
    const { port, url, close } = await listenAnywhere(server);
    const upgrade = (address: string) => exchange(port, [
      'GET /ws HTTP/1.1', 'Host: x', 'Connection: Upgrade', 'Upgrade: websocket', 'Sec-WebSocket-Version: 13', 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
      `Sec-WebSocket-Protocol: ${subprotocol}`, `X-Forwarded-For: ${address}`, '', '',
    ].join('\r\n'));
    const silent = await Promise.all(Array.from({ length: 500 }, async () => {
      const socket = new WebSocket(`${url.replace('http', 'ws')}/ws`, subprotocol, { headers: { 'x-forwarded-for': '203.0.113.7' } });
      await once(socket, 'open');
      return socket;
    }));
    assert.match(await upgrade('203.0.113.7'), /^HTTP\/1.1 503/);
    silent[0]!.send(JSON.stringify({ kind: 'hello', ref: 1, version: 1, token: await wide.token('ann') }));
    await once(silent[0]!, 'message');
    const another = new WebSocket(`${url.replace('http', 'ws')}/ws`, subprotocol, { headers: { 'x-forwarded-for': '203.0.113.7' } });
    await once(another, 'open');
    (await Asker.connect(`${url.replace('http', 'ws')}/ws`, await wide.token('ben'))).close();
    for (const socket of [another, ...silent]) socket.terminate();
    await wide.close();
    await close();
  });
});
