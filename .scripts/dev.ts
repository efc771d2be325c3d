import { spawn } from 'node:child_process';
import { rmSync, watch } from 'node:fs';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { build, type Rolldown } from 'vite';
import { ensureStyles } from './building/build.ts';
import { main } from './main.ts';
import { root } from './root.ts';

// `npm run dev`: the demo, with everything rebuilt as it is saved. The server restarts by itself; open pages load again.
await main(async () => {
  // As it is now: Vite sets NODE_ENV of this process to "production", where the demo's log-in refuses to work.
  const environment = { ...process.env, PATH: `${root}node_modules/.bin:${process.env.PATH}` };
  await ensureStyles();
  // What is built here reloads pages, which nobody wants of a normal build: the next one starts afresh.
  rmSync(`${root}dist/.stamps/script`, { force: true });
  const pages = await openReloader();
  const script = await build({
    root,
    configFile: `${root}vite.config.ts`,
    build: { watch: {}, minify: false, rolldownOptions: { output: { minify: false, footer: `new EventSource('${pages.url}').onmessage = () => location.reload();` } } },
  }) as Rolldown.RolldownWatcher;
  await new Promise<void>((resolve) => {
    script.on('event', (event) => {
      if (event.code === 'ERROR') console.error(event.error.message);
      if (event.code !== 'BUNDLE_END') return;
      console.log(`chatter.js built in ${event.duration} ms`);
      pages.reload();
      resolve();
    });
  });
  const server = spawn('tsx', ['watch', 'demo/server.ts', ...process.argv.slice(2)], {
    cwd: root, stdio: 'inherit', env: environment,
  });
  watch(`${root}elements`, { recursive: true }, (_, file) => {
    // The sheet holds only what the sources use, so each of them may change it; but not the sheet itself.
    if (file !== null && !file.endsWith('bootstrap.css.ts')) void ensureStyles().catch((error: unknown) => console.error(error));
  });
  watch(`${root}demo`, { recursive: true }, () => pages.reload());
  process.on('SIGTERM', () => server.kill('SIGTERM'));
  server.on('exit', (code) => process.exit(code ?? 1));
});

/** Tells open pages to load again, by a stream of server-sent events on a port of its own. */
async function openReloader(): Promise<{ url: string; reload: () => void }> {
  const pages = new Set<ServerResponse>();
  const server = createServer((request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream', 'access-control-allow-origin': '*' });
    response.flushHeaders();
    pages.add(response);
    request.on('close', () => pages.delete(response));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, reload: () => pages.forEach((page) => page.write('data: reload\n\n')) };
}
