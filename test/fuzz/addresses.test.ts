import assert from 'node:assert/strict';
import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';
import { it } from 'node:test';
import fc from 'fast-check';
import { ClientAddresses } from '../../server/client-address.ts';
import { createLog } from '../../server/index.ts';
import { fuzz } from './fuzz.ts';
import { hostileText } from './hostile.ts';

const addresses = new ClientAddresses(1, createLog('silent'));
const keyOf = (forwarded: string): string | undefined => addresses.of({
  headers: { 'x-forwarded-for': forwarded }, socket: { remoteAddress: '8.8.8.8' },
} as unknown as Pick<IncomingMessage, 'socket' | 'headers'>);

it('CVE-2026-30827, CVE-2026-24398, CVE-2026-47674: each IPv4 address has one key, however it is written, and no two share one', async () => {
  await fuzz(fc.ipV4(), 300, (address) => {
    const key = keyOf(address);
    const hex = address.split('.').map((part) => Number(part).toString(16).padStart(2, '0'));
    const mapped = `::ffff:${hex[0]}${hex[1]}:${hex[2]}${hex[3]}`;
    for (const form of [`::ffff:${address}`, `::FFFF:${address}`, mapped, `[${mapped}]:443`, `${address}:1234`, ` ${address} `, `1.2.3.4, ${address}`, `0:0:0:0:0:ffff:${address}`]) assert.equal(keyOf(form), key, form);
    if (key !== undefined) assert.equal(key, address);
  });
  for (const none of ['0x08080808', '134744072', '010.8.8.8', '8.8.2056', '8.8.8.8.', '①.①.①.①', '8.8.8.8/8', '::ffff:8.8.8.256', '8.8.8.8\u0000']) assert.equal(isIP(none), 0);
});

it('whatever stands in X-Forwarded-For, it is an address or none', async () => {
  await fuzz(fc.oneof(hostileText, fc.ipV6(), fc.array(fc.oneof(fc.ipV4Extended(), fc.ipV6(), hostileText), { maxLength: 4 }).map((all) => all.join(','))), 500, (text) => {
    const key = keyOf(text);
    assert.ok(key === undefined || isIP(key) === 4 || /^[0-9a-f:]+::\/64$/.test(key), key);
  });
});
