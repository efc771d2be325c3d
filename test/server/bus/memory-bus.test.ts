import { MemoryBroker } from '../../../server/index.ts';
import { busContract } from '../../contract/bus.contract.ts';

busContract('MemoryBroker', async () => {
  const broker = new MemoryBroker();
  return { bus: async () => broker.bus(), interrupt: async () => broker.gap(), close: async () => {} };
});
