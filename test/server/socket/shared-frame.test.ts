import assert from 'node:assert/strict';
import { it } from 'node:test';
import { SharedFrame } from '../../../server/socket/shared-frame.ts';

for (const length of [0, 1, 125, 126, 65_535, 65_536, 200_000]) {
  it(`a frame of ${length} bytes stands on the wire as RFC 6455 says`, () => {
    const text = length > 2 ? `é${'x'.repeat(length - 2)}` : 'x'.repeat(length);
    const frame = new SharedFrame(text);
    const bytes = frame.websocketBytes;
    assert.equal(frame.byteLength, length);
    assert.equal(bytes[0], 0x81, 'the only frame of a text message');
    const short = bytes[1]!;
    const [said, start] = short < 126 ? [short, 2] : short === 126 ? [bytes.readUInt16BE(2), 4] : [Number(bytes.readBigUInt64BE(2)), 10];
    assert.equal(said, length);
    assert.equal(bytes.subarray(start).toString('utf8'), text);
    assert.equal(frame.websocketBytes, bytes, 'written once');
  });
}
