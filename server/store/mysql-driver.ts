import type { Connection as MysqlConnection, ConnectionOptions } from 'mysql2';
import type { Connection } from './database.ts';
import { mysqlDialect, type MysqlFlavour } from './mysql-dialect.ts';
import { UnfitDatabase } from './opening-errors.ts';
import { integer, text, type Row } from './rows.ts';
import { connectTimeoutMs, idleTransactionTimeoutMs, lockTimeoutMs, type Link, type ServerDriver, statementTimeoutMs } from './server-database.ts';
import { sql, words } from './sql.ts';

/** A server that does not say good-bye is not waited for. */
const endTimeoutMs = 1_000;
const oldest = { MariaDB: [10, 6], MySQL: [8, 0] } as const;

/** Loaded when a MariaDB or MySQL is opened: whoever uses another database does not pay for it. */
export async function loadMysqlDriver(): Promise<ServerDriver> {
  const { default: mysql } = await import('mysql2');

  /** Ending never fails: Sequelize's pool ends broken connections too, and nobody would hear of it. */
  function createConnection(options: ConnectionOptions): MysqlConnection {
    const connection = mysql.createConnection(options);
    // Sequelize listens a moment after it was connected. A server that ends it in between would take the process with it;
    // this way the first statement fails, and the connection is given up then.
    connection.on('error', () => undefined);
    const end = connection.end.bind(connection);
    return Object.assign(connection, {
      end(done?: () => void) {
        end(() => undefined);
        setTimeout(() => sever(connection), endTimeoutMs).unref();
        done?.();
      },
    });
  }

  return {
    options: ({ socket, tls, host }) => ({
      dialect: 'mysql', dialectModule: { ...mysql, createConnection }, databaseVersion: '8.0.0',
      dialectOptions: {
        charset: 'utf8mb4', connectTimeout: connectTimeoutMs, enableKeepAlive: true, typeCast: true, jsonStrings: true,
        ...(socket === undefined ? {} : { socketPath: socket }),
        ...(tls === undefined ? {} : { ssl: { rejectUnauthorized: tls.verify, verifyIdentity: tls.verify, servername: host, ...(tls.ca === undefined ? {} : { ca: tls.ca }) } }),
      },
    }),
    async greet(ask) {
      const [server] = await ask(sql`SELECT VERSION() AS version`);
      const version = text(server?.version);
      const flavour: MysqlFlavour = version.includes('MariaDB') ? 'MariaDB' : 'MySQL';
      if (isOlder(version, oldest[flavour])) throw new UnfitDatabase(`Chatter needs ${flavour} ${oldest[flavour].join('.')} or newer; this is ${version}.`);
      await ask(words(`SET SESSION ${Object.entries(settingsOf(flavour)).map(([name, value]) => `${name} = ${value}`).join(', ')}`));
      await ask(words('SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED'));
      return mysqlDialect(flavour);
    },
    query(link, statement) {
      const { values } = statement;
      return new Promise((resolve, reject) => {
        const done = (error: Error | null, rows: unknown): void => (error ? reject(error) : resolve(Array.isArray(rows) ? (rows as Row[]) : []));
        // Without values it goes without being prepared, which some statements cannot be.
        if (values.length === 0) connectionOf(link).query(statement.textWithMarks, done);
        else connectionOf(link).execute(statement.textWithMarks, [...values], done);
      });
    },
    sever: (link) => sever(connectionOf(link)),
    async alone(connection, work) {
      const name = sql`CONCAT('chatter-', SHA1(DATABASE()))`;
      // Each has its own name for the end of statements, which is the end of those that wait for a lock, too.
      const timeout = connection.dialect.types.id(1).includes('nopad') ? 'max_statement_time' : 'max_execution_time';
      await connection.run(words(`SET SESSION ${timeout} = 0`));
      const [got] = await connection.all(sql`SELECT GET_LOCK(${name}, ${3_600}) AS got`);
      if (integer(got?.got) !== 1) throw new UnfitDatabase('Another process has been changing the tables of this database for an hour: see what it does.');
      try {
        await work(againAndAgain(connection));
      } finally {
        await connection.run(sql`SELECT RELEASE_LOCK(${name})`).catch(() => undefined);
      }
    },
  };

  function connectionOf(link: Link): MysqlConnection {
    return link as MysqlConnection;
  }
}

/**
 * What makes tables cannot be rolled back here, so a migration that was cut off is done again from its beginning: that a column
 * or an index is there already is right then.
 */
function againAndAgain(connection: Connection): Connection {
  return {
    ...connection,
    async run(statement) {
      await connection.run(statement).catch((error: unknown) => {
        if (![1060, 1061].includes((error as { errno?: number }).errno ?? 0)) throw error;
      });
    },
  };
}

function settingsOf(flavour: MysqlFlavour): Record<string, string | number> {
  return {
    // What does not fit is an error, and is not cut off.
    sql_mode: "'STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION'",
    innodb_lock_wait_timeout: lockTimeoutMs / 1_000,
    ...(flavour === 'MariaDB'
      ? { max_statement_time: statementTimeoutMs / 1_000, idle_transaction_timeout: idleTransactionTimeoutMs / 1_000 }
      : { max_execution_time: statementTimeoutMs }),
  };
}

function sever(connection: MysqlConnection): void {
  connection.destroy();
  // That alone says good-bye, and waits for the server to say it too.
  (connection as MysqlConnection & { stream: { destroy(): void } }).stream.destroy();
}

function isOlder(version: string, [major, minor]: readonly [number, number]): boolean {
  const [ownMajor = 0, ownMinor = 0] = version.split('.').map((part) => Number.parseInt(part, 10));
  return ownMajor < major || (ownMajor === major && ownMinor < minor);
}
