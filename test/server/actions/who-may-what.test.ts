import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { closeCodes, type ErrorCode, httpStatusOf } from '#protocol/codes';
import { type RequestInput, type RequestKind, requests } from '#protocol/frames';
import { apiRoutes } from '../../../server/routes/api.ts';
import { ServerWorld, until } from '../../support/server-world.ts';

/*
 * Every frame and every route, asked by everyone (G8, R1). A new kind without a row is a type error, a new route without a
 * kind too; what a row says of a stranger holds word for word for someone of another tenant who has the same id as a member.
 */

/** Everything in the room that a stranger must not see carries this. */
const canary = 'canary';

interface Scene {
  world: ServerWorld;
  room: string;
  seq: number;
  /** A token of whoever asks. */
  token: string;
}

interface Row<K extends RequestKind> {
  input(scene: Scene): RequestInput<K>;
  /** What a member gets; everybody else in the room's way gets `not_found`, unless `outsider` says otherwise. */
  member: 'ok' | ErrorCode;
  outsider?: 'ok' | ErrorCode;
}

const rows: { [K in RequestKind]: Row<K> } = {
  'rooms.list': { input: () => ({ query: canary }), member: 'ok', outsider: 'ok' },
  'room.get': { input: ({ room }) => ({ room }), member: 'ok' },
  'room.open': { input: ({ room }) => ({ room }), member: 'ok' },
  'room.close': { input: ({ room }) => ({ room }), member: 'ok', outsider: 'ok' },
  'room.changes': { input: ({ room }) => ({ room, epoch: 'e', after: 0 }), member: 'ok' },
  'history': { input: ({ room }) => ({ room }), member: 'ok' },
  'message.send': { input: ({ room }) => ({ room, clientMsgId: 'new', text: 'hello' }), member: 'ok' },
  'message.delete': { input: ({ room, seq }) => ({ room, seq }), member: 'forbidden' },
  'room.read': { input: ({ room, seq }) => ({ room, seq }), member: 'ok' },
  'room.create': { input: () => ({ type: 'group', clientRoomId: 'new', users: ['canary-owner'] }), member: 'ok' },
  'room.rename': { input: ({ room }) => ({ room, name: 'new name' }), member: 'ok' },
  'room.leave': { input: ({ room }) => ({ room }), member: 'ok' },
  'member.add': { input: ({ room }) => ({ room, users: ['stranger'] }), member: 'ok' },
  'member.remove': { input: ({ room }) => ({ room, user: 'canary-owner' }), member: 'ok' },
  'members.list': { input: ({ room }) => ({ room }), member: 'ok' },
  'room.seen': { input: ({ room, seq }) => ({ room, seq }), member: 'ok' },
  'people.search': { input: () => ({ query: 'canary' }), member: 'ok', outsider: 'ok' },
  'presence.watch': { input: () => ({ users: ['canary-owner'] }), member: 'ok', outsider: 'ok' },
  'token.refresh': { input: ({ token }) => ({ token }), member: 'ok', outsider: 'ok' },
};

/** With the directory `shared`, people of the same tenant do not find each other unless they share a room. */
const askers = {
  member: { id: 'member', tenant: 'default' },
  'ex-member': { id: 'ex-member', tenant: 'default' },
  stranger: { id: 'stranger', tenant: 'default' },
  'someone of another tenant with a member\'s id': { id: 'member', tenant: 'other' },
} as const;

async function prepare(): Promise<{ world: ServerWorld; room: string; seq: number }> {
  const world = await ServerWorld.start({ directory: 'shared' });
  const room = await world.group(`${canary} room`, 'canary-owner', 'member', 'ex-member');
  // The member shares another room with the stranger, so that there is somebody to add.
  await world.group('elsewhere', 'member', 'stranger');
  const { message } = await world.store.appendMessage('default', {
    room, senderId: 'canary-owner', clientMsgId: 'first', text: `${canary} text`,
  });
  await world.store.changeMembers('default', room, { remove: ['ex-member'] });
  return { world, room, seq: message.seq };
}

function expected<K extends RequestKind>(kind: K, asker: keyof typeof askers): 'ok' | ErrorCode {
  const row = rows[kind];
  if (kind === 'room.create' && asker !== 'member') return 'not_found';
  return asker === 'member' ? row.member : row.outsider ?? 'not_found';
}

