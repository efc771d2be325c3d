import { createWriteStream } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { limits } from '#protocol/codes';
import type { RoomRecord, Store } from '../store/store.ts';
import { formatConversationLine } from './conversation.ts';
import type { Terminal } from './progress.ts';

const pageRooms = 500;
const pageMessages = 500;
/** Members whose ids name a room without a name; of a larger one the first ones do. */
const namingMembers = 5;

/**
 * The conversations of `tenant`, a line a message (see `conversation.ts`): rooms by name, messages in their order,
 * deleted ones left out. Importing the lines elsewhere and exporting them there gives the same lines.
 */
export async function* exportConversations(store: Store, tenant: string, onlyRoom?: string): AsyncGenerator<string> {
  for (const { room, label } of await labelledRooms(store, tenant)) {
    if (onlyRoom !== undefined && label !== onlyRoom) continue;
    let after = 0;
    for (let hasAfter = true; hasAfter;) {
      const page = await store.history(tenant, room.id, { after, limit: pageMessages });
      for (const { senderId, at, text, deletedAt } of page.messages) {
        if (deletedAt === undefined) yield formatConversationLine({ room: label, from: senderId, at, text });
      }
      after = page.messages.at(-1)?.seq ?? after;
      hasAfter = page.hasAfter && page.messages.length > 0;
    }
  }
}

/** Every room with a name of its own, sorted by it. Where two are called alike the later one carries its id as well. */
async function labelledRooms(store: Store, tenant: string): Promise<{ room: RoomRecord; label: string }[]> {
  const labelled: { room: RoomRecord; label: string }[] = [];
  const taken = new Set<string>();
  let cursor: string | undefined;
  do {
    const page = await store.rooms(tenant, { cursor, limit: pageRooms });
    for (const room of page.rooms) {
      const name = room.name ?? (await nameByMembers(store, tenant, room.id));
      const label = taken.has(name) ? `${name.slice(0, limits.nameCharacters - room.id.length - 3)} (${room.id})` : name;
      taken.add(label);
      labelled.push({ room, label });
    }
    cursor = page.next;
  } while (cursor !== undefined);
  return labelled.sort((a, b) => (a.label < b.label ? -1 : 1));
}

async function nameByMembers(store: Store, tenant: string, room: string): Promise<string> {
  const { members } = await store.members(tenant, room, { limit: namingMembers });
  return members.map((member) => member.userId).join(', ').slice(0, limits.nameCharacters).trim() || room;
}

/**
 * `chatter-server export`: the whole command. Without `file` the lines go to the standard output. A file appears only when
 * it is whole. Resolves to the exit code.
 */
export async function exportRooms(options: {
  store: Store;
  tenant: string;
  room?: string;
  file?: string;
  output?: NodeJS.WritableStream;
  terminal?: Terminal;
}): Promise<number> {
  const { store, tenant, room, file, output = process.stdout, terminal = process.stderr } = options;
  let messages = 0;
  async function* lines(): AsyncGenerator<string> {
    for await (const line of exportConversations(store, tenant, room)) {
      messages += 1;
      yield line;
    }
  }

  const partialFile = file === undefined ? undefined : `${file}.partial`;
  try {
    if (room !== undefined && !(await labelledRooms(store, tenant)).some(({ label }) => label === room)) {
      terminal.write(`There is no room called "${room}". Export without --room to see all of them.\n`);
      return 1;
    }
    if (file === undefined || partialFile === undefined) {
      await pipeline(Readable.from(lines()), output, { end: output !== process.stdout });
    } else {
      await pipeline(Readable.from(lines()), createWriteStream(partialFile));
      await rename(partialFile, file);
    }
  } catch (error) {
    // Whoever reads our output may stop early (`| head`): that is their right, and no trouble.
    if ((error as NodeJS.ErrnoException).code === 'EPIPE') return 0;
    if (partialFile !== undefined) await rm(partialFile, { force: true });
    terminal.write(`The export stopped: ${(error as Error).message}.\n`);
    return 1;
  }
  terminal.write(`Exported ${messages.toLocaleString('en')} ${messages === 1 ? 'message' : 'messages'}${file === undefined ? '' : ` to ${file}`}.\n`);
  return 0;
}
