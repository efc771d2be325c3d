import { gzipSync } from 'node:zlib';
import type { Plugin, Rolldown } from 'vite';
import { root } from '../root.ts';

/** The most that `chatter.js` may weigh, gzipped, with its styles inside. */
const budgetBytes = 60_000;

/** Tells what `chatter.js` weighs and what takes the room, and fails a build that makes too much of it, or that splits it. */
export function budget(): Plugin {
  return {
    name: 'budget',
    // `npm run dev` builds for whoever works on the elements: not minified, and not to be published.
    apply: (_, { mode }) => mode !== 'dev',
    generateBundle(_, bundle) {
      const chunks = Object.values(bundle).filter((file) => file.type === 'chunk');
      const entry = chunks.find((chunk) => chunk.isEntry)!;
      const report = [...chunks.map(weightOf), 'what takes the room in chatter.js, before minification:', ...placesIn(entry)];
      console.log(`  ${report.join('\n  ')}`);
      const problem = problemOfWeight(entry) ?? problemOfParts(entry, chunks);
      if (problem !== undefined) this.error(problem);
    },
  };
}

function problemOfWeight(entry: Rolldown.OutputChunk): string | undefined {
  const bytes = gzipBytes(entry.code);
  if (bytes <= budgetBytes) return undefined;
  return `chatter.js weighs ${bytes} bytes gzipped, and may weigh ${budgetBytes}. Make it smaller, or load part of it on demand.`;
}

/**
 * One file, one copy: a page may load chatter.js under any query or name, and a chunk that imports it by its plain name would
 * then run it twice. So chunks share nothing with it.
 */
function problemOfParts(entry: Rolldown.OutputChunk, chunks: readonly Rolldown.OutputChunk[]): string | undefined {
  const [needed] = entry.imports;
  if (needed !== undefined) return `chatter.js needs ${needed}: something loaded on demand imports what the elements import too.`;
  const bound = chunks.find((chunk) => chunk !== entry && chunk.imports.includes(entry.fileName));
  if (bound !== undefined) return `${bound.fileName} imports chatter.js: what is loaded on demand must not import from the elements.`;
  if (!chunks.some(({ code }) => code.includes('process.env'))) return undefined;
  return 'Something in chatter.js asks for process.env, which pages do not have: replace it with `define` in vite.config.ts.';
}

/** What takes the room, by the place it comes from. */
function placesIn(entry: Rolldown.OutputChunk): string[] {
  const bytes = new Map<string, number>();
  for (const [id, module] of Object.entries(entry.modules)) {
    const place = placeOf(id);
    bytes.set(place, (bytes.get(place) ?? 0) + module.renderedLength);
  }
  const total = [...bytes.values()].reduce((sum, size) => sum + size, 0);
  const largest = [...bytes].sort(([, a], [, b]) => b - a).slice(0, 12);
  return largest.map(([place, size]) => `${String(Math.round(100 * size / total)).padStart(3)} %  ${kilobytes(size).padStart(8)}  ${place}`);
}

function placeOf(id: string): string {
  const inModules = /node_modules\/((?:@[^/]+\/)?[^/]+)(?!.*node_modules)/.exec(id);
  if (inModules !== null) return inModules[1]!;
  const [folder, ...rest] = id.replace(root, '').replace(/\?.*$/, '').split('/').slice(0, 3);
  return rest.length < 2 ? [folder, ...rest].join('/') : `${folder}/${rest[0]}/`;
}

function weightOf({ fileName, code }: Rolldown.OutputChunk): string {
  return `${fileName}  ${kilobytes(code.length)}, ${kilobytes(gzipBytes(code))} gzipped`;
}

function gzipBytes(code: string): number {
  return gzipSync(code, { level: 9 }).length;
}

function kilobytes(bytes: number): string {
  return `${(bytes / 1000).toFixed(1)} kB`;
}
