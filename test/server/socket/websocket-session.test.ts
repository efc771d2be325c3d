import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { describe, it, type TestContext } from 'node:test';
import { WebSocket, WebSocketServer } from 'ws';
import { SharedFrame } from '../../../server/socket/shared-frame.ts';
import { WebSocketSession } from '../../../server/socket/websocket-session.ts';
import { ManualClock } from '../../support/clock.ts';
import { listenAnywhere } from '../../support/listening.ts';
import { until } from '../../support/server-world.ts';

/** A websocket's two ends; what the far one hears is kept. */
async function pair(test: TestContext, options: { perMessageDeflate: boolean }) {
  const websockets = new WebSocketServer({ noServer: true, ...options });
  const server = createServer();
  const session = new Promise<WebSocketSession>((resolve) => server.once('upgrade', (request, socket, head) => {
    websockets.handleUpgrade(request, socket, head, (websocket) => resolve(new WebSocketSession(websocket, socket, new ManualClock())));
  }));
  const { url, close } = await listenAnywhere(server);
  const far = new WebSocket(url.replace('http', 'ws'), options);
  const heard: string[] = [];
  far.on('message', (data) => heard.push(String(data)));
  await once(far, 'open');
  test.after(async () => {
    far.terminate();
    await close();
  });
  return { near: await session, far, heard };
}

describe('what a session says over a websocket', () => {
  for (const perMessageDeflate of [false, true]) {
    it(`keeps its order while it waits for a slow reader, whether it was written for one or for all${perMessageDeflate ? ', also where frames are compressed' : ''}`, async (test) => {
      const { near, far, heard } = await pair(test, { perMessageDeflate });
      far.pause();
      const said: string[] = [];
      // Of all lengths that have another header (RFC 6455 5.2); random, because what repeats itself compresses to nothing.
      for (let index = 0; near.bufferedBytes < 1024 * 1024; index++) {
        const padding = Buffer.from(crypto.getRandomValues(new Uint8Array([20, 300, 60_000][index % 3]!))).toString('base64');
        const text = `${index} ${padding}`;
        said.push(text);
        if (index % 2) near.send(text);
        else near.sendShared(new SharedFrame(text));
        if (index % 5 === 0) near.ping();
      }
      far.resume();
      await until(() => heard.length === said.length, 'all of it');
      assert.deepEqual(heard, said);
      assert.ok(said.length > 20);
    });
  }

  it('tells once when the other end has taken all of it', async (test) => {
    const { near, far } = await pair(test, { perMessageDeflate: false });
    far.pause();
    while (near.bufferedBytes < 1024 * 1024) near.send('x'.repeat(10_000));
    let times = 0;
    near.onceTaken(() => {
      times += 1;
      assert.equal(near.bufferedBytes, 0);
    });
    far.resume();
    await until(() => times === 1, 'the call');
    far.pause();
    while (near.bufferedBytes < 1024 * 1024) near.send('x'.repeat(10_000));
    far.resume();
    await until(() => near.bufferedBytes === 0, 'the end');
    assert.equal(times, 1);
  });
});
