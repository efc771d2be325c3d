import assert from 'node:assert/strict';
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { type ChatterError, openGuestAuth } from '../../../server/index.ts';
import { ServerWorld } from '../../support/server-world.ts';

describe('guests', () => {
  let folder: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'chatter-guests-'));
  });
  after(() => rm(folder, { recursive: true }));

  it('are who they say they are, without an end', async () => {
    const auth = await openGuestAuth();
    const { issuedAt, ...identity } = await auth.authenticate(await auth.issue({ id: 'ann', name: 'Ann' }));
    assert.deepEqual(identity, { tenant: 'default', user: { id: 'ann', name: 'Ann' } });
    assert.ok(issuedAt !== undefined, 'so that a guest can be signed out everywhere');
  });

  it('are still themselves after a restart, and the secret is nobody else\'s to read', async () => {
    const secretFile = join(folder, 'guests.secret');
    const token = await (await openGuestAuth({ secretFile })).issue({ id: 'ann', name: 'Ann' });
    assert.equal((await (await openGuestAuth({ secretFile })).authenticate(token)).user.id, 'ann');
    assert.equal((await stat(secretFile)).mode & 0o777, 0o600);
  });

  it('of another server are nobody here', async () => {
    const token = await (await openGuestAuth()).issue({ id: 'ann', name: 'Ann' });
    const other = await openGuestAuth();
    await assert.rejects(other.authenticate(token), (error: ChatterError) => error.code === 'unauthorized');
  });

  it('are not let in in production, and a broken secret is told of', async () => {
    await assert.rejects(openGuestAuth({ environment: 'production' }), /NODE_ENV=production.*CHATTER_JWT_SECRET/);
    const secretFile = join(folder, 'broken.secret');
    await writeFile(secretFile, 'short');
    await assert.rejects(openGuestAuth({ secretFile }), /delete the file/);
  });

  it('log in with a name, and with an id to be the same one again', async () => {
    const world = await ServerWorld.start({ auth: await openGuestAuth() });
    const logIn = (body: unknown) => world.server.app.request('/guest', { method: 'POST', body: JSON.stringify(body) });
    const response = await logIn({ name: ' Ann ', id: 'ann' });
    const { token, id } = await response.json() as { token: string; id: string };
    assert.equal(id, 'ann');
    const me = await world.server.app.request('/api/v1/me', { headers: { authorization: `Bearer ${token}` } });
    assert.deepEqual(await me.json(), { user: { id: 'ann', name: 'Ann' }, tenant: 'default' });
    const one = await (await logIn({ name: 'Ben' })).json() as { id: string };
    const other = await (await logIn({ name: 'Ben' })).json() as { id: string };
    assert.notEqual(one.id, other.id);
    for (const body of [{}, { name: '' }, { name: 7 }, 'text', { name: 'x', id: 'a\nb' }]) assert.equal((await logIn(body)).status, 400);
    assert.equal((await logIn({ name: 'x'.repeat(10_000) })).status, 413);
    await world.close();
  });

  it('have no door on a server that knows people by their tokens', async () => {
    const world = await ServerWorld.start();
    assert.equal((await world.server.app.request('/guest', { method: 'POST', body: '{"name":"Ann"}' })).status, 404);
    await world.close();
  });
});
