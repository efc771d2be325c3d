import { ensureScript } from './building/build.ts';
import { main } from './main.ts';

// `npm start`: the demo. The first time it builds chatter.js; after that only when a source has changed.
await main(async () => {
  await ensureScript();
  await import('../demo/server.ts');
});
