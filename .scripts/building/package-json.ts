import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { join } from 'node:path';
import ts from 'typescript';
import { root } from '../root.ts';
import { packageReadme } from './package-readme.ts';

interface RootPackage {
  version: string;
  license: string;
  engines: Record<string, string>;
  dependencies: Record<string, string>;
}

interface OwnFields extends Record<string, unknown> {
  name: string;
  description: string;
  /** Packages that it has types for, and does without. */
  optionalPeers?: readonly string[];
}

/** Writes package.json, LICENSE and README.md of a built package. What it depends on is read off its modules; the versions are the root's. */
export function finishPackage(folder: string, own: OwnFields): void {
  const { version, license, engines, dependencies } = JSON.parse(readFileSync(`${root}package.json`, 'utf8')) as RootPackage;
  const { name, description, optionalPeers = [], ...rest } = own;
  const wanted = importedPackages(folder).filter((imported) => !optionalPeers.includes(imported)).map((imported) => {
    const range = dependencies[imported];
    if (range === undefined) throw new Error(`${name} imports ${imported}, which is not in "dependencies" of package.json.`);
    return [imported, range] as const;
  });
  const peers = optionalPeers.length === 0 ? {} : {
    peerDependencies: Object.fromEntries(optionalPeers.map((peer) => [peer, '*'])),
    peerDependenciesMeta: Object.fromEntries(optionalPeers.map((peer) => [peer, { optional: true }])),
  };
  const json = { name, version, description, license, type: 'module', engines, ...rest, dependencies: Object.fromEntries(wanted), ...peers };
  writeFileSync(join(root, folder, 'package.json'), `${JSON.stringify(json, null, 2)}\n`);
  writeFileSync(join(root, folder, 'LICENSE'), readFileSync(`${root}LICENSE`));
  writeFileSync(join(root, folder, 'README.md'), packageReadme(folder, name, description));
}

/** Names of the packages that the modules of a folder import, statically, dynamically or by `require`. */
function importedPackages(folder: string): string[] {
  const names = new Set<string>();
  for (const file of readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })) {
    // chatter.js and its chunks hold what they need.
    if (!/\.(js|d\.ts)$/.test(file) || isScript(file)) continue;
    const { importedFiles } = ts.preProcessFile(readFileSync(join(root, folder, file), 'utf8'), true, true);
    for (const { fileName } of importedFiles) {
      if (/^[.#]/.test(fileName) || isBuiltin(fileName)) continue;
      names.add(fileName.split('/').slice(0, fileName.startsWith('@') ? 2 : 1).join('/'));
    }
  }
  return [...names].sort();
}

function isScript(file: string): boolean {
  return existsSync(join(root, 'dist/script', file)) || file.startsWith('public/');
}
