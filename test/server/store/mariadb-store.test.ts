import { after } from 'node:test';
import { storeContract } from '../../contract/store.contract.ts';
import { startMariaDb } from '../../support/services/mariadb.ts';
import { serverStoreSuite } from './server-store.suite.ts';
import { ServerStores } from './server-stores.ts';

const stores = await ServerStores.start(startMariaDb);
after(() => stores.stop());

storeContract('the MariaDB store', (options) => stores.underTest(options));
serverStoreSuite('MariaDB', stores);
