import 'axe-core/axe.min.js';
import '../../elements/define.ts';
import type { AxeResults } from 'axe-core';
import type { ChatterNewRoom } from '../../elements/chatter-new-room.ts';
import type { ChatterRoomList } from '../../elements/chatter-room-list.ts';
import { deep, equal, mount, until } from '../support/mount.ts';
import { people, RoomsInPage, roomSummary, saying } from '../support/rooms-in-page.ts';

declare const axe: { run(context: Element, options?: object): Promise<AxeResults> };

/** What axe finds, as sentences; nothing is right. */
async function findings(element: Element): Promise<string[]> {
  const { violations } = await axe.run(element, { resultTypes: ['violations'] });
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => `${node.target.join(' ')} ${node.failureSummary}`).join('; ')}`);
}

const server = (): RoomsInPage => {
  const rooms = new RoomsInPage([
    roomSummary('a', { unread: 3, ...saying(people[0]!, 'hello') }),
    roomSummary('b', { kind: 'group', people, memberCount: 4, unread: 200, ...saying(people[1]!, 'merged') }),
    roomSummary('c', { people: [] }),
  ]);
  rooms.online = ['ada'];
  return rooms;
};

for (const scheme of ['light', 'dark']) {
  describe(`accessibility, ${scheme}`, () => {
    before(() => {
      document.documentElement.style.colorScheme = scheme;
    });
    after(() => {
      document.documentElement.style.colorScheme = '';
    });

    it('axe finds nothing in a list of rooms', async () => {
      const list = mount<ChatterRoomList>('<chatter-room-list room="b"></chatter-room-list>');
      list.client = server().client();
      await until(() => deep(document, 'chatter-room-list >>> button.room').length === 3);
      equal(await findings(list), []);
    });

    it('axe finds nothing in an empty list', async () => {
      const list = mount<ChatterRoomList>('<chatter-room-list></chatter-room-list>');
      list.client = new RoomsInPage().client();
      await until(() => deep(document, 'chatter-room-list >>> .notice-title')[0]);
      equal(await findings(list), []);
    });

    it('axe finds nothing in the dialog, with people chosen', async () => {
      const dialog = mount<ChatterNewRoom>('<chatter-new-room></chatter-new-room>');
      dialog.client = server().client();
      await until(() => dialog.client!.user);
      await dialog.show();
      const options = await until(() => {
        const found = deep(document, 'chatter-new-room >>> chatter-people-picker >>> [role=option]');
        return found.length === 4 ? found : undefined;
      });
      options[1]!.click();
      await until(() => deep(document, 'chatter-new-room >>> chatter-people-picker >>> .chip')[0]);
      const inner = deep(document, 'chatter-new-room >>> dialog')[0]!;
      await Promise.all(inner.getAnimations().map((animation) => animation.finished));
      equal(await findings(dialog), []);
    });

    it('axe finds nothing where the connection is given up', async () => {
      const list = mount<ChatterRoomList>('<chatter-room-list></chatter-room-list>');
      const rooms = server();
      list.client = rooms.client();
      await until(() => deep(document, 'chatter-room-list >>> button.room').length === 3);
      rooms.close(4001, 'The token is not valid.');
      const line = await until(() => deep(document, 'chatter-room-list >>> chatter-status >>> [part=status]')[0]);
      await Promise.all(line.getAnimations().map((animation) => animation.finished));
      equal(await findings(list), []);
    });
  });
}
