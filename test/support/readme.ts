import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../', import.meta.url));

/** A fenced block of the README. Its heading, its language and its number among those that share both are its name. */
export interface Snippet {
  heading: string;
  language: string;
  number: number;
  text: string;
}

/** Every fenced block of the README, in order. */
export function readSnippets(): Snippet[] {
  const snippets: Snippet[] = [];
  let heading = '';
  let fence: { language: string; lines: string[] } | undefined;
  for (const line of readFileSync(join(root, 'README.md'), 'utf8').split('\n')) {
    if (fence === undefined) {
      heading = /^#+ (.*)$/.exec(line)?.[1] ?? heading;
      const opened = /^```(\w*)$/.exec(line);
      if (opened !== null) fence = { language: opened[1]!, lines: [] };
    } else if (line === '```') {
      const { language, lines } = fence;
      const number = snippets.filter((other) => other.heading === heading && other.language === language).length + 1;
      snippets.push({ heading, language, number, text: lines.join('\n') });
      fence = undefined;
    } else {
      fence.lines.push(line);
    }
  }
  if (fence !== undefined) throw new Error(`The last block of README.md, below "${heading}", is not closed.`);
  return snippets;
}

/** The text of a block. To ask for it is to claim it: `blocks.test.ts` fails where nobody asks for a block. */
export function snippet(heading: string, language: string, number = 1): string {
  const found = readSnippets().find((one) => one.heading === heading && one.language === language && one.number === number);
  if (found === undefined) throw new Error(`README.md has no ${language} block number ${number} below "${heading}".`);
  return found.text;
}

/** A snippet in which the one thing is replaced that a test has to choose. Fails where it is not there any more. */
export function withInstead(text: string, documented: string, chosen: string): string {
  if (!text.includes(documented)) throw new Error(`The README does not say ${documented} any more, but:\n${text}`);
  return text.replaceAll(documented, chosen);
}

/** The names of the blocks that the tests of this folder ask for. */
export function claimedSnippets(): Omit<Snippet, 'text'>[] {
  const folder = join(root, 'test/readme');
  const sources = readdirSync(folder).map((file) => readFileSync(join(folder, file), 'utf8'));
  return sources.flatMap((source) => [...source.matchAll(/\bsnippet\('([^']+)', '(\w*)'(?:, (\d+))?\)/g)].map(([, heading, language, number]) =>
    ({ heading: heading!, language: language!, number: Number(number ?? 1) })));
}
