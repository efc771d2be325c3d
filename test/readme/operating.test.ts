import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { type Config, readConfig, settings } from '../../server/config.ts';
import { snippet, withInstead } from '../support/readme.ts';
import { startPostgres } from '../support/services/postgres.ts';
import { startRedis } from '../support/services/redis.ts';
import { ServerWorld } from '../support/server-world.ts';
import { ServingProgram } from '../support/serving-program.ts';
import { tokenSecret } from '../support/token-server.ts';

/* What the README says to who runs servers. No container is started: what the files say is held against what the server knows. */

const root = fileURLToPath(new URL('../../', import.meta.url));
const readme = await readFile(join(root, 'README.md'), 'utf8');
const known = new Set<string>(Object.values(settings).map(({ variable }) => variable));

it('every CHATTER_ variable of the README is a setting', () => {
  const named = [...new Set(readme.match(/\bCHATTER_[A-Z_]*[A-Z]\b/g))];
  assert.ok(named.length > 30);
  assert.deepEqual(named.filter((name) => !known.has(name) && !/^CHATTER_(TEST_SKIP|CHROMIUM)$/.test(name)), []);
});

it('several servers on a Postgres and a Redis start by those lines, and are ready', async () => {
  const [postgres, redis] = await Promise.all([startPostgres(), startRedis()]);
  try {
    const addressed = withInstead(withInstead(snippet('When one machine is not enough', 'sh'),
      'postgres://chatter:parole@db.example.com/chatter', postgres.url), 'redis://redis.example.com:6379', redis.url);
    const commands = withInstead(addressed, 'npx chatter-server', `exec ${process.execPath} --import tsx server/cli/main.ts`);
    const start = () => ServingProgram.start(commands, { cwd: root, env: { CHATTER_PORT: '0', CHATTER_JWT_SECRET: tokenSecret } });
    const programs = await Promise.all([start(), start(), start()]);
    try {
      for (const { url } of programs) {
        const answer = async () => (await fetch(`${url}/ready`)).json() as Promise<{ bus: string }>;
        for (let found = await answer(); found.bus !== 'up'; found = await answer()) assert.equal(found.bus, 'down', 'not heard of Redis yet');
      }
    } finally {
      await Promise.all(programs.map((program) => program.stop()));
    }
  } finally {
    await Promise.all([postgres.stop(), redis.stop()]);
  }
});

