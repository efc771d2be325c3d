import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { IncomingMessage } from 'node:http';
import { ClientAddresses } from '../../server/client-address.ts';
import { createLog } from '../../server/log.ts';

const log = createLog('silent');
const proxy = '10.0.0.1';

function addressOf(remoteAddress: string | undefined, forwardedFor?: string, trustedProxies = 0): string | undefined {
  const request = { socket: { remoteAddress }, headers: { 'x-forwarded-for': forwardedFor } } as unknown as IncomingMessage;
  return new ClientAddresses(trustedProxies, log).of(request);
}

describe('the address that limits are kept for', () => {
  for (const [written, key] of [
    ['203.0.113.7', '203.0.113.7'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:DB8:1:2::9', '2001:db8:1:2::/64'],
    ['2001:0db8:0001:0002:0000:0000:0000:0009', '2001:db8:1:2::/64'],
    ['2001:db8::1', '2001:db8:0:0::/64'],
    ['2001:db8:1:3::9', '2001:db8:1:3::/64'],
    ['2001:db8:1:2::9%eth0', '2001:db8:1:2::/64'],
    ['1::', '1:0:0:0::/64'],
    ['2001:db8:1:2::203.0.113.7', '2001:db8:1:2::/64'],
  ] as const) {
    it(`of ${written} is ${key}`, () => assert.equal(addressOf(written), key));
  }

  it('CVE-2026-30827: IPv4 that comes as IPv6 counts as IPv4, however it is written, and not all of it as one', () => {
    for (const written of ['::ffff:203.0.113.7', '::FFFF:203.0.113.7', '::ffff:cb00:7107', '0:0:0:0:0:ffff:203.0.113.7', '0000:0000:0000:0000:0000:ffff:cb00:7107']) {
      assert.equal(addressOf(written), '203.0.113.7', written);
    }
    assert.notEqual(addressOf('::ffff:203.0.113.7'), addressOf('::ffff:203.0.113.8'));
    assert.equal(addressOf('64:ff9b::203.0.113.7'), '203.0.113.7', 'through NAT64');
    assert.equal(addressOf('::ffff:0:203.0.113.7'), '203.0.113.7', 'translated');
    for (const own of ['::ffff:127.0.0.1', '::ffff:7f00:1', '::ffff:10.1.2.3', '64:ff9b::192.168.0.1']) assert.equal(addressOf(own), undefined, own);
  });

  it('CVE-2026-24398: what is no address is none, and is not read as the one it looks like', () => {
    for (const written of [
      '256.1.1.1', '1.1.1.256', '999.999.999.999', '1.2.3', '1.2.3.4.5', '01.2.3.4', '0x7f.1.1.1', '3232235777', '1.2.3.4/8', '-1.2.3.4', '1.2.3.4%eth0',
      '١.٢.٣.٤', '', ' ', 'unknown', '_hidden', '::ffff:999.1.1.1', ':::', '1:2:3', '1::2::3', '12345::', '2001:db8::g', '1:2:3:4:5:6:7:8:9', '[2001:db8::1', '[]', 'null',
      `${'9'.repeat(100_000)}.1.1.1`, ':'.repeat(100_000), `[${'['.repeat(100_000)}`,
    ]) {
      assert.equal(addressOf(written), undefined, written.slice(0, 40));
      assert.equal(addressOf('198.51.100.1', written, 1), '198.51.100.1', `${written.slice(0, 40)}, as a proxy says it`);
    }
    assert.equal(addressOf(undefined), undefined);
  });

  it('is none where the other end is this machine, a neighbour or a proxy inside: all behind it would be one', () => {
    for (const own of ['127.0.0.1', '127.9.9.9', '10.0.0.1', '172.16.0.1', '172.31.255.255', '192.168.1.1', '169.254.1.1', '100.64.0.1', '::1', 'fd00::1', 'fe80::1%eth0']) {
      assert.equal(addressOf(own), undefined, own);
    }
    for (const foreign of ['11.0.0.1', '172.32.0.1', '192.169.0.1', '100.128.0.1', '128.0.0.1']) assert.equal(addressOf(foreign), foreign);
    assert.equal(addressOf('::2'), '0:0:0:0::/64');
  });
});

describe('X-Forwarded-For', () => {
  it('is not read where no proxy is trusted: anybody may write it', () => {
    assert.equal(addressOf('203.0.113.7', '198.51.100.1'), '203.0.113.7');
    assert.equal(addressOf(proxy, '198.51.100.1'), undefined);
  });

  it('is counted from the right by the proxies that are trusted: what was there before them is made up', () => {
    assert.equal(addressOf(proxy, '203.0.113.7', 1), '203.0.113.7');
    assert.equal(addressOf(proxy, '198.51.100.1, 203.0.113.7', 1), '203.0.113.7');
    assert.equal(addressOf(proxy, '198.51.100.1, 127.0.0.1 ,203.0.113.7, 198.51.100.200', 2), '203.0.113.7');
    assert.equal(addressOf(proxy, '198.51.100.1,,,203.0.113.7', 1), '203.0.113.7');
    assert.equal(addressOf(proxy, '203.0.113.7, , 198.51.100.200', 3), '203.0.113.7', 'a place that is empty is a place');
    assert.equal(addressOf(proxy, `${'198.51.100.1,'.repeat(5_000)}203.0.113.7`, 1), '203.0.113.7');
  });

  it('may hold brackets, ports and IPv6', () => {
    for (const [written, key] of [
      ['203.0.113.7:4711', '203.0.113.7'], ['[2001:db8:1:2::9]:4711', '2001:db8:1:2::/64'], ['[2001:db8:1:2::9]', '2001:db8:1:2::/64'],
      ['2001:db8:1:2::9', '2001:db8:1:2::/64'], ['[::ffff:203.0.113.7]:4711', '203.0.113.7'],
    ] as const) assert.equal(addressOf(proxy, written, 1), key);
  });

  it('that is shorter than the proxies that are trusted did not come through them: the other end of the socket counts', () => {
    assert.equal(addressOf('203.0.113.7', '198.51.100.1', 2), '203.0.113.7');
    assert.equal(addressOf('203.0.113.7', undefined, 1), '203.0.113.7');
    assert.equal(addressOf(proxy, undefined, 1), undefined);
  });

  it('that comes where no proxy is trusted is told of in the log, once, and without an address', () => {
    const lines: string[] = [];
    const addresses = new ClientAddresses(0, createLog('info', { write: (line) => lines.push(line) }));
    const request = { socket: { remoteAddress: proxy }, headers: { 'x-forwarded-for': '198.51.100.1' } } as unknown as IncomingMessage;
    for (let times = 0; times < 3; times++) addresses.of(request);
    assert.equal(lines.length, 1);
    assert.match(lines[0]!, /CHATTER_TRUSTED_PROXIES/);
    assert.doesNotMatch(lines[0]!, /198\.51/);
  });
});
