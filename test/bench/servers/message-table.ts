import { Pool } from 'pg';
import { loadSqliteDriver } from '../../../server/store/sqlite-driver.ts';

/** What the Socket.IO server stores. */
export interface MessageTable {
  /** Resolves to the id of the message once it is on disk; to nothing where it was stored before. */
  insert(message: NewMessage): Promise<number | undefined>;
  close(): Promise<void>;
}

interface NewMessage {
  room: string;
  senderId: string;
  clientMsgId: string;
  text: string;
  at: number;
}

const columns = (key: string): string =>
  `id ${key}, room TEXT NOT NULL, sender_id TEXT NOT NULL, client_msg_id TEXT NOT NULL, body TEXT NOT NULL, sent_at BIGINT NOT NULL,
   UNIQUE (room, sender_id, client_msg_id)`;

export function openMessageTable(url: string): Promise<MessageTable> {
  return url.startsWith('sqlite:') ? openSqliteTable(url.slice('sqlite:'.length)) : openPostgresTable(url);
}

/** Chatter's driver and Chatter's settings: WAL, and a sync at each commit. */
async function openSqliteTable(file: string): Promise<MessageTable> {
  const driver = await loadSqliteDriver();
  const database = await new Promise<InstanceType<typeof driver.Database>>((resolve, reject) => {
    const opened = new driver.Database(file, driver.OPEN_READWRITE | driver.OPEN_CREATE, (error) => (error ? reject(error) : resolve(opened)));
  });
  const run = (statement: string): Promise<void> => new Promise((resolve, reject) => {
    database.run(statement, [], (error) => (error ? reject(error) : resolve()));
  });
  await run('PRAGMA journal_mode = WAL');
  await run('PRAGMA synchronous = FULL');
  await run(`CREATE TABLE messages (${columns('INTEGER PRIMARY KEY AUTOINCREMENT')})`);
  const insert = database.prepare(
    'INSERT INTO messages (room, sender_id, client_msg_id, body, sent_at) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING', () => undefined,
  );
  return {
    insert: ({ room, senderId, clientMsgId, text, at }) => new Promise((resolve, reject) => {
      insert.run([room, senderId, clientMsgId, text, at], function done(this: unknown, error) {
        const { lastID, changes } = this as { lastID: number; changes: number };
        if (error) reject(error);
        else resolve(changes === 1 ? lastID : undefined);
      });
    }),
    close: () => new Promise((resolve) => {
      insert.finalize();
      database.close(() => resolve());
    }),
  };
}

/** As many connections as Chatter has by default. */
async function openPostgresTable(url: string): Promise<MessageTable> {
  const pool = new Pool({ connectionString: url, max: 10 });
  await pool.query(`CREATE TABLE IF NOT EXISTS socket_io_messages (${columns('BIGSERIAL PRIMARY KEY')})`);
  return {
    async insert({ room, senderId, clientMsgId, text, at }) {
      const { rows } = await pool.query({
        // Named, so that it is prepared once a connection.
        name: 'insert',
        text: `INSERT INTO socket_io_messages (room, sender_id, client_msg_id, body, sent_at) VALUES ($1, $2, $3, $4, $5)
          ON CONFLICT DO NOTHING RETURNING id`,
        values: [room, senderId, clientMsgId, text, at],
      });
      return rows[0] === undefined ? undefined : Number(rows[0].id);
    },
    close: () => pool.end(),
  };
}
