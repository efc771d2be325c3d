import { deepEqual, equal, match } from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { openStore } from '../../../server/index.ts';

const command = fileURLToPath(new URL('../../../server/cli/main.ts', import.meta.url));

test('G7: a person, a token, all tokens or a tenant are revoked and restored by a command', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'chatter-revoke-'));
  const database = `sqlite:${join(folder, 'chatter.sqlite3')}`;
  const run = (...args: string[]) => new Promise<{ code: number; output: string }>((resolve) => {
    execFile(process.execPath, ['--import', 'tsx', command, ...args], { env: { PATH: process.env['PATH'], CHATTER_DATABASE: database } },
      (error, stdout, stderr) => resolve({ code: typeof error?.code === 'number' ? error.code : 0, output: stdout + stderr }));
  });
  try {
    const done = await run('revoke', 'person', '42', '--tenant', 'acme');
    equal(done.code, 0, done.output);
    match(done.output, /42 of the tenant acme is out/);
    await run('revoke', 'tenant');
    await run('restore', 'person', '42', '--tenant', 'acme');
    for (const wrong of [['revoke'], ['revoke', 'person'], ['revoke', 'tenant', '42'], ['revoke', 'people', '42'], ['restore', 'token', '1']]) {
      const refused = await run(...wrong);
      equal(refused.code, 1, wrong.join(' '));
      match(refused.output, /^Say what to (revoke|restore): /);
    }
    const store = await openStore(database);
    const rows = await store.revocations(0, 10);
    await store.close();
    deepEqual(rows.map(({ tenant, kind, subject, at }) => [tenant, kind, subject, at === undefined]),
      [['default', 'tenant', '', false], ['acme', 'person', '42', true]]);
  } finally {
    await rm(folder, { recursive: true });
  }
});
