import { deepEqual } from 'node:assert/strict';
import { test } from 'node:test';
import { readLines, type ReadLine } from '../../../server/cli/read-lines.ts';

async function* chunksOf(bytes: Buffer, size: number): AsyncGenerator<Uint8Array> {
  for (let start = 0; start < bytes.length; start += size) yield bytes.subarray(start, start + size);
}

async function linesOf(bytes: Buffer, { chunk = 7, maxBytes = 100 } = {}): Promise<ReadLine[]> {
  const lines: ReadLine[] = [];
  for await (const line of readLines(chunksOf(bytes, chunk), maxBytes)) lines.push(line);
  return lines;
}

test('lines are the same however the bytes are cut, also in the middle of a character', async () => {
  const bytes = Buffer.from('één\n\n🌿🌿 שלום\nlast without an end');
  const expected = [
    { number: 1, text: 'één' },
    { number: 2, text: '' },
    { number: 3, text: '🌿🌿 שלום' },
    { number: 4, text: 'last without an end' },
  ];
  for (let chunk = 1; chunk <= bytes.length; chunk += 1) deepEqual(await linesOf(bytes, { chunk }), expected);
});

test('a file without a line, and one that ends with a newline, have no line too many', async () => {
  deepEqual(await linesOf(Buffer.from('')), []);
  deepEqual(await linesOf(Buffer.from('one\n')), [{ number: 1, text: 'one' }]);
});

test('a line that is too long or not UTF-8 is told, and those around it are read', async () => {
  const bytes = Buffer.concat([
    Buffer.from(`first\n${'x'.repeat(101)}\n${'y'.repeat(100)}\n`),
    Buffer.from([0x61, 0xff, 0x0a]),
    Buffer.from('� is a character\n'),
    Buffer.from([0xe2, 0x82]),
  ]);
  deepEqual(await linesOf(bytes), [
    { number: 1, text: 'first' },
    { number: 2, problem: 'is longer than 100 bytes' },
    { number: 3, text: 'y'.repeat(100) },
    { number: 4, problem: 'is not UTF-8' },
    { number: 5, text: '� is a character' },
    { number: 6, problem: 'is not UTF-8' },
  ]);
});

test('a byte order mark at the start of a file is not part of its first line', async () => {
  deepEqual(await linesOf(Buffer.from('\uFEFF{}\n')), [{ number: 1, text: '{}' }]);
});
