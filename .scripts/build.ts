import { rmSync } from 'node:fs';
import { ensurePackages } from './building/build.ts';
import { root } from './root.ts';

// `npm run build`: both packages, from nothing.
rmSync(`${root}dist`, { recursive: true, force: true });
await ensurePackages();