describe('the compose file', () => {
  let folder: string;
  let environment: Record<string, string>;
  const compose = snippet('With Docker Compose', 'yaml');
  /** The lines below the first such key, up to the next one that stands as far to the left. */
  const below = (key: string, lines = `${compose}\n`): string => {
    const [, indent] = new RegExp(`^( *)${key}:`, 'm').exec(lines) ?? assert.fail(`there is no ${key}`);
    return new RegExp(`^${indent}${key}:.*\\n((?:${indent} .*\\n|\\n)*)`, 'm').exec(lines)![1]!;
  };
  const topLevel = (key: string): string => below(key, compose.slice(compose.indexOf(`\n${key}:`) + 1) + '\n');
  const keysOf = (lines: string): string[] => [...lines.matchAll(/^ {2}(\w+):/gm)].map(([, name]) => name!);
  const services = keysOf(topLevel('services'));
  const servers = services.filter((name) => name.startsWith('chatter'));
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'chatter-compose-'));
    await promisify(execFile)('sh', ['-e', '-c', snippet('With Docker Compose', 'sh')], { cwd: folder });
    const lines = (await readFile(join(folder, '.env'), 'utf8')).trim().split('\n');
    environment = Object.fromEntries(lines.map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]));
  });
  after(() => rm(folder, { recursive: true }));

  /** The settings that a server in it has. */
  const config = (): Config => readConfig(Object.fromEntries([...below('environment').matchAll(/^ {4}(\w+): (.*)$/gm)].map(([, name, value]) =>
    [name!, value!.replaceAll(/\$\{(\w+)(:[-?][^}]*)?\}/g, (_text, variable: string) => environment[variable] ?? '')])));

  it('takes all its secrets from .env, which only its owner can read', async () => {
    const wanted = new Set([...compose.matchAll(/(?<!\$)\$\{(\w+)/g)].map(([, name]) => name!));
    assert.deepEqual([...wanted].sort(), Object.keys(environment).sort());
    assert.equal((await stat(join(folder, '.env'))).mode & 0o077, 0);
    assert.doesNotMatch(compose, /PASSWORD: \w|SECRET: \w/);
    for (const name of ['CHATTER_JWT_SECRET', 'POSTGRES_PASSWORD']) assert.ok(environment[name]!.length >= 32, name);
  });

  it('gives its servers settings that they understand, with which they find each other', () => {
    const { database, redis, host, port, metricsPort, trustedProxies, jwtSecrets } = config();
    assert.deepEqual({ host, metricsPort, trustedProxies }, { host: '0.0.0.0', metricsPort: 9464, trustedProxies: 1 });
    assert.deepEqual(jwtSecrets, [environment['CHATTER_JWT_SECRET']]);
    const address = new URL(database);
    assert.equal(address.password, environment['POSTGRES_PASSWORD'], 'no letter of it needs to be written otherwise');
    assert.equal(/POSTGRES_USER: (\w+)/.exec(compose)?.[1], address.username);
    assert.equal(address.pathname.slice(1), address.username, 'the database that Postgres makes by itself is called after its user');
    for (const name of [address.hostname, new URL(redis!).hostname]) assert.ok(services.includes(name), name);
    assert.equal(servers.length, 3);
    assert.equal(/reverse_proxy (.*) \{/.exec(compose)?.[1], servers.map((name) => `${name}:${port}`).join(' '));
    assert.match(compose, new RegExp(`127\\.0\\.0\\.1:${port}/ready`));
    assert.match(compose, /health_uri \/ready/);
  });

  it('names only what is in it', () => {
    for (const name of keysOf(below('depends_on').replaceAll(/^ {2}/gm, ''))) assert.ok(services.includes(name), name);
    const used = [...compose.matchAll(/volumes: \["(\w+):/g)].map(([, name]) => name!);
    assert.deepEqual(used.sort(), keysOf(topLevel('volumes')).sort());
    assert.equal(/source: (\w+)/.exec(compose)?.[1], keysOf(topLevel('configs'))[0]);
    assert.ok(servers.every((name) => compose.includes(`\n  ${name}: *server\n`)));
  });

  it('lets a server send everyone away before it is killed', () => {
    const drainSeconds = 100 / config().drainPercent;
    for (const [, seconds] of compose.matchAll(/stop_grace_period: (\d+)s/g)) assert.ok(Number(seconds) > drainSeconds + 20, seconds);
    assert.match(snippet('With systemd', 'ini'), /^TimeoutStopSec=90$/m);
  });

  it('builds the image by scripts that are there', async () => {
    const { scripts } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as { scripts: Record<string, string> };
    for (const [, name] of compose.matchAll(/npm run (\w+)/g)) assert.ok(Object.hasOwn(scripts, name!), name);
    assert.match(compose, /\.\/dist\/chatter-server/);
    assert.match(compose, /node_modules\/\.bin\/chatter-server/);
  });

  it('an upgrade goes from one of its servers to the next', () => {
    assert.match(snippet('Upgrades', 'sh'), new RegExp(`in ${servers.join(' ')};`));
  });
});

describe('the unit of systemd', () => {
  const unit = snippet('With systemd', 'ini');
  const settingsOf = (text: string): Record<string, string> => Object.fromEntries(
    text.split('\n').filter((line) => /^\w+=/.test(line)).map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]));

  it('starts with its file of settings, once there is a secret in it', () => {
    const [, own] = /^Environment=(.*)$/m.exec(unit)!;
    const environment = { ...settingsOf(own!.replaceAll('%i', '3001').split(' ').join('\n')), ...settingsOf(snippet('With systemd', 'sh')) };
    assert.equal(readConfig(environment).jwtSecrets, undefined);
    const { port, metricsPort, database, redis } = readConfig({ ...environment, CHATTER_JWT_SECRET: tokenSecret });
    assert.deepEqual([port, metricsPort], [3001, 13001]);
    assert.ok(database.startsWith('postgres://') && redis?.startsWith('redis://'));
    const path = /^EnvironmentFile=(.*)$/m.exec(unit)![1]!;
    assert.ok(readme.includes(`\`${path}\`, which only root can read`));
  });

  it('has a folder of its own for a lone server', () => {
    const [, state] = /^StateDirectory=(.*)$/m.exec(unit)!;
    assert.match(unit, new RegExp(`^WorkingDirectory=/var/lib/${state}$`, 'm'));
    assert.ok(snippet('With systemd', 'sh').includes(`/var/lib/${state}/${settings.database.fallback!.slice('sqlite:'.length)}`));
  });
});

it('the alarms ask for metrics that are there, with labels that they have', async () => {
  const world = await ServerWorld.start();
  // A histogram has no series before the first request.
  await (await world.connect('ada')).ask('rooms.list', {});
  const told = (await world.server.metrics()).replaceAll('rooms.list', 'message.send');
  const asked = [...snippet('Metrics', 'yaml').matchAll(/\b((?:chatter|nodejs)_\w+)(?:\{(\w+)=~?"([^"]*)"\})?/g)];
  assert.ok(asked.length >= 5);
  for (const [text, name, label, values] of asked) {
    for (const value of (values ?? '').split('|')) {
      assert.match(told, new RegExp(label === undefined ? `^${name}[ {]` : `^${name}\\{(.*,)?${label}="${value}"`, 'm'), text);
    }
  }
  await world.close();
});
