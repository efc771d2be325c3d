import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { findPostgres } from '../support/services/postgres.ts';
import { findRedis } from '../support/services/redis.ts';
import { plants } from './plants.ts';

/**
 * Who finds these finds others: each planted bug has to be named by the command, as the guarantee that it breaks. Each runs in
 * a process of its own, for some are planted into the clients; a few at once, for most of the time they wait.
 */
const seed = '1';

describe('npm run chaos finds what was planted', { concurrency: 4 }, () => {
  const tried = new Set<string>();
  const folder = mkdtempSync(join(tmpdir(), 'chatter-plants-'));
  // Databases run as somebody else, and go through it.
  chmodSync(folder, 0o755);

  before(() => {
    findPostgres();
    findRedis();
  });

  for (const [name, { breaks }] of Object.entries(plants)) {
    it(`${breaks}: ${name}`, async () => {
      const { code, output } = await chaos(folder, '--plant', name, '--seed', seed);
      tried.add(breaks);
      assert.equal(code, 1, output);
      assert.match(output, new RegExp(`^${breaks} is broken.*\n +\\d+\\.\\d+  `, 'm'), output);
      assert.match(output, new RegExp(`^To repeat it: npm run chaos -- .*--seed ${seed} .*--plant ${name}$`, 'm'), output);
    });
  }

  after(() => rmSync(folder, { recursive: true }));
  after(() => assert.deepEqual([...tried].sort(), ['G1', 'G10', 'G2', 'G3', 'G4', 'G5', 'G6', 'G7', 'G8', 'G9'], 'none is left out'));
});

/** `folder` is where it leaves what it has seen. */
function chaos(folder: string, ...args: string[]): Promise<{ code: number | string; output: string }> {
  const script = fileURLToPath(new URL('./main.ts', import.meta.url));
  return new Promise((resolve) => {
    execFile(process.execPath, ['--import', 'tsx', script, ...args], { maxBuffer: 2 ** 26, env: { ...process.env, TMPDIR: folder } }, (error, stdout, stderr) => {
      resolve({ code: error?.code ?? 0, output: stdout + stderr });
    });
  });
}
