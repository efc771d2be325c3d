import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';

/** Where a database is, as its URL says. */
export type DatabaseAddress = { kind: 'sqlite'; file: string } | ServerAddress;

export interface ServerAddress {
  kind: 'postgres' | 'mysql';
  host: string;
  port: number;
  /** The socket of a server on this machine: its folder for Postgres, its file for MariaDB. */
  socket?: string;
  user?: string;
  password?: string;
  database: string;
  /** Undefined: as it comes. `verify` asks for a certificate that is signed for this host. */
  tls?: { verify: boolean; ca?: string };
}

const kinds: Readonly<Record<string, ServerAddress['kind']>> = {
  'postgres:': 'postgres', 'postgresql:': 'postgres', 'mysql:': 'mysql', 'mariadb:': 'mysql',
};
const ports = { postgres: 5432, mysql: 3306 } as const;
const right = 'Write it as sqlite:path/to/file, postgres://user:password@host/database or mysql://user:password@host/database.';

/** Throws a sentence, without any password, where the URL is not one of a database. */
export function parseDatabaseUrl(url: string): DatabaseAddress {
  if (url.startsWith('sqlite:')) return { kind: 'sqlite', file: sqliteFile(url) };
  const scheme = /^[a-z][a-z0-9+.-]*:/i.exec(url)?.[0].toLowerCase() ?? '';
  const kind = kinds[scheme];
  if (kind === undefined) {
    const what = scheme === '' ? 'The address of the database does not say what kind it is' : `Databases of the kind "${scheme}" are not known here`;
    throw new Error(`${what}. ${right}`);
  }
  if (!URL.canParse(url)) {
    throw new Error(`The address of the database (${scheme}//…) cannot be read. ${right} Letters like @ : / # ? % in a password are written as %40 and so on.`);
  }
  const { hostname, port, username, password, pathname, searchParams } = new URL(url);
  const database = decode(pathname.slice(1));
  if (database === '') throw new Error(`The address of the database (${scheme}//${hostname}) names no database: write it behind the host, as in ${scheme}//${hostname || 'host'}/chatter.`);
  const socket = searchParams.get('host') ?? searchParams.get('socket') ?? undefined;
  return {
    kind, database,
    host: hostname === '' ? 'localhost' : hostname.replace(/^\[|\]$/g, ''),
    port: port === '' ? ports[kind] : Number(port),
    ...(socket === undefined ? {} : { socket }),
    ...(username === '' ? {} : { user: decode(username) }),
    ...(password === '' ? {} : { password: decode(password) }),
    ...tlsOf(searchParams),
  };
}

/** As a person would say it; never with the password. */
export function describeAddress({ host, port, socket }: ServerAddress): string {
  return socket ?? `${host}:${port}`;
}

/** The file that a `sqlite:` URL names. */
export function sqliteFile(url: string): string {
  const file = /^sqlite:(?:\/\/)?(?<path>.+)$/.exec(url)?.groups?.path;
  if (file === undefined || file === ':memory:') throw new Error(`The database URL "${url}" is not one that can be opened. ${right}`);
  return resolve(file);
}

/** The words of Postgres (`sslmode=verify-full`) and of MySQL (`ssl-mode=VERIFY_IDENTITY`) are both understood. */
function tlsOf(parameters: URLSearchParams): { tls?: { verify: boolean; ca?: string } } {
  const unknown = [...parameters.keys()].find((name) => !['host', 'socket', 'sslmode', 'ssl-mode', 'sslrootcert', 'ssl-ca'].includes(name));
  if (unknown !== undefined) throw new Error(`The address of the database has "${unknown}=", which is not known: sslmode, sslrootcert, host and socket are.`);
  const mode = (parameters.get('sslmode') ?? parameters.get('ssl-mode') ?? 'disable').toLowerCase().replaceAll('_', '-');
  const file = parameters.get('sslrootcert') ?? parameters.get('ssl-ca') ?? undefined;
  switch (mode) {
    case 'disable': case 'disabled':
      return {};
    case 'require': case 'required':
      return { tls: { verify: file !== undefined, ...caOf(file) } };
    case 'verify-ca': case 'verify-full': case 'verify-identity':
      return { tls: { verify: true, ...caOf(file) } };
    default:
      throw new Error(`The address of the database has sslmode=${mode}: it should be disable, require or verify-full.`);
  }
}

function caOf(file: string | undefined): { ca?: string } {
  if (file === undefined) return {};
  try {
    return { ca: readFileSync(file, 'utf8') };
  } catch (error) {
    throw new Error(`The certificates that the address of the database names (${file}) cannot be read.`, { cause: error });
  }
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text; // A lone % is itself.
  }
}
