import type { RequestKind, ServerFrame } from '#protocol/frames';
import type { Fact, Message } from '#protocol/models';
import type { Dump } from '../dump.ts';
import type { EventOf, HappeningOf, HistoryEvent } from '../history.ts';
import { Case } from './case.ts';
import type { Breach, Evidence, View } from './evidence.ts';

/** A history made by hand, a few lines long, to be judged in a test: one room `garden` of `acme`, with ada and ben in it. */
export class Story {
  readonly events: HistoryEvent[] = [];
  readonly dump: Dump = {
    bytes: 0,
    rooms: [{ tenant: 'acme', id: 'garden', kind: 'group', name: 'Garden', epoch: 'e1', seq: 2, messageCount: 0, deletedCount: 0, memberCount: 2, namedSeq: 0 }],
    messages: [],
    members: ['ada', 'ben'].map((user, index) => ({
      tenant: 'acme', room: 'garden', user, isPresent: true, changedSeq: index + 1, readSeq: index + 1, readCount: 0,
    })),
  };
  readonly views: View[] = [];
  #at = 0;
  #refs = 0;

  constructor() {
    this.add('connected', { session: 'ada/1', client: 'ada', tenant: 'acme', user: 'ada', node: 'node1' });
    this.add('connected', { session: 'ben/1', client: 'ben', tenant: 'acme', user: 'ben', node: 'node2' });
    this.ask('ada/1', 'room.create', { type: 'group', name: 'Garden ~acme/garden~', users: ['ben'] }, { room: { id: 'garden', epoch: 'e1' } });
  }

  add<K extends HistoryEvent['kind']>(kind: K, happening: HappeningOf<K>): void {
    this.events.push({ at: (this.#at += 10), kind, ...happening } as unknown as EventOf<K>);
  }

  wait(ms: number): void {
    this.#at += ms;
  }

  /** A request and its answer: `ok` with data, an error by its code, or none. */
  ask(session: string, kind: RequestKind, input: Record<string, unknown>, answer?: object | string): void {
    const ref = ++this.#refs;
    this.add('sent', { session, frame: { ...input, kind, ref } });
    if (typeof answer === 'string') this.hear(session, { kind: 'error', ref, code: answer as 'conflict', message: '', retry: false });
    else if (answer) this.hear(session, { kind: 'ok', ref, data: { ...answer } });
  }

  hear(session: string, frame: ServerFrame): void {
    this.add('received', { session, frame });
  }

  /** Someone writes into the room, and is told that it is done. */
  send(session: string, clientMsgId: string, seq: number, { duplicate = false, text = clientMsgId } = {}): void {
    const message = this.message(session.split('/')[0]!, clientMsgId, seq, text);
    this.ask(session, 'message.send', { room: 'garden', clientMsgId, text }, { message, duplicate });
  }

  /** The message is in the database, at the head of the room. */
  store(senderId: string, clientMsgId: string, seq: number, text = clientMsgId): void {
    const [room] = this.dump.rooms;
    this.dump.messages.push({
      tenant: 'acme', room: 'garden', seq, changedSeq: seq, ordinal: ++room!.messageCount, senderId, clientMsgId, text, isDeleted: false,
    });
    room!.seq = Math.max(room!.seq, seq);
  }

  message(senderId: string, clientMsgId: string, seq: number, text = clientMsgId): Message {
    return { seq, changedSeq: seq, ordinal: seq - 2, senderId, clientMsgId, text, at: 0 };
  }

  open(session: string, upTo: number): void {
    this.ask(session, 'room.open', { room: 'garden' }, { room: { id: 'garden', epoch: 'e1', seq: upTo }, upTo, reset: false, page: { messages: [] } });
  }

  tell(session: string, ...messages: Message[]): void {
    const facts = messages.map((message): Fact => ({ seq: message.changedSeq, kind: 'message', message }));
    this.hear(session, { kind: 'facts', room: 'garden', epoch: 'e1', facts, people: [] });
  }

  judge(by: (court: Case) => Breach[]): string[] {
    const evidence: Evidence = { events: this.events, dump: this.dump, views: this.views, quietAt: this.#at, checkedAt: this.#at + 15_000 };
    return by(new Case(evidence)).map(({ guarantee, sentence }) => `${guarantee}: ${sentence}`);
  }
}
