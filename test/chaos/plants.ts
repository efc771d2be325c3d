import { Cursor } from '../../elements/client/cursor.ts';
import { MemoryOutboxStorage } from '../../elements/client/outbox-storage.ts';
import { limits, rhythms } from '#protocol/codes';
import type { Message } from '#protocol/models';
import { systemClock } from '../../server/clock.ts';
import { Hub } from '../../server/socket/hub.ts';
import { RoomFeed } from '../../server/socket/room-feed.ts';
import type { Store } from '../../server/store/store.ts';
import { openDatabase } from './database.ts';
import { type LyingBus, truth } from './node/lying-bus.ts';
import { overriding } from './node/overriding.ts';
import type { RoundOptions } from './round.ts';
import { pause } from './time.ts';

/**
 * Bugs that are put in on purpose: who does not find these would not find others. Each is one that chat servers have had. They
 * are planted around the product, in the process that they are about, and never in its code.
 */
export interface Plant {
  /** The guarantee that it breaks, and that has to be named. */
  readonly breaks: string;
  /** As little of a world as shows it. */
  readonly scope: Partial<Pick<RoundOptions, 'store' | 'nodes' | 'faults' | 'habits' | 'tenants' | 'healMs'>> & { minutes?: number };
  /** What of a node it spoils, before the node begins. */
  readonly inNode?: (parts: NodeParts) => { store: Store };
  /** What of the clients it spoils. */
  readonly inClients?: () => void;
}

export interface NodeParts {
  store: Store;
  bus: LyingBus;
  databaseUrl: string;
}

/** Where a plant needs no trouble to show. */
const calm = { faults: [], tenants: 1, healMs: 4_000 };
/** How long a database may think that is asked much. */
const thinkMs = 150;

