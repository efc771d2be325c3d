/** Where Redis is, and in which of its ways it is run. */
export interface RedisAddress {
  readonly kind: 'single' | 'sentinel' | 'cluster';
  /** Of Redis itself; of its Sentinels, where it has them. */
  readonly hosts: readonly { readonly host: string; readonly port: number }[];
  readonly isTls: boolean;
  readonly username?: string;
  readonly password?: string;
  /** What the Sentinels call it. */
  readonly name?: string;
  readonly sentinelUsername?: string;
  readonly sentinelPassword?: string;
}

/** Not by `URL`, which knows one host only. A password ends at the last `@`, as there. */
const shape = /^(rediss?)(?:\+(sentinel|cluster))?:\/\/(?:([^/?#]*)@)?([^/?#@]+)(?:\/([^?#]*))?(?:\?([^#]*))?$/;
const ports = { single: 6379, cluster: 6379, sentinel: 26379 };
const options = ['sentinelUsername', 'sentinelPassword'] as const;

/** Reads an address. Throws a sentence that says what is right, and never holds the address: there is a password in it. */
export function parseRedisAddress(url: string): RedisAddress {
  const [, scheme, way, user, hosts, path = '', query = ''] = shape.exec(url.trim()) ?? fail(
    'should be like redis://localhost:6379, rediss:// with TLS, redis+sentinel://host:26379,host:26379/name or redis+cluster://host:6379,host:6379',
  );
  const kind = (way ?? 'single') as RedisAddress['kind'];
  const parsedHosts = hosts!.split(',').map((host) => parseHost(host, ports[kind]));
  if (kind === 'single' && parsedHosts.length > 1) fail('names several hosts: begin it with redis+sentinel:// or redis+cluster://');
  if (kind === 'sentinel' && path === '') fail('needs the name that the Sentinels know Redis by, behind the hosts: redis+sentinel://host:26379/mymaster');
  // Databases have numbers, and what is published is the same in all of them.
  if (kind !== 'sentinel' && !/^\d*$/.test(path)) fail('has a path that means nothing');
  return {
    kind, hosts: parsedHosts, isTls: scheme === 'rediss',
    ...parseUser(user), ...(kind === 'sentinel' ? { name: decode(path) } : {}), ...parseOptions(kind, query),
  };
}

function parseHost(text: string, defaultPort: number): RedisAddress['hosts'][number] {
  const [, host, port] = /^(\[[\da-f:.]+\]|[\w.-]+)(?::(\d{1,5}))?$/i.exec(text) ?? fail('names a host that is none');
  if (Number(port) > 65_535) fail('names a port that is none');
  return { host: host!.replace(/^\[|\]$/g, ''), port: port === undefined ? defaultPort : Number(port) };
}

function parseUser(user: string | undefined): Pick<RedisAddress, 'username' | 'password'> {
  if (user === undefined) return {};
  const colon = user.indexOf(':');
  const [username, password] = colon === -1 ? [user, ''] : [user.slice(0, colon), user.slice(colon + 1)];
  return { ...(username === '' ? {} : { username: decode(username) }), ...(password === '' ? {} : { password: decode(password) }) };
}

function parseOptions(kind: RedisAddress['kind'], query: string): Pick<RedisAddress, (typeof options)[number]> {
  const known = kind === 'sentinel' ? options : [];
  const given = [...new URLSearchParams(query)];
  const unknown = given.find(([name]) => !known.some((option) => option === name));
  if (unknown) fail(`has an option that is not known${kind === 'sentinel' ? `: there are ${options.join(' and ')}` : ''}`);
  return Object.fromEntries(given);
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return fail('has a % in its name or password that is not written as %25');
  }
}

function fail(how: string): never {
  throw new Error(`The address of Redis ${how}.`);
}
