import { Case } from './checker/case.ts';
import type { Evidence, View } from './checker/evidence.ts';
import { differenceOf } from './checker/view.ts';
import type { Device } from './clients/device.ts';
import { type Dump, readDump } from './dump.ts';
import type { History } from './history.ts';
import { pause } from './time.ts';
import type { Town } from './town.ts';

const lookEveryMs = 500;

/**
 * Waits until everybody shows what is stored, or until for `patienceMs` nothing has moved any more: a machine that is slow
 * takes its time, and one that stands still will not get there. Resolves to what there is to be judged then.
 */
export async function comeToRest(
  { town, databaseUrl, history, patienceMs }: { town: Town; databaseUrl: string; history: History; patienceMs: number },
): Promise<Evidence> {
  const quietAt = history.now();
  let movedAt = quietAt;
  let state = '';
  for (;;) {
    // Who was sent away for good signs in again, and everybody looks at what is new.
    for (const device of town.devices) device.switchOn();
    await Promise.all(town.devices.map((device) => device.scrollToEnd().catch(() => undefined)));
    const evidence = await look({ town, databaseUrl, history, quietAt });
    if (town.devices.every(isAtRest) && isWhole(evidence, town)) return evidence;
    const now = stateOf(evidence.views, town);
    if (now !== state) movedAt = history.now();
    else if (history.now() - movedAt > patienceMs) return evidence;
    state = now;
    await pause(lookEveryMs);
  }
}

/** What was seen and what is shown up to now, and then what is stored: whatever was told by now is stored by then. */
async function look({ town, databaseUrl, history, quietAt }: { town: Town; databaseUrl: string; history: History; quietAt: number }): Promise<Evidence> {
  const events = history.events.slice();
  const checkedAt = history.now();
  const views = viewsOf(town);
  return { events, views, quietAt, checkedAt, dump: await readDump(databaseUrl) };
}

/** Connected, and nothing waits to be sent. */
function isAtRest(device: Device): boolean {
  return device.client.connection.status === 'online' && device.openRooms.every(({ state }) => state.messages.every(({ status }) => status !== 'pending'));
}

function isWhole({ views, dump }: Evidence, { followers }: Town): boolean {
  const stored = storedIn(dump);
  return views.every((view) => differenceOf(view, stored) === undefined)
    && followers.every(({ isConnected, reached }) => isConnected && reached.every(([room, seq]) => stored.rooms.get(room)?.seq === seq));
}

/** All that moves while things get better. */
function stateOf(views: readonly View[], { followers }: Town): string {
  const shown = views.map(({ status, messages, pending, summary }) => [status, messages.at(-1)?.changedSeq, pending.length, summary?.seq, summary?.readSeq, summary?.unread]);
  return JSON.stringify([shown, followers.map(({ reached }) => reached)]);
}

function viewsOf({ devices }: Town): View[] {
  return devices.flatMap(({ name, tenant, user, openRooms }) => openRooms.map(({ id, state }): View => ({
    client: name, tenant, user, room: id, status: state.status,
    messages: state.messages.flatMap((entry) => (entry.status === 'sent' ? [entry.message] : [])),
    hasAfter: state.hasAfter,
    pending: state.messages.flatMap((entry) => (entry.status === 'pending' ? [entry.clientMsgId] : [])),
    summary: state.summary,
    members: state.members.map(({ userId }) => userId),
  })));
}

function storedIn(dump: Dump): Pick<Case, 'rooms' | 'rowsOf' | 'membersOf'> {
  return new Case({ events: [], dump, views: [], quietAt: 0, checkedAt: 0 });
}
