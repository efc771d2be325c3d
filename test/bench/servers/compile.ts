import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const root = fileURLToPath(new URL('../../..', import.meta.url));
let compiled: Promise<string> | undefined;

/**
 * The servers as JavaScript, compiled as the published one is: what runs TypeScript on the fly gives each closure its name by
 * a call of its own, which was a fifth of the work of a send. Resolves to the folder.
 */
export function compileServers(): Promise<string> {
  return (compiled ??= compile());
}

async function compile(): Promise<string> {
  await promisify(execFile)(`${root}node_modules/.bin/tsc`, ['-p', `${root}test/bench/tsconfig.servers.json`]);
  const imports = { '#protocol/*': './server/protocol/*.js' };
  writeFileSync(`${root}dist/bench/package.json`, JSON.stringify({ type: 'module', imports }));
  return `${root}dist/bench/test/bench/servers`;
}
