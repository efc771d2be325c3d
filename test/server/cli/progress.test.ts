import { deepEqual } from 'node:assert/strict';
import { test } from 'node:test';
import { openProgress } from '../../../server/cli/progress.ts';

function terminal(isTTY: boolean): { told: string[]; isTTY: boolean; write(text: string): void } {
  const told: string[] = [];
  return { told, isTTY, write: (text) => void told.push(text) };
}

test('where a person looks on a bar redraws itself, and leaves an empty line', () => {
  const screen = terminal(true);
  let now = 0;
  const progress = openProgress(screen, 1_000, () => now);
  progress.update({ bytes: 500, messages: 1_234 });
  // Too soon for an eye.
  now += 50;
  progress.update({ bytes: 600, messages: 1_300 });
  now += 100;
  progress.update({ bytes: 1_000, messages: 2_000 });
  progress.close();
  deepEqual(screen.told, [
    '\r\u001b[K[===============               ] 50 %, 1,234 messages',
    '\r\u001b[K[==============================] 100 %, 2,000 messages',
    '\r\u001b[K',
  ]);
});

test('in a log there is a plain line now and then, and of a stream without an end no share', () => {
  const log = terminal(false);
  let now = 0;
  const progress = openProgress(log, undefined, () => now);
  progress.update({ bytes: 10, messages: 10 });
  now += 2_000;
  progress.update({ bytes: 20, messages: 20 });
  progress.close();
  deepEqual(log.told, ['20 messages\n']);
});
