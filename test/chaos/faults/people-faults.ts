import { pause } from '../time.ts';
import type { Fault } from './fault.ts';

/** What people do all at once, and what an operator does to people who are chatting. */
export const peopleFaults: readonly Fault[] = [
  {
    name: 'away', on: 'people',
    async run({ town, chance, say, left }) {
      const devices = town.devices.filter(() => chance.happens(0.4));
      const forMs = Math.min(chance.whole(3_000, 12_000), left());
      say(`${devices.length} devices are closed for ${(forMs / 1_000).toFixed(1)} s, and opened where they were left`);
      for (const device of devices) device.sleep();
      await pause(forMs);
      for (const device of devices) device.wake();
    },
  },
  {
    name: 'revoke-person', on: 'people',
    async run({ cluster, town, chance, history, say }) {
      const { tenant, user } = chance.pick(town.devices)!;
      const node = chance.pick(cluster.nodes)!;
      const isDone = await node.revoke(tenant, { kind: 'person', user }, true);
      say(`${user} of ${tenant} is shut out by ${node.name}${isDone ? '' : ', perhaps'}`);
      if (isDone) history.add('revoked', { tenant, user, what: 'person', isRevoked: true });
      await pause(chance.whole(1_000, 8_000));
      history.add('revoked', { tenant, user, what: 'person', isRevoked: false });
      while (!(await chance.pick(cluster.nodes)!.revoke(tenant, { kind: 'person', user }, false))) await pause(500);
    },
  },
  {
    name: 'sign-out', on: 'people',
    async run({ cluster, town, chance, history, say }) {
      const { tenant, user } = chance.pick(town.devices)!;
      // Which tokens are old is told by the clock of the node that is asked.
      const node = chance.pick(cluster.nodes.filter(({ isOnTime }) => isOnTime));
      if (!node) return say('no node knows what time it is');
      const isDone = await node.revoke(tenant, { kind: 'tokens', user }, true);
      say(`${user} of ${tenant} is signed out everywhere by ${node.name}${isDone ? '' : ', perhaps'}`);
      if (isDone) history.add('revoked', { tenant, user, what: 'tokens', isRevoked: true });
    },
  },
  {
    name: 'suspend-tenant', on: 'people',
    async run({ cluster, town, chance, history, say }) {
      const { tenant } = chance.pick(town.devices)!;
      const node = chance.pick(cluster.nodes)!;
      const isDone = await node.revoke(tenant, { kind: 'tenant' }, true);
      say(`all of ${tenant} are shut out by ${node.name}${isDone ? '' : ', perhaps'}`);
      if (isDone) history.add('revoked', { tenant, what: 'tenant', isRevoked: true });
      await pause(chance.whole(500, 4_000));
      history.add('revoked', { tenant, what: 'tenant', isRevoked: false });
      while (!(await chance.pick(cluster.nodes)!.revoke(tenant, { kind: 'tenant' }, false))) await pause(500);
    },
  },
];
