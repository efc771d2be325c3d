import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { loadSqliteDriver, type SqliteDriver } from '../../../server/store/sqlite-driver.ts';

const run = promisify(execFile);
const here = dirname(fileURLToPath(import.meta.url));
const skipped = (process.env.CHATTER_TEST_SKIP ?? '').split(',').map((word) => word.trim()).includes('node22');

describe('the SQLite driver', () => {
  const driver = { OPEN_CREATE: 1, OPEN_READWRITE: 2 } as SqliteDriver;
  const missingBinary = () => Promise.reject(new Error('No native build was found for platform=plan9\n    loaded from: somewhere'));

  it('is the sqlite3 package where its binary loads', async () => {
    const loaded = await loadSqliteDriver({ sqlite3: async () => driver, nodeSqlite: () => assert.fail('not asked') });
    assert.equal(loaded, driver);
  });

  it('is Node\'s own where the binary does not load', async () => {
    assert.equal(await loadSqliteDriver({ sqlite3: missingBinary, nodeSqlite: () => driver }), driver);
  });

  it('is refused by one sentence that says what to do where neither is there', async () => {
    await assert.rejects(loadSqliteDriver({ sqlite3: missingBinary, nodeSqlite: () => undefined }), (error: Error) => {
      assert.equal(
        error.message,
        'SQLite cannot be used: the binary of the sqlite3 package does not load (No native build was found for platform=plan9), and ' +
          `Node ${process.versions.node} has none of its own. Run "npm rebuild sqlite3 --ignore-scripts=false", or use Node 22.13 or newer.`,
      );
      assert.ok(error.cause instanceof Error);
      return true;
    });
  });

  it('is not loaded by importing the store', async () => {
    const script = `
      await import('./server/store/sequelize-store.ts');
      const loaded = process.report.getReport().sharedObjects.filter((file) => file.includes('sqlite'));
      if (loaded.length > 0) throw new Error('loaded ' + loaded.join());`;
    await run(process.execPath, ['--import', 'tsx', '--input-type=module', '--eval', script], { cwd: join(here, '../../..') });
  });

  it(
    'of Node 22 and newer keeps the store contract',
    { skip: skipped && 'SKIPPED by CHATTER_TEST_SKIP=node22' },
    async (test) => {
      const folder = await mkdtemp(join(tmpdir(), 'chatter-node-'));
      try {
        const node = await nodeWithSqlite(folder);
        test.diagnostic(`ran under ${node} (${(await run(node, ['--version'])).stdout.trim()})`);
        // This would tell the runner that it is inside another one, and it would report in a way for that one only.
        const { NODE_TEST_CONTEXT: _inside, ...env } = process.env;
        const { stdout } = await run(
          node, ['--import', 'tsx', '--test', '--test-reporter=tap', join(here, 'node-sqlite-store.suite.ts')],
          { cwd: join(here, '../../..'), env, maxBuffer: 2 ** 26 },
        ).catch((error: Error & { stdout?: string }) => assert.fail(error.stdout ?? error.message));
        const passed = Number(/^# pass (\d+)$/m.exec(stdout)?.[1]);
        assert.ok(passed > 40, `only ${passed} tests ran:\n${stdout}`);
      } finally {
        await rm(folder, { recursive: true });
      }
    },
  );
});

/** This Node where it has SQLite; else the newest Node 22, from a registry package that holds just the binary. */
async function nodeWithSqlite(folder: string): Promise<string> {
  if (process.getBuiltinModule?.('node:sqlite')) return process.execPath;
  const name = `node-${process.platform === 'win32' ? 'win' : process.platform}-${process.arch}`;
  try {
    await run('npm', ['install', '--prefix', folder, '--no-audit', '--no-fund', '--ignore-scripts', `${name}@22`], { shell: process.platform === 'win32' });
  } catch (error) {
    throw new Error(
      `Node 22 could not be had from the registry (${name}@22). Run the tests with Node 22.13 or newer, or leave this one out with CHATTER_TEST_SKIP=node22.`,
      { cause: error },
    );
  }
  return join(folder, 'node_modules', name, 'bin', process.platform === 'win32' ? 'node.exe' : 'node');
}
