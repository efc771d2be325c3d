import { openSequelizeStore } from '../../../server/store/sequelize-store.ts';

// Appends until it is killed, and tells each acknowledgement by a line. Run by crash.test.ts.
const [url, room, life] = process.argv.slice(2) as [string, string, string];
const store = await openSequelizeStore({ url });
await Promise.all(['ann', 'bob', 'cem', 'dora'].map(async (senderId) => {
  for (let index = 0; ; index += 1) {
    const clientMsgId = `${life}:${senderId}:${index}`;
    const { message } = await store.appendMessage('acme', { room, senderId, clientMsgId, text: `text of ${clientMsgId}` });
    process.stdout.write(`${message.seq} ${clientMsgId}\n`);
  }
}));
