import assert from 'node:assert/strict';
import { it } from 'node:test';
import { metricsApp } from '../../../server/routes/metrics.ts';
import { ServerWorld } from '../../support/server-world.ts';

const token = 'a token of the one who scrapes';

it('/metrics is not there for whoever does not send the token, and not at all where there is none', async () => {
  const [open, closed] = await Promise.all([ServerWorld.start({ metricsToken: token }), ServerWorld.start()]);
  const ask = async (world: ServerWorld, path: string, authorization?: string) => {
    const response = await world.server.app.request(path, { headers: authorization === undefined ? {} : { authorization } });
    return { status: response.status, text: await response.text(), headers: Object.fromEntries(response.headers) };
  };
  const nothing = await ask(open, '/nothing');
  assert.equal(nothing.status, 404);
  for (const wrong of [undefined, '', 'Bearer', `Bearer ${token}x`, `Bearer ${token.slice(1)}`, token, `Basic ${token}`, `bearer  ${token}`]) {
    assert.deepEqual(await ask(open, '/metrics', wrong), nothing, String(wrong));
    assert.deepEqual(await ask(closed, '/metrics', wrong), nothing, String(wrong));
  }
  const told = await ask(open, '/metrics', `Bearer ${token}`);
  assert.equal(told.status, 200);
  assert.match(told.headers['content-type']!, /^text\/plain; version=0\.0\.4/);
  assert.match(told.text, /^chatter_sessions\{state="live"\} 0$/m);
  assert.deepEqual(await ask(closed, '/metrics', `Bearer ${token}`), nothing);
  await Promise.all([open.close(), closed.close()]);
});

it('a port of its own answers with the metrics, and with nothing else', async () => {
  const world = await ServerWorld.start();
  const app = metricsApp(() => world.server.metrics());
  assert.equal((await app.request('/metrics')).status, 200);
  for (const [method, path] of [['GET', '/'], ['GET', '/health'], ['GET', '/api/v1/me'], ['POST', '/metrics'], ['GET', '/metrics/x']] as const) {
    assert.equal((await app.request(path, { method })).status, 404, `${method} ${path}`);
  }
  await world.close();
});

it('where a token is set too, the port of its own asks for it', async () => {
  const app = metricsApp(async () => 'figures', token);
  assert.equal((await app.request('/metrics')).status, 404);
  assert.equal((await app.request('/metrics', { headers: { authorization: `Bearer ${token}` } })).status, 200);
});
