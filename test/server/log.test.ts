import assert from 'node:assert/strict';
import { it } from 'node:test';
import { createLog } from '../../server/log.ts';

it('is JSON lines for a collector, and words for a person', () => {
  const lines: string[] = [];
  const write = (line: string) => lines.push(line);
  createLog('info', { write }).warn('Something.', { room: 'r1', missing: undefined });
  createLog('info', { write, isTTY: true }).warn('Something.', { room: 'r1', missing: undefined });
  assert.deepEqual(Object.keys(JSON.parse(lines[0]!) as object), ['at', 'level', 'message', 'room']);
  assert.equal(lines[1], 'warn  Something. room=r1\n');
});

it('keeps quiet below its level', () => {
  const lines: string[] = [];
  const log = createLog('warn', { write: (line) => lines.push(line) });
  log.debug('a');
  log.info('b');
  log.warn('c');
  log.error('d');
  assert.equal(lines.length, 2);
  createLog('silent', { write: (line) => lines.push(line) }).error('e');
  assert.equal(lines.length, 2);
});

it('F8: of an error it says name, message and stack, and nothing that hangs on it', () => {
  const lines: string[] = [];
  const error = Object.assign(new Error('constraint failed'), { sql: 'INSERT secret', parameters: ['secret words'] });
  createLog('info', { write: (line) => lines.push(line) }).error('A request failed.', { error, object: { secret: 'secret' } });
  assert.match(lines[0]!, /constraint failed/);
  assert.doesNotMatch(lines[0]!, /secret/);
});
