import type { Person, RoomSummary } from '#protocol/models';
import type { Connection } from './database.ts';
import { GroupRead, SharedRead } from './group-read.ts';
import { findMemberIds, findMembersOfSmallRooms } from './members-table.ts';
import { findPeopleByKey, personKey, type PersonKey } from './people-table.ts';
import {
  findSummaries, firstPageKey, type FirstPageKey, listFirstPages, summaryKey, type SummaryKey, type SummaryPage,
} from './room-lists.ts';
import { findRooms, roomKey, type RoomKey, type RoomRow } from './room-rows.ts';
import type { Row } from './rows.ts';

/** The reads that everybody asks for when they come, each kind in one statement for many. */
export class GroupedReads {
  readonly people: GroupRead<PersonKey, Person>;
  readonly rooms: GroupRead<RoomKey, RoomRow>;
  readonly memberIds: GroupRead<RoomKey, string[]>;
  /** Everyone in a room, where it is small (see `findMembersOfSmallRooms`). */
  readonly smallRooms: GroupRead<RoomKey, Row[]>;
  readonly summaries: GroupRead<SummaryKey, RoomSummary>;
  readonly firstPages: GroupRead<FirstPageKey, SummaryPage>;
  /** All others, where the same is asked. */
  readonly shared = new SharedRead();

  /** The numbers keep the rows of one statement, each with a message perhaps, to some thousands. */
  constructor(reader: Connection) {
    this.people = new GroupRead((keys) => findPeopleByKey(reader, keys), personKey, 1_000);
    this.rooms = new GroupRead((keys) => findRooms(reader, keys), roomKey, 500);
    this.memberIds = new GroupRead((keys) => findMemberIds(reader, keys), roomKey, 100);
    this.smallRooms = new GroupRead((keys) => findMembersOfSmallRooms(reader, keys), roomKey, 100);
    this.summaries = new GroupRead((keys) => findSummaries(reader, keys), summaryKey, 500);
    this.firstPages = new GroupRead((keys) => listFirstPages(reader, keys), firstPageKey, 50);
  }
}
