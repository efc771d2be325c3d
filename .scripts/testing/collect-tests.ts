import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../root.ts';

/** Test files of the repository, sorted, as paths from its root. */
export interface TestFiles {
  /** In Node, on the sources. */
  unit: string[];
  /** The same, through a suite of `test/contract/`: thorough, and slower. */
  contract: string[];
  /** Nodes, services and clients in trouble: minutes, and most of the machine. */
  chaos: string[];
  /** In Node, on what `npm run build` made. */
  built: string[];
  /** In a page of their own in Chromium, on the sources. */
  browser: string[];
  /** End to end: a server and real pages. */
  pages: string[];
}

/** Tests that read `dist/` need the build before them. */
const needBuild = /^test\/(readme\/)?(package|size)[^/]*\.test\.ts$/;

/** Those of the harness itself; its parts are tried by unit tests. */
const isChaos = (file: string): boolean => /^test\/chaos\/[^/]+\.test\.ts$/.test(file);

const runsContract = (file: string): boolean => readFileSync(join(root, file), 'utf8').includes('.contract.ts\'');

/** Node 20 takes no globs, and finds no .ts files by itself: `node --test test/` runs nothing there, and succeeds. */
export function collectTests(patterns: readonly string[] = []): TestFiles {
  const files = readdirSync(join(root, 'test'), { recursive: true, encoding: 'utf8' })
    .map((file) => `test/${file}`)
    .filter((file) => patterns.length === 0 || patterns.some((pattern) => file.includes(pattern)))
    .sort();
  const node = files.filter((file) => file.endsWith('.test.ts'));
  return {
    unit: node.filter((file) => !needBuild.test(file) && !runsContract(file) && !isChaos(file)),
    contract: node.filter((file) => runsContract(file)),
    chaos: node.filter(isChaos),
    built: node.filter((file) => needBuild.test(file)),
    browser: files.filter((file) => file.endsWith('.browser.ts')),
    pages: files.filter((file) => file.endsWith('.page.ts')),
  };
}
