import '../../elements/define.ts';
import type { ChatterChat } from '../../elements/chatter-chat.ts';
import type { ChatterConnection } from '../../elements/chatter-connection.ts';
import { ChatterRoom } from '../../elements/chatter-room.ts';
import type { ChatterRoomList } from '../../elements/chatter-room-list.ts';
import type { ChatterElement } from '../../elements/element.ts';
import { deep, equal, mount, ok, until } from '../support/mount.ts';
import { countOpenThings } from '../support/open-things.ts';
import { RoomsInPage, roomSummary } from '../support/rooms-in-page.ts';
import { ada, ServerInPage, type Line } from '../support/server-in-page.ts';

const lines = Array.from({ length: 60 }, (_, index): Line => ({ by: ada, text: `line ${index}`, at: 100 - index }));

/** Long enough for whatever wanted to happen. */
async function settled(): Promise<void> {
  for (let frames = 0; frames < 4; frames += 1) await new Promise(requestAnimationFrame);
}

/** Every public element, as a page or another element has it, and a sign that it shows something. */
const inUse: Record<string, { setUp: (element: ChatterElement, server: ServerInPage) => void; shows: string }> = {
  'chatter-connection': {
    setUp: (element) => element.append(document.createElement('chatter-room-list'), document.createElement('chatter-room')),
    shows: 'slot',
  },
  'chatter-chat': { setUp: () => {}, shows: 'chatter-room >>> .status' },
  'chatter-room-list': { setUp: () => {}, shows: 'button.room' },
  'chatter-room': { setUp: (element, server) => ((element as ChatterRoom).room = server.roomId), shows: 'chatter-message-list >>> .row' },
  'chatter-message-list': {
    setUp: (element, server) => ((element as HTMLElementTagNameMap['chatter-message-list']).room = element.client!.room(server.roomId)),
    shows: '[role=log]',
  },
  'chatter-composer': {
    setUp: (element, server) => ((element as HTMLElementTagNameMap['chatter-composer']).room = element.client!.room(server.roomId)),
    shows: 'textarea',
  },
  'chatter-room-details': {
    setUp: (element, server) => ((element as HTMLElementTagNameMap['chatter-room-details']).room = element.client!.room(server.roomId)),
    shows: '.row',
  },
  'chatter-new-room': { setUp: (element) => void (element as HTMLElementTagNameMap['chatter-new-room']).show(), shows: 'dialog[open] h2' },
  'chatter-people-picker': { setUp: () => {}, shows: '[role=option]' },
  'chatter-status': { setUp: () => {}, shows: '[role=status]' },
};

describe('An element that comes and goes', () => {
  for (const [tag, { setUp, shows }] of Object.entries(inUse)) {
    it(`<${tag}> leaves nothing behind`, async () => {
      const stage = mount('<div></div>');
      const server = new ServerInPage({ lines });
      const client = server.client();
      await client.rooms.reload();
      const things = countOpenThings(client, server.roomId);
      try {
        const comeAndGo = async (): Promise<void> => {
          const element = document.createElement(tag) as ChatterElement;
          element.client = client;
          stage.append(element);
          setUp(element, server);
          await until(() => deep(element.shadowRoot!, shows)[0]);
          element.remove();
          await settled();
        };
        // What a room or a client keeps for a while, for whoever comes back, is there after the first time.
        await comeAndGo();
        const before = things.count();
        for (let times = 0; times < 10; times += 1) await comeAndGo();
        const after = things.count();
        for (const [kind, count] of Object.entries(before)) {
          const left = after[kind as keyof typeof after] - count;
          ok(left <= 0, `ten times <${tag}> leave no more ${kind} than one (${left} more)`);
        }
        equal(after.watches, 0, 'what is watched of the client');
      } finally {
        things.undo();
        client.close();
      }
    });
  }

  it('takes a client and a room that the page said before the element was registered', async () => {
    class LateRoom extends ChatterRoom {}
    const server = new ServerInPage({ lines });
    const element = mount<LateRoom>('<late-room></late-room>');
    const client = server.client();
    Object.assign(element, { client, room: server.roomId });
    LateRoom.define('late-room');
    await until(() => deep(element.shadowRoot!, 'chatter-message-list >>> .row')[0]);
    equal(Object.hasOwn(element, 'client'), false, 'whether the page\'s value hides the element\'s own property');
    ok(element.client === client, 'it works with the client of the page');
  });
});

