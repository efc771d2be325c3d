import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../root.ts';
import { run } from './run.ts';

/** The parts of a custom elements manifest that are read and completed here. */
export interface Manifest {
  modules: { path: string; declarations?: Declaration[]; exports?: Export[] }[];
}
export interface Declaration {
  kind: string;
  name: string;
  tagName?: string;
  customElement?: boolean;
  description?: string;
  members?: Member[];
  attributes?: Documented[];
  events?: Documented[];
  slots?: Documented[];
  cssParts?: Documented[];
  cssProperties?: Documented[];
}
export interface Export {
  kind: string;
  name: string;
  declaration: { name: string; module?: string };
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
  /** Of a property: the attribute in front of it. */
  attribute?: string;
}

/** Reads the elements' public face off their sources; paths are those of the built modules. */
export async function analyzeElements(): Promise<Manifest> {
  const folder = 'dist/.manifest';
  await run('cem', ['analyze', '--litelement', '--quiet', '--globs', 'elements/*.ts', '--outdir', folder]);
  const text = readFileSync(join(root, folder, 'custom-elements.json'), 'utf8').replaceAll(/"(\/?)elements\/([^"]+)\.ts"/g, '"$1$2.js"');
  const manifest = JSON.parse(text) as Manifest;
  for (const module of manifest.modules) {
    for (const declaration of module.declarations ?? []) complete(declaration, module);
  }
  return manifest;
}

/** Elements that a page author uses, in the order of `elements/index.ts`. */
export function publicElements(manifest: Manifest): Declaration[] {
  const index = readFileSync(`${root}elements/index.ts`, 'utf8');
  return manifest.modules
    .flatMap(({ declarations }) => declarations ?? [])
    .filter(({ name, tagName }) => tagName !== undefined && new RegExp(`\\b${name}\\b`).test(index))
    .sort((a, b) => index.indexOf(a.name) - index.indexOf(b.name));
}

/** Leaves out what is private, and says the tag, which our elements keep in a static field where the analyzer does not look. */
function complete(declaration: Declaration, module: Manifest['modules'][number]): void {
  const tag = declaration.members?.find((member) => member.static === true && member.name === 'tag')?.default;
  if (tag !== undefined) {
    declaration.tagName = tag.replaceAll(/['"]/g, '');
    declaration.customElement = true;
    const definition = { name: declaration.name, module: module.path };
    module.exports?.push({ kind: 'custom-element-definition', name: declaration.tagName, declaration: definition });
  }
  if (declaration.members === undefined) return;
  declaration.members = declaration.members.filter(({ name, privacy }) => privacy !== 'private' && privacy !== 'protected' && !name?.startsWith('#'));
}
