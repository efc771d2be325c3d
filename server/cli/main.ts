#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { defaultTenant } from '../auth/claims.ts';
import { type Config, describeSettings, readConfig } from '../config.ts';
import { openStore } from '../index.ts';
import type { Store } from '../store/store.ts';

const help = `chatter-server: chat for any page

  chatter-server [serve]                          runs the server
  chatter-server import FILE [--tenant T]         reads conversations, a line of JSON a message ("-" is the standard input)
  chatter-server export [FILE] [--tenant T] [--room NAME]   writes them in the same form
  chatter-server revoke person|tokens|token ID, revoke tenant [--tenant T]   lets somebody in no more
  chatter-server restore person ID, restore tenant [--tenant T]             and again
  chatter-server --help, --version

Settings are environment variables:
${describeSettings()}
`;

const { values, positionals } = parse();
const [command = 'serve', ...words] = positionals;
const [file, ...tooMany] = words;
const tenant = values.tenant ?? defaultTenant;
if (values.help) {
  process.stdout.write(help);
} else if (values.version) {
  process.stdout.write(`${version()}\n`);
} else if (command === 'revoke' || command === 'restore') {
  const { revokeByCommand } = await import('./revoke.ts');
  const { ringRevoked } = await import('./ring-revoked.ts');
  await withStore((store, { redis, redisPrefix }) => revokeByCommand({
    store, tenant, command, words, ...(redis === undefined ? {} : { ring: () => ringRevoked({ url: redis, prefix: redisPrefix }) }),
  }));
} else if (tooMany.length > 0 || (command === 'serve' && file !== undefined)) {
  refuse(`That is one word too many: "${tooMany[0] ?? file}".`);
} else if (command === 'serve') {
  await import('../main.ts');
} else if (command === 'import') {
  if (file === undefined) refuse('Say which file to import: chatter-server import FILE');
  const { importFile } = await import('./import.ts');
  await withStore((store) => importFile({ store, tenant, file }));
} else if (command === 'export') {
  const { exportRooms } = await import('./export.ts');
  await withStore((store) => exportRooms({ store, tenant, room: values.room, file }));
} else {
  refuse(`There is no command "${command}".`);
}

function parse() {
  try {
    return parseArgs({
      allowPositionals: true,
      options: {
        help: { type: 'boolean', short: 'h' }, version: { type: 'boolean', short: 'v' },
        tenant: { type: 'string' }, room: { type: 'string' },
      },
    });
  } catch (error) {
    return refuse((error as Error).message);
  }
}

async function withStore(work: (store: Store, config: Config) => Promise<number>): Promise<void> {
  try {
    const config = readConfig(process.env);
    const store = await openStore(config.database);
    try {
      process.exitCode = await work(store, config);
    } finally {
      await store.close();
    }
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  }
}

/** The version stands in the package: beside the built command, or in the checkout above it. */
function version(): string {
  for (const place of ['../package.json', '../../package.json']) {
    try {
      return (JSON.parse(readFileSync(new URL(place, import.meta.url), 'utf8')) as { version: string }).version;
    } catch {
      // Not here; the next place is.
    }
  }
  return 'unknown';
}

function refuse(sentence: string): never {
  process.stderr.write(`${sentence}\nRun "chatter-server --help" to see what there is.\n`);
  process.exit(1);
}
