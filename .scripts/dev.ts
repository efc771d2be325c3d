import { spawn } from 'node:child_process';
import { rmSync, watch } from 'node:fs';
import { build } from 'vite';
import { WebSocketServer } from 'ws';
import { ensureStyles } from './building/build.ts';
import { main } from './main.ts';
import { root } from './root.ts';

const settleMs = 50;

// `npm run dev`: the demo, with everything rebuilt as it is saved. The server restarts by itself; open pages load again.
await main(async () => {
  // As it is now: Vite sets NODE_ENV of this process to "production", where the demo's log-in refuses to work.
  const environment = { ...process.env, PATH: `${root}node_modules/.bin:${process.env.PATH}` };
  // What is built here reloads pages, which nobody wants of a normal build: the next one starts afresh.
  rmSync(`${root}dist/.stamps/script`, { force: true });
  const pages = await openReloader();
  const rebuild = async (): Promise<void> => {
    try {
      // First, and not by a watcher of its own: the sheet holds only what the sources use, and is one of them itself.
      await ensureStyles();
      const startedAt = performance.now();
      await buildScript(`new WebSocket('${pages.url}').onmessage = () => location.reload();`);
      console.log(`chatter.js built in ${Math.round(performance.now() - startedAt)} ms`);
      pages.reload();
    } catch (error) {
      console.error(error instanceof Error ? error.message : error);
    }
  };
  await rebuild();
  const server = spawn('tsx', ['watch', 'demo/server.ts', ...process.argv.slice(2)], {
    cwd: root, stdio: 'inherit', env: environment,
  });
  const rebuildSoon = whenSettled(rebuild);
  watch(`${root}elements`, { recursive: true }, (_, file) => {
    if (file !== null && !file.endsWith('bootstrap.css.ts')) rebuildSoon();
  });
  watch(`${root}server/protocol`, (_, file) => {
    if (file?.endsWith('.ts') === true) rebuildSoon();
  });
  const reloadSoon = whenSettled(async () => pages.reload());
  watch(`${root}demo`, { recursive: true }, (_, file) => {
    // A module of the demo restarts its server: a page that loads again meanwhile would find nobody.
    if (file?.endsWith('.ts') === false) reloadSoon();
  });
  process.on('SIGTERM', () => server.kill('SIGTERM'));
  server.on('exit', (code) => process.exit(code ?? 1));
});

async function buildScript(footer: string): Promise<void> {
  await build({
    root,
    configFile: `${root}vite.config.ts`,
    mode: 'dev',
    // What fails is thrown too, and said once.
    logLevel: 'silent',
    build: { minify: false, rolldownOptions: { output: { minify: false, footer } } },
  });
}

/** One save is several events. What this returns does `work` once for all of them, and begins no work before the last has ended. */
function whenSettled(work: () => Promise<void>): () => void {
  let timer: NodeJS.Timeout | undefined;
  let working = Promise.resolve();
  return () => {
    clearTimeout(timer);
    timer = setTimeout(() => { working = working.then(work); }, settleMs);
  };
}

/** Tells open pages to load again: by a websocket, as the demo's pages may open no other connection to another port. */
async function openReloader(): Promise<{ url: string; reload: () => void }> {
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0 });
  await new Promise<void>((resolve, reject) => server.once('listening', resolve).once('error', reject));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The reloader of pages has no port.');
  return { url: `ws://127.0.0.1:${address.port}`, reload: () => server.clients.forEach((page) => page.send('reload')) };
}
