import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { closeCodes } from '#protocol/codes';
import { ServerWorld, until } from '../../support/server-world.ts';

/** Two nodes, one person on each, in one room. */
async function scene() {
  const world = await ServerWorld.start({}, { nodes: 2 });
  const [here, there] = world.servers as [typeof world.server, typeof world.server];
  const room = await world.group('Room', 'ann', 'ben');
  const [ann, ben] = [await world.connect('ann', { server: there }), await world.connect('ben')];
  for (const peer of [ann, ben]) await peer.ask('room.open', { room });
  return { world, here, there, room, ann, ben };
}

describe('G7: revoking', () => {
  it('C10: a person ends their sessions on every node at once, and nothing of the room reaches them any more', async () => {
    const { world, here, room, ann, ben } = await scene();
    await here.revoke('default', { kind: 'person', user: 'ann' });
    await until(() => ann.closed !== undefined, 'the end of the session on the other node');
    assert.equal(ann.closeCode(), closeCodes.revoked);
    ann.clear();
    await ben.send(room, 'She is gone');
    await ben.quiet();
    assert.deepEqual(ann.frames, []);
    assert.equal(ben.closed, undefined);
    const again = world.dial();
    again.say({ kind: 'hello', ref: 1, version: 1, token: await world.token('ann') });
    await until(() => again.closed !== undefined, 'the refusal of a new session');
    assert.equal(again.closeCode(), closeCodes.revoked);
    await here.restore('default', { kind: 'person', user: 'ann' });
    await (await world.connect('ann', { server: here })).ask('room.open', { room });
    await world.close();
  });

  it('C10: tokens sends a person for another one, and takes only newer ones', async () => {
    const { world, here, ann } = await scene();
    await here.revoke('default', { kind: 'tokens', user: 'ann' });
    await until(() => ann.closed !== undefined, 'the end of the session');
    assert.equal(ann.closeCode(), closeCodes.tokenExpired);
    const old = world.dial();
    old.say({ kind: 'hello', ref: 1, version: 1, token: await world.token('ann') });
    await until(() => old.closed !== undefined, 'the refusal of an old token');
    assert.equal(old.closeCode(), closeCodes.tokenExpired);
    world.clock.sleep(1_000);
    await world.connect('ann');
    await world.close();
  });

  it('a tenant leaves the others alone', async () => {
    const { world, here, ann, ben } = await scene();
    const stranger = await world.connect('ann', { tenant: 'other' });
    await here.revoke('default', { kind: 'tenant' });
    await until(() => ann.closed !== undefined && ben.closed !== undefined, 'the end of all sessions of the tenant');
    assert.deepEqual([ann.closeCode(), ben.closeCode(), stranger.closed], [closeCodes.revoked, closeCodes.revoked, undefined]);
    await world.close();
  });

  it('is found by the next re-check where every ring is lost', async () => {
    const { world, here, ann } = await scene();
    world.broker.drop(() => true);
    await here.revoke('default', { kind: 'person', user: 'ann' });
    await world.clock.advance(29_000);
    assert.equal(ann.closed, undefined);
    await world.clock.advance(1_000);
    assert.equal(ann.closeCode(), closeCodes.revoked);
    await world.close();
  });

  it('in the middle of opening a room answers nothing more', async () => {
    const { world, here, room, ann } = await scene();
    ann.clear();
    ann.begin('room.open', { room });
    await here.revoke('default', { kind: 'person', user: 'ann' });
    await until(() => ann.closed !== undefined, 'the end of the session');
    const told = ann.frames.length;
    // A peer fails the test when something is said to it after the close.
    await world.clock.advance(60_000);
    assert.equal(ann.frames.length, told);
    await world.close();
  });

  it('is asked for over REST by who has an admin token, in their own tenant only', async () => {
    const { world, here, ann, ben } = await scene();
    const admin = await adminToken(world, 'default');
    const ask = (method: string, path: string, token: string, body?: object) => here.app.request(`/api/v1/revocations${path}`, {
      method, headers: { Authorization: `Bearer ${token}` }, ...(body ? { body: JSON.stringify(body) } : {}),
    });
    const person = { kind: 'person', user: 'ann' };
    assert.equal((await ask('POST', '', await world.token('ben'), person)).status, 403);
    assert.equal((await ask('DELETE', '/person/ann', await world.token('ben'))).status, 403);
    assert.equal((await ask('POST', '', await adminToken(world, 'other'), person)).status, 200);
    assert.equal((await ask('POST', '', admin, { kind: 'people' })).status, 400);
    assert.equal((await ask('POST', '', admin)).status, 400);
    await ben.quiet();
    assert.equal(ann.closed, undefined, 'the other tenant\'s admin has revoked nobody here');

    assert.equal((await ask('POST', '', admin, person)).status, 200);
    await until(() => ann.closed !== undefined, 'the end of the session');
    const asAnn = async () => (await here.app.request('/api/v1/rooms', { headers: { Authorization: `Bearer ${await world.token('ann')}` } })).status;
    assert.equal(await asAnn(), 403);
    assert.equal((await ask('DELETE', '/person/ann', admin)).status, 200);
    assert.equal(await asAnn(), 200);

    assert.equal((await ask('POST', '', admin, { kind: 'tenant' })).status, 200);
    assert.equal(await asAnn(), 403);
    assert.equal((await ask('DELETE', '/tenant', admin)).status, 200, 'a suspended tenant can be let in again');
    assert.equal(await asAnn(), 200);
    await world.close();
  });
});

function adminToken(world: ServerWorld, tenant: string): Promise<string> {
  return world.token('back-end', { tenant, claims: { chatter_admin: true } });
}