describe('G8, R1: who may say what on the socket', () => {
  for (const kind of Object.keys(requests) as RequestKind[]) {
    for (const [asker, { id, tenant }] of Object.entries(askers)) {
      it(`${kind} from a ${asker}`, async () => {
        const { world, room, seq } = await prepare();
        const owner = await world.connect('canary-owner');
        await owner.ask('room.open', { room });
        owner.clear();
        const peer = await world.connect(id, { tenant });
        const input = rows[kind].input({ world, room, seq, token: await world.token(id, { tenant }) });
        assert.equal(await peer.refusal(kind, input as never), expected(kind, asker as keyof typeof askers));
        await peer.quiet();
        if (asker !== 'member') {
          assert.ok(!JSON.stringify(peer.frames).includes(canary), 'nothing of the room reaches them');
          assert.deepEqual(owner.frames, [], 'and nothing of them the room');
        }
        assert.ok(!world.log.join('').includes(canary), 'and the log knows nothing');
        await world.close();
      });
    }

    it(`${kind} from someone who has not said who they are`, async () => {
      const { world, room, seq } = await prepare();
      const peer = world.dial();
      peer.say({ kind, ref: 1, ...rows[kind].input({ world, room, seq, token: 'none' }) });
      await until(() => peer.closed !== undefined, 'the close');
      assert.equal(peer.closeCode(), closeCodes.badFrame);
      assert.deepEqual(peer.frames, []);
      await world.close();
    });
  }
});

describe('G8, R1: who may say what through REST', () => {
  it('has a row for every route', () => {
    assert.ok(apiRoutes.every(({ kind }) => Object.hasOwn(rows, kind)));
  });

  for (const { method, path, kind } of apiRoutes) {
    const ask = async (world: ServerWorld, scene: Scene, authorization: string | undefined): Promise<Response> => {
      const input = rows[kind].input(scene) as Record<string, string | number>;
      const names = [...path.matchAll(/:(\w+)/g)].map(([, name]) => name!);
      const place = path.replaceAll(/:(\w+)/g, (_, name: string) => encodeURIComponent(String(input[name])));
      const rest = Object.fromEntries(Object.entries(input).filter(([name]) => !names.includes(name)));
      const hasBody = method !== 'GET' && method !== 'DELETE';
      const query = hasBody ? '' : `?${new URLSearchParams(Object.entries(rest).map(([name, value]) => [name, String(value)])).toString()}`;
      return world.server.app.request(`/api/v1${place}${query}`, {
        method, headers: authorization === undefined ? {} : { authorization }, ...(hasBody ? { body: JSON.stringify(rest) } : {}),
      });
    };

    for (const [asker, { id, tenant }] of Object.entries(askers)) {
      it(`${method} ${path} from a ${asker}`, async () => {
        const { world, room, seq } = await prepare();
        const token = await world.token(id, { tenant });
        const response = await ask(world, { world, room, seq, token }, `Bearer ${token}`);
        const code = expected(kind, asker as keyof typeof askers);
        const text = await response.text();
        assert.equal(response.status, code === 'ok' ? 200 : httpStatusOf[code], text);
        if (code !== 'ok') assert.equal((JSON.parse(text) as { error: { code: string } }).error.code, code);
        if (asker !== 'member') assert.ok(!text.includes(canary));
        await world.close();
      });
    }

    it(`${method} ${path} from nobody, or with something else than a bearer token`, async () => {
      const { world, room, seq } = await prepare();
      const token = await world.token('member');
      for (const authorization of [undefined, '', 'Bearer', `Basic ${token}`, `Bearer ${token}x`, token, `Bearer ${token} ${token}`]) {
        const response = await ask(world, { world, room, seq, token }, authorization);
        assert.equal(response.status, 401, String(authorization).slice(0, 20));
        assert.ok(!(await response.text()).includes(canary));
      }
      await world.close();
    });
  }
});

it('R1: what does not exist and what is not yours are the same answer, word for word', async () => {
  const { world, room } = await prepare();
  const peer = await world.connect('stranger');
  const [foreign, missing] = [await peer.answerTo('history', { room }), await peer.answerTo('history', { room: 'no-such-room' })];
  assert.deepEqual({ ...foreign, ref: 0 }, { ...missing, ref: 0 });
  await world.close();
});

it('access denies by default: whatever is not a plain yes is a no', async () => {
  for (const answer of [false, undefined, null, 1, 'yes', {}, Promise.resolve(false), Promise.resolve('yes')]) {
    const world = await ServerWorld.start({ access: { may: () => answer as boolean, directory: () => 'none' } });
    const room = await world.group('garden', 'ann');
    const ann = await world.connect('ann');
    assert.equal(await ann.refusal('history', { room }), 'forbidden');
    await world.close();
  }
});

it('R1: an Access that says yes to everyone still lets only members near a room', async () => {
  const world = await ServerWorld.start({ access: { may: () => true, directory: () => 'tenant' } });
  const room = await world.group('garden', 'ann');
  assert.equal(await (await world.connect('ben')).refusal('history', { room }), 'not_found');
  await world.close();
});
