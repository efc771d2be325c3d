import { readFileSync } from 'node:fs';
import { root } from '../root.ts';

interface LockedPackage {
  version?: string;
  resolved?: string;
  optionalDependencies?: Record<string, string>;
}

/**
 * What is wrong with package-lock.json, in sentences. npm leaves out optional packages that it cannot find at the time, without a
 * word; on another platform `npm ci` then refuses. And a lock file that names a registry works behind that one only.
 */
export function problemsOfLockFile(): string[] {
  const { packages } = JSON.parse(readFileSync(`${root}package-lock.json`, 'utf8')) as { packages: Record<string, LockedPackage> };
  return Object.entries(packages).flatMap(([path, { version, resolved, optionalDependencies }]) => [
    ...(resolved === undefined || !/^https?:/.test(resolved) ? [] : [`${path} names a registry: ${resolved}.`]),
    ...Object.keys(path === '' ? {} : optionalDependencies ?? {})
      .filter((name) => packages[`${path}/node_modules/${name}`] === undefined && packages[`node_modules/${name}`] === undefined)
      .map((name) => `${path} ${version} lacks ${name}: npm could not find it. Take an older version of the package.`),
  ]);
}
