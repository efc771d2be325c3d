import assert from 'node:assert/strict';
import { after, it } from 'node:test';
import pg from 'pg';
import { openSequelizeStore } from '../../../server/store/sequelize-store.ts';
import { storeContract } from '../../contract/store.contract.ts';
import { startPostgres } from '../../support/services/postgres.ts';
import { serverStoreSuite } from './server-store.suite.ts';
import { ServerStores } from './server-stores.ts';

const stores = await ServerStores.start(startPostgres);
after(() => stores.stop());

storeContract('the Postgres store', (options) => stores.underTest(options));
serverStoreSuite('Postgres', stores);

it('Postgres is made to look at tables that have grown, also by whoever comes after who filled them; what is empty it goes on guessing of', async () => {
  await stores.empty();
  const { url } = stores.service;
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const believed = async (table: string): Promise<number> => Number((await client.query({ text: 'SELECT reltuples FROM pg_class WHERE relname = $1', values: [table] })).rows[0]!.reltuples);
  /** Until the database has looked: nobody waits for that. */
  const looked = async (table: string, isEnough: (rows: number) => boolean): Promise<void> => {
    while (!isEnough(await believed(table))) await new Promise((resolve) => setImmediate(resolve));
  };
  try {
    const first = await openSequelizeStore({ url });
    for (let index = 0; index < 200; index++) await first.putPeople('t', [{ id: `person-${index}`, name: `Person ${index}` }]);
    await looked('people', (rows) => rows >= 200);
    assert.ok(await believed('members') <= 0);
    const members = Array.from({ length: 200 }, (_, index) => `person-${index}`);
    for (let index = 0; index < 30; index++) await first.createRoom('t', { kind: 'group', members });
    await first.close();
    const second = await openSequelizeStore({ url });
    await looked('members', (rows) => rows >= 6_000);
    await looked('rooms', (rows) => rows >= 30);
    await second.close();
  } finally {
    await client.end();
  }
});
