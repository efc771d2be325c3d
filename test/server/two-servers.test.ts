import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { SignJWT } from 'jose';
import { WebSocket } from 'ws';
import { protocolVersion, subprotocol } from '#protocol/codes';
import { type RequestInput, type RequestKind, type RequestOutput, type ServerFrame, serverFrame } from '#protocol/frames';
import { startPostgres } from '../support/services/postgres.ts';
import { startRedis } from '../support/services/redis.ts';

const secret = 'a secret that only this test knows and that has 32 bytes';
const command = fileURLToPath(new URL('../../server/cli/main.ts', import.meta.url));

/** `chatter-server`, as people run several of them. */
class Server {
  readonly #child: ChildProcess;
  #output = '';

  constructor(environment: Record<string, string>) {
    this.#child = spawn(process.execPath, ['--import', 'tsx', command], {
      env: { PATH: process.env.PATH, CHATTER_PORT: '0', CHATTER_JWT_SECRET: secret, ...environment }, stdio: ['ignore', 'ignore', 'pipe'],
    });
    this.#child.stderr!.on('data', (data: Buffer) => (this.#output += data.toString()));
  }

  /** Resolves to what the pattern finds in what it says of itself, after what was found before. */
  async said(pattern: RegExp): Promise<string> {
    for (;;) {
      const found = pattern.exec(this.#output);
      if (found) {
        this.#output = this.#output.slice(found.index + found[0].length);
        return found[0];
      }
      if (this.#child.exitCode !== null) assert.fail(this.#output);
      await once(this.#child.stderr!, 'data');
    }
  }

  async stop(): Promise<void> {
    this.#child.kill('SIGKILL');
    if (this.#child.exitCode === null && this.#child.signalCode === null) await once(this.#child, 'close');
  }
}

class Person {
  readonly frames: ServerFrame[] = [];
  readonly #socket: WebSocket;
  #ref = 0;

  constructor(url: string) {
    this.#socket = new WebSocket(`${url.replace('http', 'ws')}/ws`, subprotocol);
    this.#socket.on('message', (data: Buffer) => this.frames.push(serverFrame.parse(JSON.parse(data.toString()))));
  }

  static async connect(url: string, id: string): Promise<Person> {
    const person = new Person(url);
    await once(person.#socket, 'open');
    const token = await new SignJWT({}).setProtectedHeader({ alg: 'HS256' }).setSubject(id).setExpirationTime('5m').sign(new TextEncoder().encode(secret));
    person.#say({ kind: 'hello', version: protocolVersion, token });
    await person.until(() => person.frames.some(({ kind }) => kind === 'ready'));
    return person;
  }

  async ask<K extends RequestKind>(kind: K, input: RequestInput<K>): Promise<RequestOutput<K>> {
    const ref = this.#say({ kind, ...input });
    const answer = () => this.frames.find((frame) => (frame.kind === 'ok' || frame.kind === 'error') && frame.ref === ref);
    await this.until(() => answer() !== undefined);
    const found = answer()!;
    return found.kind === 'ok' ? (found.data as RequestOutput<K>) : assert.fail(JSON.stringify(found));
  }

  texts(room: string): string[] {
    return this.frames.flatMap((frame) => (frame.kind === 'facts' && frame.room === room ? frame.facts : []))
      .flatMap((fact) => (fact.kind === 'message' ? [fact.message.text] : []));
  }

  lastInList(room: string): string | undefined {
    return this.frames.flatMap((frame) => (frame.kind === 'heads' ? frame.heads : [])).findLast((head) => head.room === room)?.lastMessage?.text;
  }

  async until(isSo: () => boolean): Promise<void> {
    while (!isSo()) await once(this.#socket, 'message');
  }

  close(): void {
    this.#socket.terminate();
  }

  #say(frame: object): number {
    this.#ref += 1;
    this.#socket.send(JSON.stringify({ ...frame, ref: this.#ref }));
    return this.#ref;
  }
}

it('G6: two servers on one database hear of each other by Redis, without it where it is killed, and by it again', async () => {
  const [database, redis] = await Promise.all([startPostgres(), startRedis()]);
  const environment = { CHATTER_DATABASE: database.url, CHATTER_REDIS: redis.url };
  const servers = [new Server(environment), new Server(environment)];
  const people: Person[] = [];
  try {
    const [here, there] = await Promise.all(servers.map((server) => server.said(/http:\/\/[\w.:]+\d/)));
    const [ann, ben, cat] = await Promise.all([Person.connect(here!, 'ann'), Person.connect(there!, 'ben'), Person.connect(there!, 'cat')]);
    people.push(ann, ben, cat);
    const { room: { id: room } } = await ann.ask('room.create', { type: 'group', clientRoomId: 'garden', name: 'Garden', users: ['ben', 'cat'] });
    await Promise.all([ann, ben].map((person) => person.ask('room.open', { room })));
    const sent: string[] = [];
    const send = async (text: string): Promise<void> => {
      await ann.ask('message.send', { room, clientMsgId: `m${sent.push(text)}`, text });
      await ben.until(() => ben.texts(room).includes(text));
      await cat.until(() => cat.lastInList(room) === text);
    };
    await send('with Redis');
    await redis.kill();
    await Promise.all(servers.map((server) => server.said(/Redis cannot be used/)));
    await send('without it');
    await send('x'.repeat(8_000));
    await redis.restart();
    await Promise.all(servers.map((server) => server.said(/Redis answers/)));
    await send('with Redis again');
    await send('y'.repeat(8_000));
    assert.deepEqual(ben.texts(room), sent);
    assert.deepEqual(ann.texts(room), sent);
  } finally {
    for (const person of people) person.close();
    await Promise.all([...servers, database, redis].map((service) => service.stop()));
  }
});
