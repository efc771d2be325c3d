import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../root.ts';
import { run } from './run.ts';

/** The parts of the custom elements manifest that are read here. */
export interface Manifest {
  modules: { path: string; declarations?: Declaration[]; exports?: { declaration?: { module?: string } }[] }[];
}
export interface Declaration {
  kind: string;
  name: string;
  tagName?: string;
  description?: string;
  summary?: string;
  members?: Member[];
  attributes?: Documented[];
  events?: Documented[];
  slots?: Documented[];
  cssParts?: Documented[];
  cssProperties?: Documented[];
}
export interface Documented {
  name?: string;
  description?: string;
  default?: string;
  type?: { text: string };
  /** Of an attribute: the property behind it. */
  fieldName?: string;
}
export interface Member extends Documented {
  kind: string;
  privacy?: string;
  static?: boolean;
  readonly?: boolean;
  attribute?: string;
  inheritedFrom?: unknown;
}

/** Reads the elements' public face off their source, into `FOLDER/custom-elements.json`, with the paths of the built modules. */
export async function writeManifest(folder: string): Promise<Manifest> {
  await run('cem', ['analyze', '--litelement', '--quiet', '--globs', 'elements/*.ts', '--exclude', 'elements/define.ts', '--outdir', folder]);
  const file = join(root, folder, 'custom-elements.json');
  const text = readFileSync(file, 'utf8').replaceAll(/"(\/?)elements\/([^"]+)\.ts"/g, '"$1$2.js"');
  const manifest = JSON.parse(text) as Manifest;
  for (const module of manifest.modules) {
    for (const declaration of module.declarations ?? []) {
      if (declaration.members === undefined) continue;
      declaration.members = declaration.members.filter(({ name, privacy }) => privacy !== 'private' && privacy !== 'protected' && !name?.startsWith('#'));
    }
  }
  writeFileSync(file, `${JSON.stringify(manifest, null, 2)}\n`);
  return manifest;
}
