import { pause } from '../time.ts';
import type { Fault } from './fault.ts';

/** What an operator does to people who are chatting. */
export const peopleFaults: readonly Fault[] = [
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
      const node = chance.pick(cluster.nodes)!;
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
