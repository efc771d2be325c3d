import { equal, match, ok } from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createReadStream } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text as textOf } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { test } from 'node:test';
import { openSequelizeStore } from '../../../server/store/sequelize-store.ts';

const command = fileURLToPath(new URL('../../../server/cli/main.ts', import.meta.url));
const messages = 20_000;

test('G1, G2: an import killed in the middle is finished by the next run, nothing lost and nothing doubled', async (context) => {
  const folder = await mkdtemp(join(tmpdir(), 'chatter-killed-'));
  context.after(() => rm(folder, { recursive: true }));
  const [file, database] = [join(folder, 'in.ndjson'), `sqlite:${join(folder, 'chatter.sqlite3')}`];
  const lines = Array.from({ length: messages }, (_, index) => `${JSON.stringify({
    room: 'long', from: `person ${index % 50}`, at: new Date(Date.UTC(2024, 0, 1) + index * 1_000), text: `message ${index}`,
  })}\n`);
  await writeFile(file, lines.join(''));
  const run = (...words: string[]): ChildProcess => spawn(process.execPath, ['--import', 'tsx', command, ...words], {
    env: { ...process.env, CHATTER_DATABASE: database }, stdio: 'pipe',
  });

  // Its end never comes, so wherever it is, it is in the middle.
  const killed = run('import', '-');
  createReadStream(file).pipe(killed.stdin!, { end: false });
  killed.stdin!.on('error', () => {});
  killed.stderr!.resume();
  const store = await openSequelizeStore({ url: database });
  context.after(() => store.close());
  const stored = async (): Promise<number> => (await store.rooms('default', { limit: 1 })).rooms[0]?.messageCount ?? 0;
  while ((await stored()) < messages / 4) ok(killed.exitCode === null, 'it is still at work');
  killed.kill('SIGKILL');
  await once(killed, 'exit');
  const kept = await stored();

  const again = run('import', file);
  const [told, [code]] = await Promise.all([textOf(again.stderr!), once(again, 'exit')]);
  equal(code, 0, told);
  match(told, new RegExp(`${kept.toLocaleString('en')} messages known already`));
  equal(await stored(), messages);
  // The standard output holds the lines and nothing else.
  equal(await textOf(run('export').stdout!), lines.join(''));
});
