import { ChildServer } from './child-server.ts';
import { connectMany, makeGroup, peopleNames } from './load-session.ts';
import { percentile } from './percentile.ts';
import { saturate } from './saturate.ts';

export interface DurableSends {
  sendsPerSecond: number;
  /** From sending to `ok`, which is told after COMMIT with fsync. */
  ackP50Ms: number;
  ackP99Ms: number;
}

/** `senders` people, each with `window` unanswered sends, in rooms of `roomSize`. */
export async function durableSends(shape: { senders: number; roomSize: number; window: number; messages: number }): Promise<DurableSends> {
  const server = await ChildServer.start('./chatter-server.ts');
  const users = peopleNames(shape.senders);
  const sessions = await connectMany(server.port, users);
  const rooms: string[] = [];
  for (let start = 0; start < users.length; start += shape.roomSize) {
    const group = users.slice(start, start + shape.roomSize);
    const room = await makeGroup(sessions[start]!, group, `sends-${start}`);
    for (let index = start; index < start + group.length; index++) {
      rooms.push(room);
      await sessions[index]!.request('room.open', { room, limit: 1 });
    }
  }
  const acknowledgedMs: number[] = [];
  const run = async (messages: number, name: string): Promise<number> => {
    const startedAt = performance.now();
    await saturate({ ...shape, messages }, async (sender, index) => {
      const sentAt = performance.now();
      await sessions[sender]!.request('message.send', { room: rooms[sender]!, clientMsgId: `${name}-${index}`, text: 'x'.repeat(200) });
      acknowledgedMs.push(performance.now() - sentAt);
    });
    return (performance.now() - startedAt) / 1000;
  };
  await run(2_000, 'warm');
  acknowledgedMs.length = 0;
  const seconds = await run(shape.messages, 'full');
  for (const session of sessions) session.destroy();
  await server.stop();
  return {
    sendsPerSecond: shape.messages / seconds,
    ackP50Ms: percentile(acknowledgedMs, 0.5),
    ackP99Ms: percentile(acknowledgedMs, 0.99),
  };
}
