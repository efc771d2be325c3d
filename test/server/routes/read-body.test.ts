import assert from 'node:assert/strict';
import { it } from 'node:test';
import { ChatterError } from '../../../server/index.ts';
import { readBody } from '../../../server/routes/read-body.ts';

const requestOf = (body: ReadableStream): Request => new Request('http://x', { method: 'POST', body, duplex: 'half' } as RequestInit);

it('F8: a body that breaks off is bad, and no error of ours', async () => {
  const broken = new ReadableStream({
    start(controller) {
      controller.enqueue(new TextEncoder().encode('{"type":'));
    },
    pull(controller) {
      controller.error(Object.assign(new Error('aborted'), { code: 'ECONNRESET' }));
    },
  });
  await assert.rejects(readBody(requestOf(broken), 100), (error) => error instanceof ChatterError && error.code === 'bad_frame');
});
