import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { findMariaDb } from '../../test/support/services/mariadb.ts';
import { findPostgres } from '../../test/support/services/postgres.ts';
import { findRedis } from '../../test/support/services/redis.ts';
import { root } from '../root.ts';

/** The programs that tests start for themselves. Each of these throws the line that installs what is missing. */
export const services: Readonly<Record<string, () => unknown>> = { redis: findRedis, postgres: findPostgres, mariadb: findMariaDb };

/** Services that a test file starts: those whose starter it imports, itself or through other files of the tests. */
export function servicesOf(file: string, seen = new Set<string>()): string[] {
  const service = /^test\/support\/services\/(\w+)\.ts$/.exec(file)?.[1];
  if (service !== undefined && service in services) return [service];
  if (seen.has(file) || !existsSync(join(root, file))) return [];
  seen.add(file);
  const imports = readFileSync(join(root, file), 'utf8').matchAll(/\b(?:import|export) (?!type )[^';]*? from '(\.{1,2}\/[^']+\.ts)'/g);
  const imported = [...imports].map(([, path]) => normalize(join(dirname(file), path!))).filter((path) => path.startsWith('test/'));
  return [...new Set(imported.flatMap((path) => servicesOf(path, seen)))];
}