describe('An element that is moved', () => {
  it('out of a connection, chooses nothing there any more', async () => {
    const stage = mount('<div><chatter-connection><chatter-room-list></chatter-room-list></chatter-connection><p></p></div>');
    const connection = stage.firstElementChild as ChatterConnection;
    const list = connection.firstElementChild as ChatterRoomList;
    const client = new RoomsInPage([roomSummary('a')]).client();
    connection.client = client;
    const button = (): HTMLElement => deep(list.shadowRoot!, 'button.room')[0]!;
    await until(button);
    stage.append(list);
    list.client = client;
    await until(button);
    button().click();
    await list.updateComplete;
    equal([list.room, connection.room], ['a', undefined]);
    equal(button().getAttribute('aria-current'), 'true');
  });

  it('while somebody searches in it, still finds', async () => {
    const server = new RoomsInPage([roomSummary('a', { kind: 'group', name: 'Alpha' }), roomSummary('b', { kind: 'group', name: 'Beta' })]);
    const stage = mount('<div><chatter-room-list></chatter-room-list><p></p></div>');
    const list = stage.firstElementChild as ChatterRoomList;
    list.client = server.client();
    await until(() => deep(list.shadowRoot!, 'button.room').length === 2);
    const input = list.shadowRoot!.querySelector('input')!;
    input.value = 'bet';
    input.dispatchEvent(new InputEvent('input', { bubbles: true }));
    stage.append(list);
    await until(() => deep(list.shadowRoot!, 'button.room').map((button) => button.dataset['room']).join() === 'b');
  });
});

describe('Another person', () => {
  /** On a server where grace has the rooms a and b, and linus has c. */
  async function changed(element: ChatterChat | ChatterConnection, asGrace: (server: RoomsInPage) => Promise<void>, sets?: string): Promise<void> {
    const [first, second] = [new RoomsInPage([roomSummary('a'), roomSummary('b')]), new RoomsInPage([roomSummary('c')])];
    second.user = { id: 'linus', name: 'Linus' };
    element.client = first.client();
    await until(() => element.client?.rooms.rooms.length === 2);
    await asGrace(first);
    element.client = second.client();
    if (sets !== undefined) element.room = sets;
    await until(() => element.client?.rooms.rooms.length === 1);
    await element.updateComplete;
  }

  it('does not see the room that was chosen by the one before', async () => {
    const connection = mount<ChatterConnection>('<chatter-connection><chatter-room-list></chatter-room-list></chatter-connection>');
    await changed(connection, async () => {
      connection.room = 'a';
      await connection.updateComplete;
    });
    equal(connection.room, undefined);
  });

  it('begins a chat with a room of their own', async () => {
    const chat = mount<ChatterChat>('<chatter-chat></chatter-chat>');
    chat.style.cssText = 'inline-size: 900px; block-size: 400px';
    await changed(chat, async () => void await until(() => chat.room !== undefined));
    await until(() => chat.room === 'c');
  });

  it('sees the room that the page says for them', async () => {
    const connection = mount<ChatterConnection>('<chatter-connection><chatter-room-list></chatter-room-list></chatter-connection>');
    await changed(connection, async () => {
      connection.room = 'a';
      await connection.updateComplete;
    }, 'c');
    equal(connection.room, 'c');
  });

  it('does not see what the one before had searched for', async () => {
    const list = mount<ChatterRoomList>('<chatter-room-list></chatter-room-list>');
    list.client = new RoomsInPage([roomSummary('a', { kind: 'group', name: 'Alpha' })]).client();
    await until(() => deep(list.shadowRoot!, 'button.room')[0]);
    const input = list.shadowRoot!.querySelector('input')!;
    input.value = 'alp';
    input.dispatchEvent(new InputEvent('input', { bubbles: true }));
    await until(() => list.shadowRoot!.querySelector('.search button'));
    list.client = new RoomsInPage([roomSummary('c')]).client();
    await until(() => deep(list.shadowRoot!, 'button.room').map((button) => button.dataset['room']).join() === 'c');
    equal(input.value, '');
  });
});
