import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { RoomSummary } from '#protocol/models';
import { settings } from '../../server/config.ts';
import { Asker } from '../support/asker.ts';
import { InstalledPackages } from '../support/installed-packages.ts';
import { snippet, withInstead } from '../support/readme.ts';
import { ServingProgram } from '../support/serving-program.ts';
import { signToken, TokenServer, tokenSecret } from '../support/token-server.ts';

/* What the README does with the packages, in an empty folder that they are installed in. */

let packages: InstalledPackages;
before(async () => {
  const elements = snippet('In React, Vue, Angular, Svelte', 'sh');
  packages = await InstalledPackages.install(`${elements}\nnpm install chatter-server`);
});
after(() => packages.remove());

it('the client of chatter-elements does the work for an interface of your own, in Node', async () => {
  const server = await TokenServer.start();
  try {
    const room = await server.directRoom('ada', 'ben');
    writeFileSync(join(packages.folder, 'client.js'), `
      const tokenProvider = async () => process.env.TOKEN;
      ${withInstead(snippet('In React, Vue, Angular, Svelte', 'js'), 'https://chat.example.com', server.url)}
      client.rooms.onChange(() => {
        if (client.rooms.rooms.length > 0) client.close();
      });
    `);
    const option = Number(process.versions.node.split('.')[0]) < 22 ? '--experimental-websocket' : '';
    if (option !== '') assert.ok(readFileSync(new URL('../../README.md', import.meta.url), 'utf8').includes(`node ${option}`));
    const told = await packages.run(`node ${option} client.js`, { TOKEN: await signToken('ada') });
    assert.ok(told.includes(room.id), told);
  } finally {
    await server.close();
  }
});

describe('chatter-server', () => {
  it('runs in one command, keeps everything in one file, and serves the elements', async () => {
    const program = await ServingProgram.start(snippet('Your server', 'sh'), { cwd: packages.folder, env: { CHATTER_PORT: '0' } });
    try {
      assert.equal((await fetch(`${program.url}/health`)).status, 200);
      assert.match((await fetch(`${program.url}/chatter.js`)).headers.get('content-type')!, /javascript/);
      assert.equal((await fetch(`${program.url}/api/v1/rooms`)).status, 401);
      assert.ok(existsSync(join(packages.folder, 'chatter.sqlite3')));
    } finally {
      await program.stop();
    }
    assert.deepEqual([settings.host.fallback, settings.port.fallback], ['localhost', '3000'], 'where the README says that it listens');
  });

  it('tells all its settings', async () => {
    const told = await packages.run('npx chatter-server --help');
    for (const { variable } of Object.values(settings)) assert.ok(told.includes(variable), variable);
  });

  it('imports conversations and exports them, and adds nothing twice', async () => {
    const line = /`(\{"room".*\})`/.exec(readFileSync(new URL('../../README.md', import.meta.url), 'utf8'))![1]!;
    const file = join(packages.folder, 'conversations.ndjson');
    const database = { CHATTER_DATABASE: 'sqlite:imported.sqlite3' };
    writeFileSync(file, `${line}\n`);
    for (const _ of ['once', 'again']) {
      await packages.run(snippet('In and out', 'sh'), database);
      assert.deepEqual(JSON.parse(readFileSync(file, 'utf8')), JSON.parse(line));
    }
  });

  it('is mounted into a server of one\'s own, under a path', async () => {
    writeFileSync(join(packages.folder, 'server.js'), `
      ${withInstead(snippet('Inside your Node server', 'js'), 'listen(3000)', 'listen(0)')}
      server.on('listening', () => console.log('http://localhost:' + server.address().port));
    `);
    const program = await ServingProgram.start('exec node server.js', { cwd: packages.folder, env: { CHATTER_JWT_SECRET: tokenSecret } });
    try {
      const token = await signToken('ada');
      const ada = await Asker.connect(`${program.url.replace('http', 'ws')}/chat/ws`, token);
      const { room } = await ada.ask('room.create', { type: 'direct', user: 'ada' });
      ada.close();
      const response = await fetch(`${program.url}/chat/api/v1/rooms`, { headers: { authorization: `Bearer ${token}` } });
      const { rooms } = await response.json() as { rooms: RoomSummary[] };
      assert.deepEqual(rooms.map(({ id }) => id), [room.id]);
      assert.equal((await fetch(`${program.url}/chat/chatter.js`)).status, 200);
    } finally {
      await program.stop();
    }
  });
});
