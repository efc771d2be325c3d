import { readFileSync } from 'node:fs';
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
  inheritedFrom?: { name: string };
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
  await run('cem', ['analyze', '--config', '.scripts/building/custom-elements.config.mjs']);
  const text = readFileSync(`${root}dist/.manifest/custom-elements.json`, 'utf8').replaceAll(/"(\/?)elements\/([^"]+)\.ts"/g, '"$1$2.js"');
  const manifest = JSON.parse(text) as Manifest;
  for (const module of manifest.modules) {
    for (const declaration of module.declarations ?? []) complete(declaration, module);
  }
  return manifest;
}

/** The elements that `elements/index.ts` exports, in its order. */
export function publicElements(manifest: Manifest): Declaration[] {
  const index = readFileSync(`${root}elements/index.ts`, 'utf8');
  const places = new Map(manifest.modules.flatMap(({ path, declarations = [] }) =>
    declarations.map((declaration) => [declaration, index.indexOf(`'./${path.replace(/js$/, 'ts')}'`)] as const)));
  return [...places].filter(([{ tagName }, place]) => tagName !== undefined && place >= 0).sort(([, a], [, b]) => a - b).map(([element]) => element);
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
