import type { Store } from '../server/index.ts';

const messageTotal = 100_000;
const batchMessages = 2_000;
const secondsApart = 97;
/** So that it lies below the conversations that the demo begins with. */
const newestAgoMs = 7 * 24 * 3_600_000;
const speakers = ['lin', 'mira', 'oskar'];

const openings = ['I think', 'By the way:', 'As I said,', 'Between us,', 'Honestly,', 'To be fair,', 'For what it is worth,', 'Today'];
const things = ['the lamp in the stairwell', 'our old map', 'the second drawer', 'that bicycle', 'the soup', 'the radio', 'a bag of lentils'];
const deeds = ['was there all along', 'needs a new screw', 'smells of rain', 'has found its owner', 'belongs to the neighbours', 'is a good one'];
const endings = ['.', '.', '!', '?', '…', ', or so I was told.', ', which is more than I can say of the other one.', ' 🌿'];

/**
 * A room of 100,000 messages, made on demand. Tells how many there are after each batch, and at the end which room it is.
 * One that was begun is finished, and one that is there is only told.
 */
export async function* makeLongRoom(store: Store, tenant: string): AsyncGenerator<{ messages: number; room?: string }> {
  const { room } = await store.createRoom(tenant, {
    kind: 'group', name: 'One hundred thousand', key: 'demo:long room', members: speakers,
  });
  const startedAt = Date.now() - newestAgoMs - messageTotal * secondsApart * 1000;
  for (let made = room.messageCount; made < messageTotal; made += batchMessages) {
    yield { messages: made };
    const drafts = Array.from({ length: Math.min(batchMessages, messageTotal - made) }, (_, offset) => {
      const number = made + offset + 1;
      return {
        senderId: speakers[pick(number >> 1, speakers.length)]!,
        clientMsgId: `long:${number}`,
        text: sentence(number),
        at: startedAt + number * secondsApart * 1000,
      };
    });
    await store.importMessages(tenant, room.id, drafts);
  }
  const last = (await store.history(tenant, room.id, { limit: 1 })).messages.at(-1);
  if (last) for (const reader of speakers) await store.markRead(tenant, room.id, reader, last.seq);
  yield { messages: messageTotal, room: room.id };
}

/** The same number makes the same sentence. Every seventh says more, so that heights differ. */
function sentence(number: number): string {
  const one = (salt: number): string => {
    const choose = (list: readonly string[], step: number): string => list[pick(number * 31 + salt * 7 + step, list.length)]!;
    return `${choose(openings, 1)} ${choose(things, 2)} ${choose(deeds, 3)}${choose(endings, 4)}`;
  };
  const sentences = number % 7 === 0 ? [1, 2, 3, 4] : [1];
  return `${number}. ${sentences.map(one).join(' ')}`;
}

/** Spreads neighbours: a multiplicative hash. */
function pick(number: number, count: number): number {
  return (Math.imul(number, 2654435761) >>> 8) % count;
}
