import { createServer } from 'node:http';
import { createAdapter } from '@socket.io/redis-adapter';
import { Redis } from 'ioredis';
import { jwtVerify } from 'jose';
import { Server } from 'socket.io';
import { benchSecret } from '../load/load-session.ts';
import { answerParent, startOptions } from './answer-parent.ts';
import { openMessageTable } from './message-table.ts';

/**
 * A chat on Socket.IO as its own tutorial teaches it: people prove who they are as they connect, a message is stored with a
 * unique id of the client's (so that a retry is not stored twice), then emitted to the room, then acknowledged to the sender.
 * By way of the Redis adapter where there is a Redis.
 */
const { database, redis } = startOptions<{ database: string; redis?: string }>();
const table = await openMessageTable(database);
const http = createServer();
const io = new Server(http, { transports: ['websocket'], serveClient: false });
if (redis !== undefined) {
  const publisher = new Redis(redis);
  io.adapter(createAdapter(publisher, publisher.duplicate()));
}

const secret = new TextEncoder().encode(benchSecret);
io.use((socket, next) => {
  jwtVerify(String(socket.handshake.auth.token), secret).then(
    ({ payload }) => {
      socket.data.user = { id: payload.sub, name: payload.name };
      next();
    },
    () => next(new Error('This token is not good.')),
  );
});

io.on('connection', (socket) => {
  socket.on('join', async (room: string, acknowledge: (answer: object) => void) => {
    await socket.join(room);
    acknowledge({ ok: true });
  });
  socket.on('leave', async (room: string, acknowledge: (answer: object) => void) => {
    await socket.leave(room);
    acknowledge({ ok: true });
  });
  socket.on('message', async (
    { room, clientMsgId, text }: { room: string; clientMsgId: string; text: string }, acknowledge: (answer: object) => void,
  ) => {
    const { user } = socket.data as { user: { id: string; name: string } };
    const message = { room, senderId: user.id, clientMsgId, text, at: Date.now() };
    try {
      const id = await table.insert(message);
      if (id !== undefined) io.to(room).emit('message', { id, ...message, sender: user });
      acknowledge({ ok: true, id });
    } catch {
      acknowledge({ ok: false });
    }
  });
});
answerParent(http, {
  async stop() {
    io.disconnectSockets(true);
    await table.close();
  },
});
