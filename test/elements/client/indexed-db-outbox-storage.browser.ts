import { IndexedDbOutboxStorage } from '../../../elements/client/indexed-db-outbox-storage.ts';
import type { OutboxEntry } from '../../../elements/client/outbox-storage.ts';
import { equal } from '../../support/mount.ts';

const entry = (clientMsgId: string, at: number, more: Partial<OutboxEntry> = {}): OutboxEntry => (
  { owner: 'ann', clientMsgId, room: 'room', text: clientMsgId, at, ...more }
);
const ids = (entries: readonly OutboxEntry[]) => entries.map(({ clientMsgId }) => clientMsgId).join(' ');

describe('IndexedDbOutboxStorage', () => {
  let name = '';
  const opened: IndexedDbOutboxStorage[] = [];
  /** A page of its own, as far as the storage can tell. */
  const page = () => {
    const storage = new IndexedDbOutboxStorage(name);
    opened.push(storage);
    return storage;
  };

  beforeEach(() => {
    name = `test-${crypto.randomUUID()}`;
  });

  afterEach(() => {
    for (const storage of opened.splice(0)) storage.release();
    indexedDB.deleteDatabase(name);
  });

  it('keeps entries for whoever comes next, in their order', async () => {
    const before = page();
    await before.put(entry('b', 2));
    await before.put(entry('a', 1));
    await before.put(entry('c', 3, { error: 'No.' }));
    before.release();
    const left = await page().adopt('ann');
    equal(ids(left), 'a b c');
    equal(JSON.stringify(left[2]), JSON.stringify(entry('c', 3, { error: 'No.' })), 'as they were written');
  });

  it('leaves what a living page looks after to that page, until it is gone', async () => {
    const one = page();
    const two = page();
    await one.put(entry('a', 1));
    equal(ids(await two.adopt('ann')), '');
    equal(ids(await one.adopt('ann')), 'a');
    one.release();
    equal(ids(await two.adopt('ann')), 'a');
    equal(ids(await page().adopt('ann')), '', 'and what was adopted is not given to a third');
  });

  it('G8: gives nobody what somebody else has written', async () => {
    const before = page();
    await before.put(entry('a', 1));
    await before.put(entry('b', 2, { owner: 'bob' }));
    await before.put(entry('c', 3, { owner: 'ann b' }));
    before.release();
    equal(ids(await page().adopt('ann')), 'a');
  });

  it('forgets what was acknowledged, in whatever haste', async () => {
    const storage = page();
    const kept = storage.put(entry('a', 1));
    const removed = storage.remove('ann', 'a');
    await Promise.all([kept, removed]);
    equal(ids(await storage.adopt('ann')), '');
  });

  it('works without a database, as if there was nothing in it', async () => {
    const blocked = Object.getOwnPropertyDescriptor(IDBFactory.prototype, 'open')!;
    IDBFactory.prototype.open = () => {
      throw new DOMException('Not here.', 'SecurityError');
    };
    try {
      const storage = page();
      await storage.put(entry('a', 1));
      await storage.remove('ann', 'a');
      equal(ids(await storage.adopt('ann')), '');
    } finally {
      Object.defineProperty(IDBFactory.prototype, 'open', blocked);
    }
  });
});
