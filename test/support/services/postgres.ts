import { execFile, execFileSync } from 'node:child_process';
import { chownSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import { type DatabaseService, startDatabaseServer } from './database-server.ts';
import { findProgram, Program } from './program.ts';

const password = 'not-a-secret';

/** A Postgres of its own, on a free port of 127.0.0.1. `settings` are more of its settings, as `name=value`. */
export async function startPostgres(settings: readonly string[] = []): Promise<DatabaseService> {
  const programs = findPostgres();
  const owner = whoMayRunIt();
  const environment = { env: { PATH: process.env.PATH }, ...owner };
  return startDatabaseServer({
    name: 'Postgres',
    async install(folder) {
      const passwordFile = join(folder, 'password');
      writeFileSync(passwordFile, password);
      mkdirSync(join(folder, 'data'), { mode: 0o700 });
      if (owner) chownSync(join(folder, 'data'), owner.uid, owner.gid);
      // Letters sort by the rules of a language, as on most machines: nothing may stand on bytes sorting by themselves.
      await promisify(execFile)(join(programs, 'initdb'), [
        '-D', 'data', '-U', 'chatter', '--pwfile', passwordFile, '--auth', 'scram-sha-256', '-E', 'UTF8', '--locale', 'C',
        '--locale-provider', 'icu', '--icu-locale', 'en-US', '--no-sync',
      ], { cwd: folder, ...environment });
    },
    ready: /ready to accept connections/,
    endSignal: 'SIGQUIT',
    run: (folder, port) => new Program(join(programs, 'postgres'), [
      '-D', 'data', ...[
        'listen_addresses=127.0.0.1', `port=${port}`, 'unix_socket_directories=', 'max_connections=300',
        // In its folder, which is taken away, where a killed one would leave it behind in memory.
        'dynamic_shared_memory_type=mmap', ...settings,
      ].flatMap((setting) => ['-c', setting]),
    ], { cwd: folder, ...environment }),
    urlOf,
    createDatabase: (port, name) => run(urlOf(port, 'postgres'), `CREATE DATABASE ${name}`),
  });
}

/** Folder of the programs of Postgres: the newest of this machine. Throws the line that installs one. */
export function findPostgres(): string {
  const debian = '/usr/lib/postgresql';
  const versions = listFolder(debian).sort((a, b) => Number(b) - Number(a)).map((version) => join(debian, version, 'bin'));
  const found = findProgram(['initdb'], [...versions, '/usr/local/bin', '/opt/homebrew/bin']);
  if (found !== undefined) return dirname(found);
  throw new Error(
    'These tests need Postgres, and there is none. Install it (Debian, Ubuntu: `sudo apt-get install -y postgresql`; macOS: '
    + '`brew install postgresql`), or leave these tests out with CHATTER_TEST_SKIP=postgres.',
  );
}

/** Postgres does not run as root. */
function whoMayRunIt(): { uid: number; gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const idOf = (what: string): number => Number(execFileSync('id', [what, 'postgres'], { encoding: 'utf8' }));
  return { uid: idOf('-u'), gid: idOf('-g') };
}

function listFolder(path: string): string[] {
  try {
    return readdirSync(path);
  } catch {
    return [];
  }
}

function urlOf(port: number, database: string): string {
  return `postgres://chatter:${password}@127.0.0.1:${port}/${database}`;
}

async function run(url: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
