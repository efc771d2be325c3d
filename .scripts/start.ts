import { spawn } from 'node:child_process';
import { ensureScript } from './building/build.ts';
import { main } from './main.ts';
import { root } from './root.ts';

// `npm start`: the demo, in the foreground. The first time it builds chatter.js; after that only when a source has changed.
await main(async () => {
  await ensureScript();
  const server = spawn(process.execPath, ['--import', 'tsx', 'demo/server.ts', ...process.argv.slice(2)], { cwd: root, stdio: 'inherit' });
  // Ctrl-C reaches the server by itself, and this process waits for it to finish what it does; kill has to be handed on.
  process.on('SIGINT', () => {});
  process.on('SIGTERM', () => server.kill('SIGTERM'));
  process.exitCode = await new Promise<number>((resolve, reject) => {
    server.on('error', reject);
    server.on('exit', (code) => resolve(code ?? 1));
  });
});
