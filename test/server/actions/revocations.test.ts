import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Revocations } from '../../../server/actions/revocations.ts';
import type { Identity } from '../../../server/auth/auth.ts';
import type { Log } from '../../../server/log.ts';
import { MemoryStore } from '../../../server/store/memory-store.ts';
import { ManualClock, OwnClock, settled } from '../../support/clock.ts';

const quiet: Log = { debug() {}, info() {}, warn() {}, error() {} };

function scene({ store = new MemoryStore(), log = quiet }: { store?: MemoryStore; log?: Log } = {}) {
  const clock = new ManualClock();
  return { clock, store, revocations: new Revocations({ store, clock, log }) };
}

function ann(clock: ManualClock, more: Partial<Identity> = {}): Identity {
  return { tenant: 'acme', user: { id: 'ann', name: 'Ann' }, issuedAt: clock.now(), ...more };
}

describe('G7: what was revoked', () => {
  it('is nobody, where nothing was', async () => {
    const { clock, revocations } = scene();
    await revocations.load();
    assert.equal(revocations.verdict(ann(clock)), 'valid');
    revocations.close();
  });

  it('a person is out with any token, until restored; others, and the same id elsewhere, are not', async () => {
    const { clock, revocations } = scene();
    await revocations.revoke('acme', { kind: 'person', user: 'ann' });
    assert.equal(revocations.verdict(ann(clock)), 'revoked');
    assert.equal(revocations.verdict(ann(clock, { user: { id: 'ben', name: 'Ben' } })), 'valid');
    assert.equal(revocations.verdict(ann(clock, { tenant: 'other' })), 'valid');
    await revocations.restore('acme', { kind: 'person', user: 'ann' });
    assert.equal(revocations.verdict(ann(clock)), 'valid');
    revocations.close();
  });

  it('a tenant is out whole, but for whoever may lift it', async () => {
    const { clock, revocations } = scene();
    await revocations.revoke('acme', { kind: 'tenant' });
    assert.equal(revocations.verdict(ann(clock)), 'revoked');
    assert.equal(revocations.verdict(ann(clock, { isAdmin: true })), 'valid');
    assert.equal(revocations.verdict(ann(clock, { tenant: 'acme2' })), 'valid');
    await revocations.restore('acme', { kind: 'tenant' });
    assert.equal(revocations.verdict(ann(clock)), 'valid');
    revocations.close();
  });

  it('tokens are over up to that moment, and those that do not say when they were made; later ones are good', async () => {
    const { clock, revocations } = scene();
    await revocations.revoke('acme', { kind: 'tokens', user: 'ann' });
    assert.equal(revocations.verdict(ann(clock)), 'ended');
    assert.equal(revocations.verdict(ann(clock, { issuedAt: undefined })), 'ended');
    clock.sleep(1_000);
    assert.equal(revocations.verdict(ann(clock)), 'valid');
    revocations.close();
  });

  it('a token is over by its id, and forgotten an hour after it ended by itself', async () => {
    const { clock, revocations } = scene();
    const mine = ann(clock, { tokenId: 'one' });
    const inSeconds = Math.floor(clock.now() / 1_000) + 60;
    await assert.rejects(revocations.revoke('acme', { kind: 'token', id: 'one', expiresAt: inSeconds }), /milliseconds since 1970.*times 1000/);
    await revocations.revoke('acme', { kind: 'token', id: 'one', expiresAt: clock.now() + 60_000 });
    assert.equal(revocations.verdict(mine), 'ended');
    assert.equal(revocations.verdict(ann(clock, { tokenId: 'other' })), 'valid');
    await clock.advance(61_000);
    assert.equal(revocations.verdict(mine), 'ended', 'the clock that the token is checked by may be behind this one');
    await clock.advance(3_660_000);
    assert.equal(revocations.verdict(mine), 'valid');
    revocations.close();
  });

  it('is known again within 30 s where the clock was ahead of the end of a token, and was set back', async () => {
    const time = new ManualClock();
    const clock = new OwnClock(time);
    const store = new MemoryStore();
    const revocations = new Revocations({ store, clock, log: quiet });
    const verdictOf = (tokenId: string) => revocations.verdict(ann(time, { tokenId }));
    let changes = 0;
    revocations.onChange(() => (changes += 1));
    await revocations.load();
    await revocations.revoke('acme', { kind: 'token', id: 'before', expiresAt: time.now() + 600_000 });
    clock.jump(86_400_000);
    await revocations.revoke('acme', { kind: 'token', id: 'meanwhile', expiresAt: time.now() + 600_000 });
    await time.advance(30_000);
    assert.deepEqual([verdictOf('before'), verdictOf('meanwhile')], ['valid', 'valid'], 'by this clock both have ended by themselves');
    clock.jump(-86_400_000);
    changes = 0;
    await time.advance(30_000);
    assert.deepEqual([verdictOf('before'), verdictOf('meanwhile')], ['ended', 'ended']);
    assert.equal(changes, 1, 'sessions that were let in meanwhile are looked at');
    await time.advance(60_000);
    assert.equal(changes, 1, 'once');
    revocations.close();

    clock.jump(86_400_000);
    const late = new Revocations({ store, clock, log: quiet });
    await late.load();
    clock.jump(-86_400_000);
    await time.advance(30_000);
    assert.equal(late.verdict(ann(time, { tokenId: 'before' })), 'ended', 'also where the server was started while the clock was ahead');
    late.close();
  });

  it('on another node is known within 30 s where no ring came, and at once where one did', async () => {
    const here = scene();
    const there = scene({ store: here.store });
    let changes = 0;
    there.revocations.onChange(() => (changes += 1));
    await there.revocations.load();
    await here.revocations.revoke('acme', { kind: 'person', user: 'ann' });
    assert.equal(there.revocations.verdict(ann(here.clock)), 'valid');
    await there.clock.advance(30_000);
    assert.equal(there.revocations.verdict(ann(here.clock)), 'revoked');
    await here.revocations.restore('acme', { kind: 'person', user: 'ann' });
    await there.revocations.refresh();
    assert.equal(there.revocations.verdict(ann(here.clock)), 'valid');
    assert.equal(changes, 2);
    here.revocations.close();
    there.revocations.close();
    assert.equal(there.clock.timerCount, 0);
  });

  it('where the store does not answer is read again a second later; nobody is let in before the first read', async () => {
    const told: string[] = [];
    const { clock, store, revocations } = scene({ log: { ...quiet, warn: (message) => told.push(message) } });
    const read = store.revocations.bind(store);
    store.revocations = () => Promise.reject(new Error('away'));
    await assert.rejects(revocations.load(), /away/);
    store.revocations = read;
    await revocations.load();
    store.revocations = () => Promise.reject(new Error('away'));
    await store.writeRevocation({ tenant: 'acme', kind: 'person', subject: 'ann', at: 1 });
    await revocations.refresh();
    for (let second = 0; second < 10; second++) await clock.advance(1_000);
    assert.equal(told.length, 1, 'it is tried each second, and said once a minute');
    store.revocations = read;
    await clock.advance(1_000);
    assert.equal(revocations.verdict(ann(clock)), 'revoked');
    revocations.close();
  });

  it('written while a read is under way is in the answer of who asks then', async () => {
    const { clock, store, revocations } = scene();
    await revocations.load();
    const read = store.revocations.bind(store);
    let release = (): void => {};
    store.revocations = async (...args) => {
      const rows = await read(...args);
      await new Promise<void>((resolve) => (release = resolve));
      store.revocations = read;
      return rows;
    };
    const first = revocations.refresh();
    await settled();
    await store.writeRevocation({ tenant: 'acme', kind: 'person', subject: 'ann', at: 1 });
    const second = revocations.refresh();
    release();
    await Promise.all([first, second]);
    assert.equal(revocations.verdict(ann(clock)), 'revoked');
    revocations.close();
  });
});