export const plants: Readonly<Record<string, Plant>> = {
  'ack-before-commit': {
    breaks: 'G1', scope: { ...calm, faults: ['kill'] },
    inNode: ({ store }) => ({ store: overriding(store, { appendMessage: writeBehind(store) }) }),
  },
  'doubled-insert': {
    breaks: 'G2', scope: calm,
    inNode({ store }) {
      const known = new Set<string>();
      return { store: overriding(store, {
        async appendMessage(tenant, draft) {
          const key = JSON.stringify([tenant, draft]);
          const isRetry = known.has(key);
          known.add(key);
          return store.appendMessage(tenant, isRetry ? { ...draft, clientMsgId: `${draft.clientMsgId}.${known.size}` } : draft);
        },
      }) };
    },
  },
  'seq-outside-the-transaction': {
    breaks: 'G3', scope: calm,
    inNode({ store, databaseUrl }) {
      let count = 0;
      return { store: overriding(store, {
        async appendMessage(tenant, draft) {
          if (++count % 10 === 0) {
            const database = await openDatabase(databaseUrl);
            await database.query('UPDATE rooms SET seq = seq + 1 WHERE id = ?', { replacements: [draft.room] }).catch(() => undefined);
            await database.close();
          }
          return store.appendMessage(tenant, draft);
        },
      }) };
    },
  },
  'pages-by-author': {
    breaks: 'G4', scope: calm,
    inNode: ({ store }) => ({ store: overriding(store, {
      async history(...args) {
        const page = await store.history(...args);
        return { ...page, messages: [...page.messages].sort((a, b) => (a.senderId < b.senderId ? -1 : 1)) };
      },
    }) }),
  },
  'outbox-back-to-front': {
    breaks: 'G5', scope: { ...calm, faults: ['kill'], habits: { crash: 30 } },
    inClients() {
      const { put } = MemoryOutboxStorage.prototype;
      MemoryOutboxStorage.prototype.put = function backToFront(entry) {
        return put.call(this, { ...entry, at: -entry.at });
      };
    },
  },
  'max-seen-cursor': {
    breaks: 'G6', scope: { ...calm, healMs: 14_000, faults: ['away'] },
    inNode({ store }) {
      // Pages that are short and slow, so that something comes while they are read.
      Object.assign(limits, { changesPage: 5 });
      return { store: thinking(store) };
    },
    inClients() {
      Cursor.prototype.take = function takeMaxSeen(facts) {
        return this.takeChanges({ facts, upTo: Math.max(...facts.map(({ seq }) => seq)) });
      };
    },
  },
  'fetch-before-subscribe': {
    breaks: 'G6', scope: { ...calm, healMs: 14_000, faults: ['storm'] },
    inNode({ store }) {
      const { goLive } = RoomFeed.prototype;
      RoomFeed.prototype.goLive = function withoutWhatCameMeanwhile(subscription, answer) {
        subscription.held = undefined;
        goLive.call(this, subscription, answer);
      };
      return { store: thinking(store) };
    },
  },
  'dropped-tail-without-head-check': {
    breaks: 'G6', scope: { ...calm, healMs: 14_000, store: 'postgres', nodes: 2 },
    inNode({ store, bus }) {
      bus.lie({ ...truth, losesTails: true });
      Object.assign(rhythms, { headsMs: 2 ** 30 });
      return { store };
    },
  },
  'revoked-still-hears': {
    breaks: 'G7', scope: { ...calm, habits: { comeAndGo: 8 }, minutes: 0.25 },
    inNode({ store }) {
      const { unsubscribe } = Hub.prototype;
      Hub.prototype.unsubscribe = function onlyWhoWants(subscription, state) {
        if (state !== 'gone') unsubscribe.call(this, subscription, state);
      };
      return { store };
    },
  },
  'cache-without-tenant': {
    breaks: 'G8', scope: { faults: [], habits: { intrude: 60 } },
    inNode({ store }) {
      const cache = new Map<string, ReturnType<Store['searchPeople']>>();
      return { store: overriding(store, {
        searchPeople(tenant, query, limit, sharingRoomWith) {
          const found = cache.get(query) ?? store.searchPeople(tenant, query, limit, sharingRoomWith);
          cache.set(query, found);
          return found;
        },
      }) };
    },
  },
  'hoarding': {
    breaks: 'G9', scope: calm,
    inNode({ store }) {
      const hoard: Buffer[] = [];
      return { store: overriding(store, {
        appendMessage(...args) {
          hoard.push(Buffer.alloc(10 * 2 ** 20, 1));
          return store.appendMessage(...args);
        },
      }) };
    },
  },
  'forgotten-marker': {
    breaks: 'G10', scope: calm,
    inNode: ({ store }) => ({ store: overriding(store, {
      async markRead(tenant, room, user, seq) {
        const state = await store.markRead(tenant, room, user, 0);
        return { ...state, readSeq: Math.max(state.readSeq, seq), moved: true };
      },
    }) }),
  },
};

/** Throws where there is no such plant. */
export function plantNamed(name: string): Plant {
  const plant = plants[name];
  if (!plant) throw new Error(`There is no plant "${name}". There are: ${Object.keys(plants).join(', ')}.`);
  return plant;
}

/** A store that takes its time over what was and what is. */
function thinking(store: Store): Store {
  const slowly = <A extends unknown[], R>(read: (...args: A) => Promise<R>) => async (...args: A): Promise<R> => {
    const found = await read.apply(store, args);
    await pause(thinkMs);
    return found;
  };
  return overriding(store, { changes: slowly(store.changes), history: slowly(store.history) });
}

const behindMs = 2_000;

/** A cache in front of the database that says "done" when it has only taken note. */
function writeBehind(store: Store): Store['appendMessage'] {
  const heads = new Map<string, { seq: number; count: number }>();
  return async (tenant, draft) => {
    const [head] = await store.heads(tenant, [draft.room]);
    if (!head) return store.appendMessage(tenant, draft);
    const place = heads.get(draft.room) ?? { seq: head.seq, count: head.messageCount };
    heads.set(draft.room, place);
    place.seq = Math.max(place.seq, head.seq) + 1;
    place.count = Math.max(place.count, head.messageCount) + 1;
    const message: Message = { ...draft, seq: place.seq, changedSeq: place.seq, ordinal: place.count, at: Date.now() };
    systemClock.after(behindMs, () => void store.appendMessage(tenant, draft).catch(() => undefined));
    return { message, head: { ...head, seq: place.seq, messageCount: place.count, lastMessage: message }, epoch: head.epoch, duplicate: false };
  };
}
