import { createServer } from 'node:http';
import { WebSocketServer } from 'ws';
import { answerParent } from './answer-parent.ts';

/**
 * The yardstick: the bare `ws` library, which stores nothing, knows nobody, and broadcasts each message it gets to all
 * sockets, one frame a message, as its manual shows. The sender decides the bytes.
 */
const http = createServer();
const server = new WebSocketServer({ server: http, perMessageDeflate: false });
server.on('connection', (socket) => {
  socket.on('error', () => undefined);
  socket.on('message', (data) => {
    for (const other of server.clients) if (other.readyState === other.OPEN) other.send(data, { binary: false });
  });
});
answerParent(http, {
  async stop() {
    for (const socket of server.clients) socket.terminate();
    http.close();
  },
});
