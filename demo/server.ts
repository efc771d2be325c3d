import { existsSync, mkdirSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { getRequestListener } from '@hono/node-server';
import { Hono } from 'hono';
import { stream } from 'hono/streaming';
import { createChatter, openGuestAuth, openStore } from '../server/index.ts';
import { Lines } from './line.ts';
import { makeLongRoom } from './long-room.ts';
import { createPages, otherSitePage } from './pages.ts';
import { people, seedConversations, seedFromFile } from './seed.ts';

/**
 * The demo, as `npm start` runs it: a Chatter server mounted into a small site of its own. Settings, all optional:
 * PORT (3000; 0 for any that is free), HOST (127.0.0.1), CHATTER_DATABASE (a SQLite file in `.data/`), and
 * DEMO_CONVERSATIONS, a file of conversations to import (see `chatter-server import`) or nothing for none.
 */
const root = join(import.meta.dirname, '..');
const port = portFrom(process.env['PORT'] || '3000');
const host = process.env['HOST'] ?? '127.0.0.1';
const realConversations = process.env['DEMO_CONVERSATIONS'] ?? join(root, '../shared/data/ubuntu-irc.ndjson');
const hasRealConversations = realConversations !== '' && existsSync(realConversations);
const attribution = hasRealConversations
  ? '<p class="attribution">The conversations named #ubuntu are from the Ubuntu IRC logs, as published with “A Large-Scale Corpus for '
    + 'Conversation Disentanglement” (Kummerfeld et al., ACL 2019), licensed CC BY 4.0. People really wrote these.</p>'
  : '';
const tenant = 'default';
const localNames = ['localhost', '127.0.0.1', '[::1]'];

mkdirSync(join(root, '.data'), { recursive: true });
const database = process.env['CHATTER_DATABASE'] ?? `sqlite:${join(root, '.data/demo.sqlite3')}`;
const guests = await openGuestAuth({ secretFile: join(root, '.data/guests.secret') }).catch(refuse);
const store = await openStore(database).catch(refuse);
const rooms = await seedConversations(store, tenant, join(import.meta.dirname, 'conversations.ndjson'));

// The page of another site has a server of its own, because it is another site. It takes any port that is free.
const otherSite = new Hono()
  .get('/', async (context) => {
    const { html, headers } = await otherSitePage(`http://${new URL(context.req.url).hostname}:${portOf(server)}`);
    return context.html(html, 200, headers);
  })
  .get('/favicon.ico', (context) => context.body(null, 204))
  .get('/chat-token', async (context) => context.json({ token: await tokenFor('mira') }));
const otherServer = createServer(listenerOf(otherSite));
await listen(otherServer, 0);

const chatter = await createChatter({
  store, auth: guests, origins: localNames.map((name) => `http://${name}:${portOf(otherServer)}`),
});
const lines = new Lines(() => ({ port: portOf(server), host }));
const site = new Hono()
  .route('/', createPages({ rooms, people, attribution, otherSite: (hostname) => `http://${hostname}:${portOf(otherServer)}/` }))
  .get('/demo/token', async (context) => {
    const token = await tokenFor(context.req.query('as') ?? '');
    return token === undefined ? context.text('Nobody of that name lives in the demo.', 404) : context.json({ token });
  })
  .post('/demo/cut', (context) => {
    lines.cut(context.req.query('line') ?? '', Number(context.req.query('seconds') ?? 10) * 1000);
    return context.body(null, 204);
  })
  .post('/demo/long-room', (context) => stream(context, async (out) => {
    for await (const progress of makeLongRoom(store, tenant)) await out.writeln(JSON.stringify(progress));
  }))
  .all('*', (context) => chatter.app.fetch(context.req.raw, context.env));

const listener = listenerOf(site);
const server = createServer((request, response) => {
  if (!lines.handleRequest(request, response, listener)) void listener(request, response);
});
server.on('upgrade', (request, socket, head) => {
  if (!lines.handleUpgrade(request, socket, head) && !chatter.handleUpgrade(request, socket, head)) socket.destroy();
});
await listen(server, port);
console.log(`Two people are waiting at http://localhost:${portOf(server)}`);

let isClosing = false;
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void close());
if (hasRealConversations) {
  await seedFromFile(store, tenant, realConversations, invite).catch((error: Error) => {
    // The demo is good without them; and the next start goes on where this one was stopped.
    if (!isClosing) console.error(`The conversations of ${realConversations} are not all in: ${error.message}`);
  });
}

/** Someone of the room brings Ada and Ben in, by the same door as anybody would: so they see it come, if they are there. */
async function invite(room: string, as: string): Promise<void> {
  const response = await chatter.app.request(`/api/v1/rooms/${room}/members`, {
    method: 'POST',
    headers: { authorization: `Bearer ${await guests.issue({ id: as, name: as })}`, 'content-type': 'application/json' },
    body: JSON.stringify({ users: ['ada', 'ben'] }),
  });
  if (!response.ok) throw new Error(`Ada and Ben could not be brought into a room: ${await response.text()}`);
}

async function tokenFor(id: string): Promise<string | undefined> {
  const person = people.find((one) => one.id === id) ?? (/^newcomer-\w+$/.test(id) ? { id, name: 'Newcomer' } : undefined);
  return person && guests.issue(person);
}

function listenerOf(app: Hono): ReturnType<typeof getRequestListener> {
  return getRequestListener(app.fetch, { overrideGlobalObjects: false });
}

function portOf(listening: Server): number {
  return (listening.address() as AddressInfo).port;
}

async function listen(listening: Server, at: number): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    listening.once('error', reject);
    listening.listen(at, host, resolve);
  }).catch((error: NodeJS.ErrnoException) => refuse(error.code === 'EADDRINUSE'
    ? new Error(`Port ${at} is taken by something else. Stop that, or take another one: PORT=${at + 1} npm start`)
    : error));
}

function portFrom(text: string): number {
  if (/^\d{1,5}$/.test(text) && Number(text) <= 65_535) return Number(text);
  return refuse(new Error(`PORT should be a port number, or 0 for any that is free; it is "${text}".`));
}

/** What keeps the demo from starting is told in its sentence, without the lines of code that it came through. */
function refuse(error: Error): never {
  console.error(error.message);
  process.exit(1);
}

async function close(): Promise<void> {
  isClosing = true;
  lines.close();
  otherServer.close();
  server.close();
  await chatter.close();
  await store.close();
  process.exit(0);
}
