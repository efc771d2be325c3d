import { rmSync } from 'node:fs';
import { ensurePackages } from './building/build.ts';
import { main } from './main.ts';
import { root } from './root.ts';

// `npm run build`: both packages, from nothing.
await main(async () => {
  rmSync(`${root}dist`, { recursive: true, force: true });
  await ensurePackages();
});
