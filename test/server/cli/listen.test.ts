import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { it } from 'node:test';
import { listen } from '../../../server/cli/listen.ts';
import type { Log } from '../../../server/log.ts';

const silent: Log = { debug() {}, info() {}, warn() {}, error() {} };
const address = { host: '127.0.0.1', port: 0, variable: 'CHATTER_PORT' };

function acceptError(code: string): Error {
  return Object.assign(new Error(`accept ${code}`), { code, syscall: 'accept' });
}

it('a server that cannot take a connection says so, once a minute for each cause, and goes on', async () => {
  const lines: string[] = [];
  const log: Log = { debug() {}, info() {}, warn: (message, fields) => lines.push(`${message} ${String(fields?.cause)}`), error() {} };
  const server = createServer((_, response) => response.end('here'));
  await listen(server, address, log);
  for (let times = 0; times < 3; times++) server.emit('error', acceptError('EMFILE'));
  server.emit('error', acceptError('ENOBUFS'));
  assert.deepEqual(lines, ['A connection could not be taken. EMFILE', 'A connection could not be taken. ENOBUFS']);
  const { port } = server.address() as { port: number };
  assert.equal(await (await fetch(`http://127.0.0.1:${port}`)).text(), 'here');
  server.closeAllConnections();
  server.close();
});

it('a port that is taken is a sentence', async () => {
  const first = createServer();
  await listen(first, address, silent);
  const { port } = first.address() as { port: number };
  await assert.rejects(listen(createServer(), { ...address, port }, silent), new RegExp(`Port ${port} is taken .* set CHATTER_PORT`));
  first.close();
});
