import { ChatClient } from '../../../elements/client/chat-client.ts';
import type { Clock } from '../../../elements/client/clock.ts';
import type { Environment } from '../../../elements/client/environment.ts';
import { MemoryOutboxStorage } from '../../../elements/client/outbox-storage.ts';
import type { Room } from '../../../elements/client/room.ts';
import type { Person } from '#protocol/models';
import { systemClock } from '../../../server/clock.ts';
import { Line, type LineOptions } from './line.ts';
import { signToken } from './tokens.ts';

export interface DeviceOptions extends Omit<LineOptions, 'user'> {
  user: Person;
  random: () => number;
  /** How long each token is good. */
  tokenMs: number;
}

/**
 * A person's chat as it is sold: the headless client, on a device that can be switched off, lose its memory and come back.
 * What it wrote and was not told to be sent stays on the device, as in a browser.
 */
export class Device {
  readonly line: Line;
  readonly #options: DeviceOptions;
  readonly #outboxStorage = new MemoryOutboxStorage();
  #ids = 0;
  #lives = 0;
  #life: { client: ChatClient; isOver: boolean } | undefined;
  readonly #open = new Map<string, () => void>();
  readonly #scrolled = new Set<string>();

  constructor(options: DeviceOptions) {
    this.#options = options;
    this.line = new Line({ ...options, user: options.user.id });
  }

  get name(): string {
    return this.#options.client;
  }

  get user(): string {
    return this.#options.user.id;
  }

  get tenant(): string {
    return this.#options.tenant;
  }

  get client(): ChatClient {
    if (!this.#life) throw new Error(`${this.name} is switched off.`);
    return this.#life.client;
  }

  get isOn(): boolean {
    return this.#life !== undefined && this.#life.client.connection.status !== 'stopped';
  }

  /** Rooms that are looked at. */
  get openRooms(): Room[] {
    return [...this.#open.keys()].map((room) => this.client.room(room));
  }

  isLookingAt(room: string): boolean {
    return this.#open.has(room);
  }

  /** Where the server has sent them away for good, they sign in again. */
  switchOn(): void {
    if (this.#life?.client.connection.status === 'stopped') this.#life.client.connect();
    if (this.#life) return;
    const life = { client: undefined as unknown as ChatClient, isOver: false };
    life.client = new ChatClient({
      server: 'http://chatter.test',
      tokenProvider: () => signToken({ ...this.#options, lifeMs: this.#options.tokenMs }),
      environment: this.#environment(life),
    });
    this.#life = life;
    this.#lives += 1;
    const shown = new Map<string, number>();
    life.client.rooms.onChange(() => this.#noteMarkers(shown, life.client));
    life.client.connect();
  }

  /** Lets go of the connection and takes it up again, from where it was: a page that slept. */
  sleep(): void {
    this.#life?.client.close();
  }

  wake(): void {
    this.#life?.client.connect();
  }

  /** Ends as a killed tab does: nothing is said, and all but the outbox is forgotten. */
  crash(): void {
    if (!this.#life) return;
    this.#life.isOver = true;
    this.#life = undefined;
    this.#open.clear();
    this.#scrolled.clear();
    this.line.drop();
  }

  look(room: string): void {
    if (!this.#open.has(room)) this.#open.set(room, this.client.room(room).open());
  }

  /** Scrolls to a message somewhere in the room, and stays there. */
  async scrollTo(room: string, seq: number): Promise<void> {
    this.#scrolled.add(room);
    await this.client.room(room).loadAround(seq);
  }

  /** Back to the newest messages, wherever one has scrolled. Rejects where that cannot be had now. */
  async scrollToEnd(): Promise<void> {
    for (const room of this.openRooms.filter(({ id }) => this.#scrolled.has(id))) {
      await room.loadNewest();
      this.#scrolled.delete(room.id);
    }
  }

  lookAway(room: string): void {
    this.#open.get(room)?.();
    this.#open.delete(room);
  }

  send(room: string, text: string): void {
    const clientMsgId = this.client.room(room).send(text);
    this.line.options.history.add('wrote', { client: this.name, room, clientMsgId, text });
  }

  /** What the person sees of how far they have read, where it is not what they saw before. */
  #noteMarkers(shown: Map<string, number>, client: ChatClient): void {
    for (const { id, epoch, readSeq } of client.rooms.rooms) {
      if (shown.get(id) === readSeq) continue;
      shown.set(id, readSeq);
      this.line.options.history.add('marker', { client: this.name, life: this.#lives, room: id, epoch, readSeq });
    }
  }

  #environment(life: { isOver: boolean }): Partial<Environment> {
    const clock: Clock = {
      now: systemClock.now,
      after: (ms, callback) => systemClock.after(ms, () => {
        if (!life.isOver) callback();
      }),
    };
    return {
      clock,
      random: this.#options.random,
      newId: () => `${this.name}-${++this.#ids}`,
      openSocket: (_url, _subprotocol, listener) => {
        const whileAlive = <A extends unknown[]>(run: (...args: A) => void) => (...args: A) => {
          if (!life.isOver) run(...args);
        };
        return this.line.dial({
          onOpen: whileAlive(() => listener.onOpen()),
          onMessage: whileAlive((text: string) => listener.onMessage(text)),
          onClose: whileAlive((code: number, reason: string) => listener.onClose(code, reason)),
        });
      },
      isOffline: () => false,
      onHint: () => () => {},
      storage: undefined,
      outboxStorage: this.#outboxStorage,
    };
  }
}
