import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Readable } from 'node:stream';
import { it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { createLog } from '../../server/log.ts';

/** What a log of that kind writes for one entry. */
function lineOf(fields: Record<string, unknown>, { message = 'Something.', isTTY = false } = {}): string {
  let written = '';
  createLog('info', { write: (line) => (written += line), isTTY }).warn(message, fields);
  return written;
}

it('is JSON lines for a collector, and words for a person', () => {
  const { time, ...line } = JSON.parse(lineOf({ room: 'r1', missing: undefined })) as { time: string };
  assert.deepEqual(line, { level: 'warn', message: 'Something.', room: 'r1' });
  assert.match(time, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  assert.equal(lineOf({ room: 'r1', missing: undefined }, { isTTY: true }), 'warn  Something. room=r1\n');
});

it('keeps quiet below its level', () => {
  for (const isTTY of [true, false]) {
    const lines: string[] = [];
    const write = (line: string) => lines.push(line);
    const log = createLog('warn', { write, isTTY });
    log.debug('a');
    log.info('b');
    log.warn('c');
    log.error('d');
    assert.equal(lines.length, 2);
    createLog('silent', { write, isTTY }).error('e');
    assert.equal(lines.length, 2);
  }
});

it('F8: of an error it says name, code, message, place and cause, and nothing else that hangs on it', () => {
  const error = Object.assign(new Error('connect ECONNREFUSED', { cause: new TypeError('inner') }), { code: 'ECONNREFUSED', parameters: ['secret words'] });
  const told = (JSON.parse(lineOf({ error, object: { secret: 'secret' } })) as { error: { stack: string; cause: { message: string } } }).error;
  assert.deepEqual(Object.keys(told), ['name', 'code', 'message', 'stack', 'cause']);
  assert.match(told.stack, /^ {4}at .*log\.test\.ts:\d+/);
  assert.equal(told.cause.message, 'inner');
  for (const isTTY of [true, false]) assert.doesNotMatch(lineOf({ error, object: { secret: 'secret' } }, { isTTY }), /secret/);
});

it('G8: what a driver says is not repeated, as it may quote what people wrote; its code is', () => {
  const canary = 'a canary\n    at sings (here.ts:1:1)';
  const driverErrors = [
    Object.assign(new Error(`Duplicate entry '${canary}' for key`), { code: 'ER_DUP_ENTRY', sqlState: '23000', sqlMessage: canary, sql: canary }),
    Object.assign(new Error(`invalid input syntax for type integer: "${canary}"`), { name: 'error', code: '22P02', severity: 'ERROR' }),
    Object.assign(new Error(canary), { name: 'SequelizeDatabaseError', original: Object.assign(new Error(canary), { code: 'SQLITE_ERROR', errno: 1 }) }),
    Object.assign(new Error(`WRONG what you said: ${canary}`), { name: 'ReplyError', command: { name: 'publish', args: [canary] } }),
    new SyntaxError(`"${canary}" is not valid JSON`),
  ];
  for (const isTTY of [true, false]) {
    for (const error of driverErrors) {
      const line = lineOf({ error: new Error('It failed.', { cause: error }) }, { isTTY });
      assert.match(line, /It failed\.[^]*withheld/);
      assert.doesNotMatch(line, /canary|sings/);
    }
    const codes = driverErrors.map((error) => lineOf({ error }, { isTTY }));
    for (const [index, code] of ['ER_DUP_ENTRY', '22P02', 'SQLITE_ERROR', 'WRONG'].entries()) assert.ok(codes[index]!.includes(code), code);
  }
});

it('what a database says of itself is told', () => {
  for (const [error, said] of [
    [Object.assign(new Error('SQLITE_FULL: database or disk is full'), { code: 'SQLITE_FULL', errno: 13 }), /disk is full/],
    [Object.assign(new Error('sorry, too many clients already'), { name: 'error', code: '53300', severity: 'FATAL' }), /too many clients/],
    [Object.assign(new Error('connect ECONNREFUSED 127.0.0.1:5432'), { code: 'ECONNREFUSED', errno: -111, syscall: 'connect' }), /127\.0\.0\.1:5432/],
    [new AggregateError([new Error('refused at ::1')]), /refused at ::1/],
  ] as const) assert.match(lineOf({ error }), said);
});

it('C4: a token or a password that gets there all the same is taken out', () => {
  const token = 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhZGEifQ.c2lnbmF0dXJl';
  const address = 'postgres://chatter:parole@db:5432/chatter';
  for (const isTTY of [true, false]) {
    const line = lineOf({ token, url: new URL(address), error: new Error(`${token} ${address}`) }, { message: `${token} at ${address}`, isTTY });
    assert.doesNotMatch(line, /eyJ|c2ln|parole/);
    assert.match(line, /postgres:\/\/chatter:\*\*\*@db:5432\/chatter/);
  }
});

it('whatever it is given it does not throw, and does not steer the terminal', () => {
  const unprintable = { toString: () => { throw new Error('no'); } };
  const round: Error & { cause?: unknown } = new Error('round');
  round.cause = round;
  for (const isTTY of [true, false]) {
    const line = lineOf({ unprintable, bare: Object.create(null), symbol: Symbol('s'), big: 1n, nothing: null, error: round, evil: '\u001b[2J' }, { isTTY });
    assert.match(line, /nothing that can be written/);
    assert.ok(!line.includes('\u001b'));
  }
});

/** Runs a program that logs far more than may wait, turn by turn, and ends by itself. */
async function chatty(read: (stderr: Readable) => void): Promise<{ code: number; said: string }> {
  const program = `
    import { createLog } from ${JSON.stringify(fileURLToPath(new URL('../../server/log.ts', import.meta.url)))};
    const log = createLog('info');
    let turns = 0;
    const turn = setInterval(() => {
      for (let line = 0; line < 100; line++) log.info('x'.repeat(1000), { line });
      if (++turns < 100) return;
      clearInterval(turn);
      console.log('went on');
      process.exit(0);
    }, 1);
  `;
  const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '--eval', program], { stdio: ['ignore', 'pipe', 'pipe'] });
  const ended = once(child, 'exit') as Promise<[number]>;
  let said = '';
  child.stdout.on('data', (data: Buffer) => (said += data.toString()));
  read(child.stderr);
  const [code] = await ended;
  child.stderr.destroy();
  return { code, said };
}

it('G9: a reader of the log that has gone, or that takes nothing, neither ends the process nor stops it', async () => {
  assert.deepEqual(await chatty((stderr) => stderr.destroy()), { code: 0, said: 'went on\n' });
  assert.deepEqual(await chatty(() => {}), { code: 0, said: 'went on\n' });
});

it('what was said last is written before the process ends', async () => {
  const program = `
    import { createLog } from ${JSON.stringify(fileURLToPath(new URL('../../server/log.ts', import.meta.url)))};
    const log = createLog('info');
    for (let line = 0; line < 100; line++) log.info('A line.', { line });
    process.exit(0);
  `;
  const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '--eval', program], { stdio: ['ignore', 'inherit', 'pipe'] });
  let written = '';
  child.stderr.on('data', (data: Buffer) => (written += data.toString()));
  await once(child, 'close');
  assert.deepEqual(written.trim().split('\n').map((line) => (JSON.parse(line) as { line: number }).line), Array.from({ length: 100 }, (_, line) => line));
});
