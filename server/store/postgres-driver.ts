import type { ClientConfig } from 'pg';
import { UnfitDatabase } from './opening-errors.ts';
import { postgresDialect } from './postgres-dialect.ts';
import { integer, text } from './rows.ts';
import { connectTimeoutMs, idleTransactionTimeoutMs, type Link, lockTimeoutMs, type ServerDriver, statementTimeoutMs } from './server-database.ts';
import { sql, words } from './sql.ts';

/** A server that does not say good-bye is not waited for any longer. */
const endTimeoutMs = 1_000;
/** For all processes of Chatter: whoever has it migrates. */
const migrationLock = 4_827_163_905;

/** Loaded when a Postgres is opened: whoever uses another database does not pay for it. */
export async function loadPostgresDriver(): Promise<ServerDriver> {
  const { default: pg } = await import('pg');

  class Client extends pg.Client {
    /** Read by Sequelize: a connection that is no good any more is not given out. */
    _invalid = false;

    constructor(config: ClientConfig) {
      super({ ...config, pipeline: true });
      // Sequelize listens a moment after it was connected. A server that ends it in between would take the process with it.
      this.on('error', () => (this._invalid = true));
    }

    override end(done?: () => void): Promise<void> {
      const giveUp = setTimeout(() => this.connection.stream.destroy(), endTimeoutMs);
      return super.end(() => {
        clearTimeout(giveUp);
        done?.();
      });
    }
  }

  /** They are about a hundred: values are never part of their text. */
  const names = new Map<string, string>();
  function nameOf(statement: string): string {
    const name = names.get(statement) ?? `chatter${names.size}`;
    names.set(statement, name);
    return name;
  }

  return {
    options: ({ socket, tls }) => ({
      dialect: 'postgres', dialectModule: { Client, types: pg.types }, databaseVersion: '12.0.0',
      ...(socket === undefined ? {} : { host: socket }),
      dialectOptions: {
        application_name: 'chatter', connectionTimeoutMillis: connectTimeoutMs, keepAlive: true, clientMinMessages: 'ignore',
        ...(tls === undefined ? {} : { ssl: { rejectUnauthorized: tls.verify, ...(tls.ca === undefined ? {} : { ca: tls.ca }) } }),
      },
    }),
    async greet(ask) {
      const [server] = await ask(sql`
        SELECT current_setting('server_version_num') AS version, current_setting('server_encoding') AS encoding,
          set_config('statement_timeout', ${String(statementTimeoutMs)}, false), set_config('lock_timeout', ${String(lockTimeoutMs)}, false),
          set_config('idle_in_transaction_session_timeout', ${String(idleTransactionTimeoutMs)}, false),
          -- What was acknowledged is on disk (G1), whatever the server does for others.
          set_config('synchronous_commit', CASE current_setting('synchronous_commit') WHEN 'off' THEN 'on' ELSE current_setting('synchronous_commit') END, false),
          -- Everything here is found by a key. Where the server knows little of a table yet, it would rather look through all of it.
          set_config('enable_seqscan', 'off', false), set_config('enable_hashjoin', 'off', false), set_config('enable_mergejoin', 'off', false),
          set_config('jit', 'off', false)`);
      if (integer(server?.version) < 120_000) throw new UnfitDatabase(`Chatter needs Postgres 12 or newer; this is ${integer(server?.version) / 10_000}.`);
      if (server?.encoding !== 'UTF8') throw new UnfitDatabase(`Chatter needs a database whose encoding is UTF8; that of this one is ${text(server?.encoding)}.`);
      return postgresDialect;
    },
    async query(link, { text: statement, values }) {
      // Prepared under a name, a statement is planned once and not each time: that is more work than most are themselves.
      // What has no values is rare, or cannot be prepared.
      const { rows } = await clientOf(link).query(values.length === 0 ? statement : { text: statement, values, name: nameOf(statement) });
      return rows;
    },
    sever: (link) => clientOf(link).connection.stream.destroy(),
    async alone(connection, work) {
      await connection.run(postgresDialect.begin);
      await connection.run(sql`SET LOCAL statement_timeout = 0`);
      await connection.run(sql`SET LOCAL lock_timeout = 0`);
      await connection.run(words(`SELECT pg_advisory_xact_lock(${migrationLock})`));
      await work(connection);
      await connection.run(sql`COMMIT`);
    },
  };

  function clientOf(link: Link): Client {
    return link as Client;
  }
}
