import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { root } from '../root.ts';

/** Something that is made from files, and needs no making again while they are what they were. */
export interface Made {
  name: string;
  /** Files and folders it is made from. */
  from: readonly string[];
  /** A file that is there once it was made. */
  proof: string;
}

/** Makes it, unless it is there and made from just these files. By content, not by time: a fresh clone has no times. */
export async function makeIfStale(made: Made, make: () => Promise<void>): Promise<void> {
  const stampFile = join(root, 'dist/.stamps', made.name);
  const stamp = hashOf(made.from, made.proof);
  const isFresh = existsSync(join(root, made.proof)) && existsSync(stampFile) && readFileSync(stampFile, 'utf8') === stamp;
  if (isFresh) return;
  await make();
  mkdirSync(dirname(stampFile), { recursive: true });
  writeFileSync(stampFile, stamp);
}

function hashOf(paths: readonly string[], except: string): string {
  const hash = createHash('sha256');
  const files = paths.flatMap(filesOf).filter((path) => path !== except).sort();
  for (const path of files) hash.update(path).update('\0').update(readFileSync(join(root, path))).update('\0');
  return hash.digest('hex');
}

function filesOf(path: string): string[] {
  const full = join(root, path);
  if (!existsSync(full)) return [];
  if (!statSync(full).isDirectory()) return [path];
  return readdirSync(full, { recursive: true, withFileTypes: true, encoding: 'utf8' })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(root.length));
}
