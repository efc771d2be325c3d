import type { Connection } from '../database.ts';

/** Tenant first in every key and index, so that each tenant's rows lie together and no statement can forget it unnoticed. */
export async function up(connection: Connection): Promise<void> {
  const { dialect, dialect: { types: { id, text, integer } } } = connection;
  const tenant = `tenant ${id(128)} NOT NULL`;
  const statements = [
    dialect.createTable('people', `
      ${tenant}, id ${id(128)} NOT NULL, name ${text} NOT NULL, avatar ${text}, search_text ${text} NOT NULL,
      PRIMARY KEY (tenant, id)`),

    // first_members: up to six ids by joining, as JSON. A list shows five others of each room, and must not count a crowd for it.
    dialect.createTable('rooms', `
      ${tenant}, id ${id(64)} NOT NULL, kind ${id(16)} NOT NULL, name ${text}, search_text ${text} NOT NULL, natural_key ${id(300)},
      epoch ${id(64)} NOT NULL, seq ${integer} NOT NULL, message_count ${integer} NOT NULL, deleted_count ${integer} NOT NULL,
      member_count ${integer} NOT NULL, first_members ${text} NOT NULL, named_seq ${integer} NOT NULL,
      last_message_seq ${integer}, active_at ${integer} NOT NULL,
      PRIMARY KEY (tenant, id), UNIQUE (tenant, natural_key)`),

    dialect.createTable('members', `
      ${tenant}, room_id ${id(64)} NOT NULL, user_id ${id(128)} NOT NULL, joined_at ${integer} NOT NULL, left_at ${integer},
      changed_seq ${integer} NOT NULL, read_seq ${integer} NOT NULL, read_count ${integer} NOT NULL,
      PRIMARY KEY (tenant, room_id, user_id), FOREIGN KEY (tenant, room_id) REFERENCES rooms (tenant, id)`, {
      members_of_user: 'tenant, user_id, room_id',
      members_by_change: 'tenant, room_id, changed_seq',
      members_by_marker: 'tenant, room_id, read_seq',
    }),

    dialect.createTable('messages', `
      ${tenant}, room_id ${id(64)} NOT NULL, seq ${integer} NOT NULL, changed_seq ${integer} NOT NULL, ordinal ${integer} NOT NULL,
      sender_id ${id(128)} NOT NULL, client_msg_id ${id(64)} NOT NULL, body_hash ${id(64)} NOT NULL, body ${text} NOT NULL,
      sent_at ${integer} NOT NULL, edited_at ${integer}, deleted_at ${integer},
      PRIMARY KEY (tenant, room_id, seq), UNIQUE (tenant, room_id, sender_id, client_msg_id),
      FOREIGN KEY (tenant, room_id) REFERENCES rooms (tenant, id)`, {
      messages_by_change: 'tenant, room_id, changed_seq',
    }),

    // Deleted messages once more, by ordinal: what the subtraction that gives "unread" is corrected by (P1).
    dialect.createTable('deletions', `
      ${tenant}, room_id ${id(64)} NOT NULL, ordinal ${integer} NOT NULL,
      PRIMARY KEY (tenant, room_id, ordinal), FOREIGN KEY (tenant, room_id) REFERENCES rooms (tenant, id)`),
  ];
  for (const statement of statements.flat()) await connection.run(statement);
}
