import { gzipSync } from 'node:zlib';
import { build, type Rolldown } from 'vite';
import { root } from '../root.ts';

/** The most that `chatter.js` may weigh, gzipped, with its styles inside. */
export const scriptBudgetBytes = 60_000;

/** Makes `dist/script/chatter.js` and the chunks beside it. Throws where they are over the budget; says what they weigh, and why. */
export async function buildScript(): Promise<string> {
  // Vite says in this process's environment that it is production, which would reach the demo server that starts after it.
  const environment = { ...process.env };
  const result = await build({ root, configFile: `${root}vite.config.ts` }).finally(() => (process.env = environment));
  const { output } = (Array.isArray(result) ? result[0] : result) as Rolldown.RolldownOutput;
  const chunks = output.filter((file) => file.type === 'chunk');
  const entry = chunks.find((chunk) => chunk.isEntry);
  if (entry === undefined) throw new Error('The build of chatter.js made no chatter.js.');
  checkStandsAlone(entry, chunks);
  const report = [...chunks.map(weightOf), 'what takes the room in chatter.js, before minification:', ...placesIn(entry)].join('\n  ');
  const weight = gzipBytes(entry.code);
  if (weight > scriptBudgetBytes) {
    throw new Error(`  ${report}\nchatter.js weighs ${weight} bytes gzipped; its budget is ${scriptBudgetBytes}. Make it smaller, or load part of it on demand.`);
  }
  return `  ${report}`;
}

/**
 * One file, one copy: a page may load chatter.js under any query or name, and a chunk that imports it by its plain name would
 * then run it twice. So chunks share nothing with it.
 */
function checkStandsAlone(entry: Rolldown.OutputChunk, chunks: readonly Rolldown.OutputChunk[]): void {
  if (entry.imports.length > 0) {
    throw new Error(`chatter.js needs ${entry.imports.join(', ')}: something loaded on demand imports what the elements import too.`);
  }
  const bound = chunks.find((chunk) => chunk !== entry && chunk.imports.includes(entry.fileName));
  if (bound !== undefined) throw new Error(`${bound.fileName} imports chatter.js: what is loaded on demand must not import from the elements.`);
  if (chunks.some(({ code }) => code.includes('process.env'))) {
    throw new Error('Something in chatter.js asks for process.env, which pages do not have: replace it with `define` in vite.config.ts.');
  }
}

/** What takes the room, by the place it comes from, before minification. */
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
