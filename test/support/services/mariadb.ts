import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { createConnection } from 'mysql2/promise';
import { type DatabaseService, startDatabaseServer } from './database-server.ts';
import { findProgram, Program } from './program.ts';

const password = 'not-a-secret';

/** A MariaDB of its own, on a free port of 127.0.0.1. `settings` are more arguments of the program. */
export async function startMariaDb(settings: readonly string[] = []): Promise<DatabaseService> {
  const { server, install } = findMariaDb();
  const user = process.getuid?.() === 0 ? ['--user=root'] : [];
  const env = { PATH: process.env.PATH };
  return startDatabaseServer({
    name: 'MariaDB',
    async install(folder) {
      const data = `--datadir=${join(folder, 'data')}`;
      await promisify(execFile)(install, [
        '--no-defaults', data, ...user, '--auth-root-authentication-method=normal', '--skip-test-db', '--innodb-flush-log-at-trx-commit=0',
      ], { cwd: folder, env });
      writeFileSync(join(folder, 'start.sql'), `
        CREATE USER IF NOT EXISTS chatter IDENTIFIED BY '${password}';
        GRANT ALL ON *.* TO chatter WITH GRANT OPTION;`);
    },
    ready: /ready for connections/,
    endSignal: 'SIGKILL',
    run: (folder, port) => new Program(server, [
      '--no-defaults', ...user, `--datadir=${join(folder, 'data')}`, '--bind-address=127.0.0.1', `--port=${port}`, '--skip-name-resolve',
      `--socket=${join(folder, 'socket')}`, `--init-file=${join(folder, 'start.sql')}`, '--max-connections=300', ...settings,
    ], { cwd: folder, env }),
    urlOf: (port, database) => `mariadb://chatter:${password}@127.0.0.1:${port}/${database}`,
    createDatabase: (port, name) => run(port, `CREATE DATABASE ${name}`),
  });
}

/** The programs of MariaDB on this machine. Throws the line that installs them. */
export function findMariaDb(): { server: string; install: string } {
  const folders = ['/usr/sbin', '/usr/local/bin', '/opt/homebrew/bin'];
  const server = findProgram(['mariadbd'], folders);
  const install = findProgram(['mariadb-install-db'], [...folders, ...(server === undefined ? [] : [dirname(server)])]);
  if (server !== undefined && install !== undefined) return { server, install };
  throw new Error(
    'These tests need MariaDB, and there is none. Install it (Debian, Ubuntu: `sudo apt-get install -y mariadb-server`; macOS: '
    + '`brew install mariadb`), or leave these tests out with CHATTER_TEST_SKIP=mariadb.',
  );
}

async function run(port: number, statement: string): Promise<void> {
  const connection = await createConnection({ host: '127.0.0.1', port, user: 'chatter', password });
  try {
    await connection.query(statement);
  } finally {
    await connection.end();
  }
}
