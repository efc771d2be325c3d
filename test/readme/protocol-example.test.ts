import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { helloFrame, requests, serverFrame, type RequestKind } from '#protocol/frames';

const page = readFileSync(new URL('../../server/protocol/README.md', import.meta.url), 'utf8');
const lines = /^## An example\n[^]*?^```\n([^]*?)^```$/m.exec(page)![1]!.split('\n').filter((line) => line !== '');

test('every frame of the example in the page about the protocol is one, with just these fields', () => {
  const asked = new Map<unknown, RequestKind>();
  for (const line of lines) {
    const frame = JSON.parse(line.slice(2)) as { kind: string; ref?: number; data?: object };
    const { kind, ref, data, ...input } = frame;
    if (line.startsWith('< ')) {
      assert.deepEqual(serverFrame.parse(frame), frame);
      if (kind === 'ok') assert.deepEqual(requests[asked.get(ref)!].output.parse(data), data);
    } else if (kind === 'hello') {
      assert.deepEqual(helloFrame.parse(frame), frame);
    } else {
      const request = kind as RequestKind;
      asked.set(ref, request);
      // Parsing adds defaults and drops what is unknown.
      const parsed = requests[request].input.parse(input);
      assert.deepEqual({ ...parsed, ...input }, parsed);
    }
  }
  assert.deepEqual([...asked.values()], ['room.open', 'message.send']);
});
