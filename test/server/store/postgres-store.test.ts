import { after } from 'node:test';
import { storeContract } from '../../contract/store.contract.ts';
import { startPostgres } from '../../support/services/postgres.ts';
import { serverStoreSuite } from './server-store.suite.ts';
import { ServerStores } from './server-stores.ts';

const stores = await ServerStores.start(startPostgres);
after(() => stores.stop());

storeContract('the Postgres store', (options) => stores.underTest(options));
serverStoreSuite('Postgres', stores);
