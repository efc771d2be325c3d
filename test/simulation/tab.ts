import assert from 'node:assert/strict';
import { ChatterClientError } from '../../elements/client/errors.ts';
import type { Room } from '../../elements/client/room.ts';
import type { Message } from '../../server/protocol/models.ts';
import type { Guest } from '../support/world.ts';
import type { PageOutbox } from './page-outbox.ts';

/** A person's page: what it has open, what was written in it, and a look at everything that it ever shows. */
export class Tab {
  readonly name: string;
  readonly tenant: string;
  readonly user: string;
  readonly guest: Guest;
  readonly outbox: PageOutbox;
  /** What was written here, by room, in the order in which it was sent (a retry sends anew). */
  readonly written = new Map<string, string[]>();
  readonly discarded: Set<string>;
  /** Rooms that were ever looked at here. */
  readonly visited = new Set<string>();
  isGone = false;
  readonly #fault: (error: unknown) => void;
  /** Rooms that are looked at, and how to stop. */
  readonly #open = new Map<string, () => void>();
  readonly #watched = new Set<string>();
  /** The furthest marker that was shown, by room and member. */
  readonly #markers = new Map<string, { readSeq: number; joinedSeq: number }>();
  #texts = 0;

  constructor({ name, tenant, guest, outbox, discarded, fault }: {
    name: string; tenant: string; guest: Guest; outbox: PageOutbox; discarded: Set<string>; fault: (error: unknown) => void;
  }) {
    this.name = name;
    this.tenant = tenant;
    this.user = guest.user;
    this.guest = guest;
    this.outbox = outbox;
    this.discarded = discarded;
    this.#fault = fault;
    const { rooms } = guest.client;
    rooms.onChange(this.#guarded(() => {
      const ids = rooms.rooms.map(({ id }) => id);
      assert.equal(new Set(ids).size, ids.length, `${name}: no room twice in the list`);
      for (const { id, unread } of rooms.rooms) assert.ok(unread >= 0, `${name}: ${unread} unread in ${id}`);
    }));
  }

  get openRooms(): string[] {
    return [...this.#open.keys()];
  }

  room(id: string): Room {
    const room = this.guest.client.room(id);
    if (!this.#watched.has(id)) {
      this.#watched.add(id);
      room.onChange(this.#guarded(() => this.#look(room)));
    }
    return room;
  }

  open(id: string): void {
    this.visited.add(id);
    if (!this.#open.has(id)) this.#open.set(id, this.room(id).open());
  }

  close(id: string): void {
    this.#open.get(id)?.();
    this.#open.delete(id);
  }

  send(id: string, canary: string): void {
    this.#texts += 1;
    const clientMsgId = this.room(id).send(`${this.name} ${this.#texts} ${canary}`);
    this.written.set(id, [...(this.written.get(id) ?? []), clientMsgId]);
  }

  retry(id: string, clientMsgId: string): void {
    this.room(id).retry(clientMsgId);
    const others = (this.written.get(id) ?? []).filter((one) => one !== clientMsgId);
    this.written.set(id, [...others, clientMsgId]);
  }

  discard(id: string, clientMsgId: string): void {
    this.room(id).discard(clientMsgId);
    this.discarded.add(clientMsgId);
  }

  /** Messages of the room that are there, as this page shows them. */
  shown(id: string): Message[] {
    return this.room(id).state.messages.flatMap((entry) => (entry.status === 'sent' ? [entry.message] : []));
  }

  /** What a person may be refused is no fault; anything else that is thrown is. */
  attempt(doing: Promise<unknown>): void {
    doing.catch((error: unknown) => {
      if (!(error instanceof ChatterClientError)) this.#fault(error);
    });
  }

  /** What a room shows is a run of its messages in their order, without a hole, and then what is not sent yet. */
  #look(room: Room): void {
    const { messages, hasBefore, members } = room.state;
    const keys = new Set<string>();
    let last: Message | undefined;
    let isUnsent = false;
    for (const entry of messages) {
      keys.add(entry.key);
      if (entry.status !== 'sent') {
        isUnsent = true;
        continue;
      }
      const { message } = entry;
      assert.ok(!isUnsent, `${this.name}: ${message.seq} of ${room.id} comes after what is not sent yet`);
      assert.ok(!last || (message.ordinal === last.ordinal + 1 && message.seq > last.seq), `G4: ${this.name} shows ${message.seq} of ${room.id} after ${last?.seq}`);
      if (!last && !hasBefore) assert.equal(message.ordinal, 1, `${this.name}: ${room.id} begins with its first message`);
      last = message;
    }
    assert.equal(keys.size, messages.length, `${this.name}: no key twice in ${room.id}`);
    for (const { userId, readSeq, changedSeq } of members) {
      const key = `${room.id} ${userId}`;
      const known = this.#markers.get(key);
      assert.ok(!known || known.joinedSeq < changedSeq || known.readSeq <= readSeq, `G10: ${this.name} sees ${userId} go back from ${known?.readSeq} to ${readSeq}`);
      this.#markers.set(key, { readSeq, joinedSeq: changedSeq });
    }
  }

  #guarded(look: () => void): () => void {
    return () => {
      try {
        if (!this.isGone) look();
      } catch (error) {
        this.#fault(error);
      }
    };
  }
}
