import assert from 'node:assert/strict';
import type { EventEmitter } from 'node:events';
import { createServer } from 'node:http';
import { test } from 'node:test';
import type { Connection } from '../../../server/store/database.ts';
import { mysqlDialect } from '../../../server/store/mysql-dialect.ts';
import { loadMysqlDriver } from '../../../server/store/mysql-driver.ts';
import { loadPostgresDriver } from '../../../server/store/postgres-driver.ts';
import { listenAnywhere } from '../../support/listening.ts';

const address = { host: '127.0.0.1', port: 1, user: 'chatter', password: '', database: 'chatter' };

test('a connection to Postgres that is ended before anybody listens to it takes nobody with it, and is not given out', async () => {
  const driver = await loadPostgresDriver();
  const { Client } = driver.options(address as never).dialectModule as { Client: new (config: object) => EventEmitter & { _invalid: boolean } };
  const client = new Client({});
  assert.equal(client._invalid, false);
  client.emit('error', new Error('terminating connection due to administrator command'));
  assert.equal(client._invalid, true);
});

test('nor does one to MariaDB', async () => {
  const server = await listenAnywhere(createServer());
  const driver = await loadMysqlDriver();
  const { createConnection } = driver.options(address as never).dialectModule as { createConnection(options: object): EventEmitter & { destroy(): void } };
  const connection = createConnection({ host: '127.0.0.1', port: server.port });
  connection.emit('error', new Error('the server has gone away'));
  connection.destroy();
  await server.close();
});

test('who migrates a MariaDB or a MySQL may wait for another who does, and take as long as it takes: statements end no more', async () => {
  const driver = await loadMysqlDriver();
  for (const [flavour, setting] of [['MariaDB', 'max_statement_time'], ['MySQL', 'max_execution_time']] as const) {
    const said: string[] = [];
    const connection: Connection = {
      dialect: mysqlDialect(flavour),
      all: (statement) => Promise.resolve([said.push(statement.textWithMarks)].map(() => ({ got: 1 }))),
      run: (statement) => Promise.resolve(void said.push(statement.textWithMarks)),
    };
    await driver.alone(connection, () => Promise.resolve(void said.push('work')));
    const name = "CONCAT('chatter-', SHA1(DATABASE()))";
    assert.deepEqual(said, [`SET SESSION ${setting} = 0`, `SELECT GET_LOCK(${name}, ?) AS got`, 'work', `SELECT RELEASE_LOCK(${name})`]);
  }
});
