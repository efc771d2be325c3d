import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { openSequelizeStore, type SequelizeStore } from '../../../server/store/sequelize-store.ts';

const here = dirname(fileURLToPath(import.meta.url));

it('G1, G3: after kill -9 every acknowledged message is there, once, at its seq, and no seq is missing', async (test) => {
  const folder = await mkdtemp(join(tmpdir(), 'chatter-crash-'));
  try {
    const url = `sqlite:${join(folder, 'chat.sqlite')}`;
    const store = await openSequelizeStore({ url });
    const { room } = await store.createRoom('acme', { kind: 'group', members: ['ann', 'bob', 'cem', 'dora'] });
    await store.close();

    const acknowledged = new Map<string, number>();
    for (const life of ['first', 'second', 'third']) {
      await liveAndDie(url, room.id, life, acknowledged);
      const survivor = await openSequelizeStore({ url });
      const count = await assertWhole(survivor, room.id, acknowledged);
      test.diagnostic(`${life} life: ${acknowledged.size} acknowledged, ${count} stored`);
      await survivor.close();
    }
  } finally {
    await rm(folder, { recursive: true });
  }
});

/** A process that appends, killed in the middle of it; what it was told is durable goes into `acknowledged`. */
async function liveAndDie(url: string, room: string, life: string, acknowledged: Map<string, number>): Promise<void> {
  const child = spawn(process.execPath, ['--import', 'tsx', join(here, 'append-forever.ts'), url, room, life], {
    cwd: join(here, '../../..'), stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exit = once(child, 'exit');
  let told = 0;
  for await (const line of createInterface({ input: child.stdout })) {
    // Lines as short as these are written whole or not at all.
    const [seq, clientMsgId] = line.split(' ') as [string, string];
    acknowledged.set(clientMsgId, Number(seq));
    told += 1;
    if (told === 250) child.kill('SIGKILL');
  }
  const [, signal] = (await exit) as [number | null, string | null];
  assert.equal(signal, 'SIGKILL', 'it was killed, and did not end by itself');
}

async function assertWhole(store: SequelizeStore, room: string, acknowledged: ReadonlyMap<string, number>): Promise<number> {
  const stored = new Map<string, number>();
  let expected = 5;
  for (let after = 0, hasAfter = true; hasAfter; ) {
    const page = await store.history('acme', room, { after, limit: 100 });
    for (const { seq, clientMsgId, text } of page.messages) {
      assert.equal(seq, expected++, 'a hole');
      assert.ok(!stored.has(clientMsgId), `${clientMsgId} is there twice`);
      assert.equal(text, `text of ${clientMsgId}`);
      stored.set(clientMsgId, seq);
    }
    after = page.messages.at(-1)!.seq;
    ({ hasAfter } = page);
  }
  for (const [clientMsgId, seq] of acknowledged) {
    assert.equal(stored.get(clientMsgId), seq, `${clientMsgId} was acknowledged and is gone`);
  }
  const { seq, messageCount } = (await store.room('acme', room))!;
  assert.deepEqual([seq, messageCount], [expected - 1, stored.size]);
  return stored.size;
}
