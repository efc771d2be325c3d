import { existsSync } from 'node:fs';
import { root } from '../root.ts';
import { makeIfStale } from './freshness.ts';
import { run } from './run.ts';

const tools = ['package.json', 'package-lock.json', 'tsconfig.json', 'vite.config.ts', '.scripts/building'];
const styles = ['elements', '.scripts/css.ts', 'package-lock.json'];

/** The Bootstrap subset as a module: everything that touches the elements' sources needs it. */
export async function ensureStyles(): Promise<void> {
  if (!existsSync(`${root}.scripts/css.ts`)) return;
  await makeIfStale({ name: 'styles', from: styles, proof: 'elements/styles/bootstrap.css.ts' }, async () => {
    console.log('building the styles …');
    await run('tsx', ['.scripts/css.ts']);
  });
}

/** `dist/script`: chatter.js and its chunks, all of the elements that a server needs. */
export async function ensureScript(options: { tellsSizes?: boolean } = {}): Promise<void> {
  await ensureStyles();
  await makeIfStale({ name: 'script', from: ['elements', 'server/protocol', ...tools], proof: 'dist/script/chatter.js' }, async () => {
    console.log('building chatter.js …');
    // In a process of its own, which gives back what it took: `npm start` stays for hours.
    const report = await run('vite', ['build']);
    if (options.tellsSizes === true) console.log(report.trimEnd());
  });
}

/** Both packages, ready to be packed and published. */
export async function ensurePackages(): Promise<void> {
  await ensureScript({ tellsSizes: true });
  const from = ['elements', 'server', 'LICENSE', 'README.md', ...tools];
  await makeIfStale({ name: 'packages', from, proof: 'dist/chatter-elements/package.json' }, async () => {
    console.log('building chatter-server and chatter-elements …');
    const { buildElementsPackage, buildServerPackage } = await import('./packages.ts');
    await buildServerPackage();
    await buildElementsPackage();
  });
}
