import type { ChildServer } from '../servers/child-server.ts';
import type { Arrivals } from './arrivals.ts';
import { fewAtATime, peopleNames } from './load-session.ts';
import { type Side, text } from './side.ts';
import { SocketIoSession } from './socket-io-session.ts';

/** Socket.IO, of one node or several: person `index` is on node `index % nodes`. */
export class SocketIoSide implements Side {
  readonly #nodes: readonly ChildServer[];
  readonly #sessions: SocketIoSession[] = [];
  #room: string | undefined;

  constructor(nodes: readonly ChildServer[]) {
    this.#nodes = nodes;
  }

  async gather(arrivals: Arrivals): Promise<void> {
    const sessions = this.#sessions;
    const earlier = this.#room;
    if (earlier !== undefined) await fewAtATime(sessions, (session) => session.emit('leave', earlier));
    const newcomers = peopleNames(arrivals.sessions - sessions.length, sessions.length);
    sessions.push(...await fewAtATime(newcomers, (user, index) => SocketIoSession.connect(this.#portOf(sessions.length + index), user)));
    const room = `fan-out-${sessions.length}`;
    this.#room = room;
    await fewAtATime(sessions, (session) => session.emit('join', room));
    for (const [index, session] of sessions.entries()) {
      const isWatched = arrivals.isWatched(index);
      session.onClose = (error) => arrivals.fail(error);
      session.onEvent = (json) => {
        if (isWatched) {
          const [, { clientMsgId }] = JSON.parse(json.toString()) as [string, { clientMsgId: string }];
          arrivals.watched(index, Number(clientMsgId.slice('message-'.length)));
        }
        arrivals.add(1);
      };
    }
  }

  async send(sender: number, message: number): Promise<void> {
    const answer = await this.#sessions[sender]!.emit<{ ok: boolean }>('message', { room: this.#room, clientMsgId: `message-${message}`, text });
    if (!answer.ok) throw new Error('The message could not be stored.');
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
}
