/** A line of a file, or the reason why it cannot be read as one. Lines are numbered from 1. */
export type ReadLine = { number: number; text: string } | { number: number; problem: string };

const newline = 0x0a;

/**
 * Splits bytes into lines of UTF-8 with constant memory: a line over `maxBytes` is passed over, not gathered.
 * Unlike `node:readline` it tells broken UTF-8 from text that holds a replacement character.
 */
export async function* readLines(chunks: AsyncIterable<Uint8Array>, maxBytes: number): AsyncGenerator<ReadLine> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let number = 0;
  let parts: Uint8Array[] = [];
  let bytes = 0;

  const gather = (part: Uint8Array): void => {
    bytes += part.length;
    if (bytes <= maxBytes) parts.push(part);
    else parts = [];
  };
  const finish = (): ReadLine => {
    const line = parts.length === 1 ? parts[0]! : Buffer.concat(parts);
    const isTooLong = bytes > maxBytes;
    parts = [];
    bytes = 0;
    number += 1;
    if (isTooLong) return { number, problem: `is longer than ${maxBytes} bytes` };
    try {
      return { number, text: decoder.decode(line) };
    } catch {
      return { number, problem: 'is not UTF-8' };
    }
  };

  for await (const chunk of chunks) {
    let start = 0;
    for (let end = chunk.indexOf(newline); end !== -1; end = chunk.indexOf(newline, start)) {
      gather(chunk.subarray(start, end));
      yield finish();
      start = end + 1;
    }
    if (start < chunk.length) gather(chunk.subarray(start));
  }
  if (bytes > 0) yield finish();
}
