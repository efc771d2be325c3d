import type { Fact } from '#protocol/models';
import type { ChildServer } from '../servers/child-server.ts';
import type { Arrivals } from './arrivals.ts';
import { fewAtATime, LoadSession, makeGroup, peopleNames } from './load-session.ts';
import { type Side, text } from './side.ts';

const messageFact = Buffer.from('"kind":"message"');

/** Chatter, of one node or several: person `index` is on node `index % nodes`. */
export class ChatterSide implements Side {
  /** Bytes of a frame with one message: what others are given to carry. */
  frameBytes = 0;
  readonly #nodes: readonly ChildServer[];
  readonly #sessions: LoadSession[] = [];
  #room: string | undefined;

  constructor(nodes: readonly ChildServer[]) {
    this.#nodes = nodes;
  }

  async gather(arrivals: Arrivals): Promise<void> {
    const sessions = this.#sessions;
    const earlier = this.#room;
    if (earlier !== undefined) await fewAtATime(sessions, (session) => session.request('room.close', { room: earlier }));
    const newcomers = peopleNames(arrivals.sessions - sessions.length, sessions.length);
    sessions.push(...await fewAtATime(newcomers, (user, index) => LoadSession.connect(this.#portOf(sessions.length + index), user)));
    const room = await makeGroup(sessions[0]!, sessions.map(({ user }) => user), `fan-out-${sessions.length}`);
    this.#room = room;
    await fewAtATime(sessions, (session) => session.request('room.open', { room, limit: 1 }));
    for (const [index, session] of sessions.entries()) this.#listen(session, index, arrivals);
  }

  async send(sender: number, message: number): Promise<void> {
    await this.#sessions[sender]!.request('message.send', { room: this.#room!, clientMsgId: `message-${message}`, text });
  }

  async cpuMs(): Promise<number> {
    let sum = 0;
    for (const node of this.#nodes) sum += await node.cpuMs();
    return sum;
  }

  async stop(): Promise<void> {
    for (const session of this.#sessions) session.destroy();
    for (const node of this.#nodes) await node.stop();
  }

  #portOf(index: number): number {
    return this.#nodes[index % this.#nodes.length]!.port;
  }

  #listen(session: LoadSession, index: number, arrivals: Arrivals): void {
    const isWatched = arrivals.isWatched(index);
    let cursor: number | undefined;
    session.onClose = (code) => arrivals.fail(new Error(`The server closed ${session.user}'s socket with ${code}.`));
    session.onPush = (payload) => {
      let found = 0;
      for (let at = payload.indexOf(messageFact); at >= 0; at = payload.indexOf(messageFact, at + messageFact.length)) found++;
      if (found === 0) return;
      if (isWatched) {
        const { facts } = JSON.parse(payload.toString()) as { facts: Fact[] };
        for (const fact of facts) {
          // Gapless (G3), on top of what all sides are asked.
          if (cursor !== undefined && fact.seq !== cursor + 1) arrivals.fail(new Error(`${session.user} got ${fact.seq} after ${cursor}.`));
          cursor = fact.seq;
          if (fact.kind === 'message') arrivals.watched(index, Number(fact.message.clientMsgId.slice('message-'.length)));
        }
        if (facts.length === 1) this.frameBytes = payload.length;
      }
      arrivals.add(found);
    };
  }
}
