import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RequestInput, RequestKind } from '#protocol/frames';
import { MemoryStore } from '../../../server/store/memory-store.ts';
import type { Store } from '../../../server/store/store.ts';
import { ServerWorld } from '../../support/server-world.ts';

/** Somebody else's change, on a node that this one has not heard of yet, is quicker than the next of this one. */
class BusyStore extends MemoryStore {
  #first: (() => Promise<unknown>) | undefined;

  before(work: () => Promise<unknown>): void {
    this.#first = work;
  }

  override async appendMessage(...args: Parameters<Store['appendMessage']>): ReturnType<Store['appendMessage']> {
    await this.#others();
    return super.appendMessage(...args);
  }

  override async changeMembers(...args: Parameters<Store['changeMembers']>): ReturnType<Store['changeMembers']> {
    await this.#others();
    return super.changeMembers(...args);
  }

  override async renameRoom(...args: Parameters<Store['renameRoom']>): ReturnType<Store['renameRoom']> {
    await this.#others();
    return super.renameRoom(...args);
  }

  override async deleteMessage(...args: Parameters<Store['deleteMessage']>): ReturnType<Store['deleteMessage']> {
    await this.#others();
    return super.deleteMessage(...args);
  }

  async #others(): Promise<void> {
    const first = this.#first;
    this.#first = undefined;
    await first?.();
  }
}

type Act = { [K in RequestKind]: [kind: K, input: (scene: { room: string; seq: number }) => RequestInput<K>] }[RequestKind];

const refused: Act[] = [
  ['message.send', ({ room }) => ({ room, clientMsgId: 'late', text: 'hello' })],
  ['message.delete', ({ room, seq }) => ({ room, seq })],
  ['room.rename', ({ room }) => ({ room, name: 'Mine' })],
  ['member.add', ({ room }) => ({ room, users: ['bob'] })],
  ['member.remove', ({ room }) => ({ room, user: 'cem' })],
];
/** The wish is fulfilled. */
const fulfilled: Act[] = [
  ['room.leave', ({ room }) => ({ room })],
  ['member.remove', ({ room }) => ({ room, user: 'bob' })],
];

for (const [acts, answer] of [[refused, 'not_found'], [fulfilled, 'ok']] as const) {
  for (const [kind, input] of acts) {
    test(`R1: ${kind} of somebody who was taken out after they asked is ${answer}, and changes nothing`, async () => {
      const store = new BusyStore();
      const world = await ServerWorld.start({ store });
      const room = await world.group('Team', 'ann', 'bob', 'cem');
      const { message: { seq } } = await store.appendMessage('default', { room, senderId: 'bob', clientMsgId: 'first', text: 'hello' });
      const bob = await world.connect('bob');
      await bob.ask('room.open', { room });

      store.before(() => store.changeMembers('default', room, { remove: ['bob'] }));
      assert.equal(await bob.refusal(kind, input({ room, seq }) as never), answer);
      assert.deepEqual(await store.memberIds('default', room), ['ann', 'cem']);
      const { facts, upTo } = await store.changes('default', room, seq, 10);
      assert.deepEqual([facts.map((fact) => fact.kind), upTo], [['member'], seq + 1], 'their going is the last of the log');
      await world.close();
    });
  }
}
