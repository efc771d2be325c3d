import { MemoryBroker } from '../../../server/index.ts';
import { busContract } from '../../contract/bus.contract.ts';

busContract('MemoryBroker', async () => {
  const broker = new MemoryBroker();
  return { bus: async () => broker.bus(), down: async () => broker.down(), up: async () => broker.up(), close: async () => {} };
});
