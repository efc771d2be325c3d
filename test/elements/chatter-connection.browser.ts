import '../../elements/define.ts';
import type { ChatterConnection } from '../../elements/chatter-connection.ts';
import type { ChatterRoomList } from '../../elements/chatter-room-list.ts';
import type { ChatterRoom } from '../../elements/chatter-room.ts';
import { deep, equal, mount, nextEvent, ok, until } from '../support/mount.ts';
import { RoomsInPage, roomSummary } from '../support/rooms-in-page.ts';

const rows = (): HTMLElement[] => deep(document, 'chatter-room-list >>> button.room');

describe('chatter-connection', () => {
  it('makes a list and a room inside it master and detail, with no script', async () => {
    const connection = mount<ChatterConnection>(
      '<chatter-connection><chatter-room-list></chatter-room-list><chatter-room></chatter-room></chatter-connection>',
    );
    const server = new RoomsInPage([roomSummary('a'), roomSummary('b')]);
    connection.client = server.client();
    await until(() => rows().length === 2);
    rows()[1]!.click();
    await until(() => server.requests.some(({ kind, room }) => kind === 'room.open' && room === 'b'));
    equal(connection.room, 'b');
    equal(rows()[1]!.getAttribute('aria-current'), 'true');
  });

  it('gives its client to what is inside, also where that was on the page before it', async () => {
    const client = new RoomsInPage().client();
    const list = mount<ChatterRoomList>('<chatter-room-list></chatter-room-list>');
    const connection = document.createElement('chatter-connection');
    connection.client = client;
    list.before(connection);
    connection.append(list);
    await until(() => list.client === client);
  });

  it('elements that name the same server and identity share one client', async () => {
    const attributes = 'server="http://127.0.0.1:9" token="t"';
    const first = mount<ChatterRoomList>(`<div><chatter-room-list ${attributes}></chatter-room-list>
      <chatter-room ${attributes}></chatter-room><chatter-room server="http://127.0.0.1:9" token="another"></chatter-room></div>`)
      .querySelector('chatter-room-list')!;
    const [same, other] = [...document.querySelectorAll<ChatterRoom>('chatter-room')];
    const client = await until(() => first.client);
    await until(() => same!.client && other!.client);
    ok(same!.client === client, 'the same identity has the same client');
    ok(other!.client !== client, 'another identity has another client');
  });

  it('moving an element in the page does not reconnect', async () => {
    const list = mount('<div><chatter-room-list server="http://127.0.0.1:9" token="moves"></chatter-room-list><p></p></div>')
      .querySelector<ChatterRoomList>('chatter-room-list')!;
    const client = await until(() => list.client);
    document.querySelector('p')!.append(list);
    await list.updateComplete;
    ok(list.client === client, 'it is the same client');
    ok(client.connection.status !== 'idle', 'the client was not closed');
  });

  it('a page that is swapped for one with the same connection does not reconnect', async () => {
    const markup = '<chatter-connection server="http://127.0.0.1:9" token="swaps"></chatter-connection>';
    const client = await until(() => mountOnce(markup).client);
    const after = mount<ChatterConnection>(markup);
    await until(() => after.client);
    ok(after.client === client, 'it is the same client');
    ok(client.connection.status !== 'idle', 'the client was not closed');
  });

  it('says what is missing in a sentence on the page, and in an event', async () => {
    const connection = mount<ChatterConnection>('<chatter-connection server="http://127.0.0.1:9"></chatter-connection>');
    const { message } = await nextEvent('chatter-error');
    ok(message.includes('token-url="/chat-token"'), `"${message}" says what to add`);
    await until(() => connection.shadowRoot!.querySelector('[part=problem]')?.textContent === message);
  });

  it('says what is still missing when a part of it was given', async () => {
    const connection = mount<ChatterConnection>('<chatter-connection></chatter-connection>');
    const problem = (): string => connection.shadowRoot!.querySelector('[part=problem]')?.textContent ?? '';
    await until(() => problem().includes('does not know where to connect'));
    connection.server = 'http://127.0.0.1:9';
    await until(() => problem().includes('does not know who is signed in'));
  });

  it('an address that answers with something else than a token is told with its status', async () => {
    const path = '/there-is-no-token-here';
    mount(`<chatter-connection server="http://127.0.0.1:9" token-url="${path}"></chatter-connection>`);
    const { message } = await nextEvent('chatter-error');
    ok(message.includes(path) && message.includes('404'), `"${message}" names the address and the status`);
  });

  it('a person is told that signing in did not work, with a way to try again', async () => {
    const status = mount<HTMLElementTagNameMap['chatter-status']>(
      '<chatter-status server="http://127.0.0.1:9" token-url="/no-token-either"></chatter-status>',
    );
    const line = await until(() => status.shadowRoot?.querySelector('[part=status]'));
    ok(line.textContent!.includes('Signing in did not work'), `"${line.textContent}" says why`);
    ok(line.querySelector('button'), 'there is a button to try again');
  });

  it('tells when the connection came and how much is unread', async () => {
    const connection = mount<ChatterConnection>('<chatter-connection></chatter-connection>');
    const unread = nextEvent('chatter-unread');
    const states: string[] = [];
    connection.addEventListener('chatter-connection-change', (event) => states.push(event.connection.status));
    connection.client = new RoomsInPage([roomSummary('a', { unread: 2 }), roomSummary('b', { unread: 5 })]).client();
    equal((await unread).unread, 7);
    equal(states.at(-1), 'online');
  });

  it('what is inside does not tell the same again', async () => {
    const connection = mount<ChatterConnection>(
      '<chatter-connection><chatter-room-list></chatter-room-list><chatter-chat></chatter-chat></chatter-connection>',
    );
    const tellers: EventTarget[] = [];
    connection.addEventListener('chatter-unread', (event) => tellers.push(event.target!));
    connection.client = new RoomsInPage([roomSummary('a', { unread: 1 })]).client();
    await until(() => rows().length === 1 && tellers.length > 0);
    equal(tellers.map((teller) => (teller as Element).localName), ['chatter-connection']);
  });

  it('tells of trouble once where a list and a room are inside it, and of nobody that they are online then', async () => {
    const connection = mount<ChatterConnection>(
      '<chatter-connection room="a"><chatter-room-list></chatter-room-list><chatter-room></chatter-room></chatter-connection>',
    );
    const server = new RoomsInPage([roomSummary('a')]);
    server.online = ['ada'];
    connection.client = server.client();
    const line = (): HTMLElement | undefined => deep(document, 'chatter-room >>> [part=room-status]')[0];
    await until(() => line()?.textContent === 'Online');
    server.close(4001, 'no');
    await until(() => deep(document, 'chatter-room-list >>> chatter-status >>> [part=status]').length === 1);
    await until(() => line()?.textContent!.trim() === '');
    equal(deep(document, 'chatter-room >>> chatter-status >>> [part=status]').length, 0);
    equal(deep(document, 'chatter-room-list >>> .avatar-online').length, 0);
  });

  it('puts the cursor into a conversation that was just started in its list', async () => {
    const connection = mount<ChatterConnection>(
      '<chatter-connection><chatter-room-list></chatter-room-list><chatter-room></chatter-room></chatter-connection>',
    );
    connection.client = new RoomsInPage([roomSummary('a')]).client();
    await until(() => rows().length === 1);
    deep(document, 'chatter-room-list >>> [part=new-room]')[0]!.click();
    const dialog = 'chatter-room-list >>> chatter-new-room';
    (await until(() => deep(document, `${dialog} >>> chatter-people-picker >>> [role=option]`)[1])).click();
    (await until(() => deep<HTMLButtonElement>(document, `${dialog} >>> [type=submit]`).find(({ disabled }) => !disabled))).click();
    await until(() => deep(document, 'chatter-room >>> chatter-composer')[0]?.shadowRoot!.activeElement?.localName === 'textarea');
  });

  it('lays a list and a room out side by side, and nothing else', async () => {
    const paired = mount<ChatterConnection>(
      '<chatter-connection><chatter-room-list></chatter-room-list><chatter-room></chatter-room></chatter-connection>',
    );
    paired.client = new RoomsInPage().client();
    await until(() => getComputedStyle(paired).display === 'flex');
    const alone = mount<ChatterConnection>('<chatter-connection><main><chatter-room-list></chatter-room-list></main></chatter-connection>');
    alone.client = new RoomsInPage().client();
    await alone.updateComplete;
    equal(getComputedStyle(alone).display, 'contents');
  });
});

describe('chatter-status', () => {
  it('is empty while all is well, and says why where the connection is given up', async () => {
    const server = new RoomsInPage();
    const status = mount('<chatter-status></chatter-status>') as HTMLElementTagNameMap['chatter-status'];
    status.client = server.client();
    await until(() => status.client!.connection.status === 'online');
    equal(status.offsetHeight, 0);
    server.close(4001, 'The token is not valid.');
    const line = await until(() => status.shadowRoot!.querySelector('[part=status]'));
    ok(line.textContent!.includes('Signed out'), `"${line.textContent}" says that one is signed out`);
    ok(line.closest('[aria-live=polite]'), 'it is announced');
  });

  it('C10, C11: says in the language of the page why it was shown out, and comes back where one asks for it', async () => {
    for (const [code, sentence] of [[4003, 'Dein Zugang zu diesem Chat ist beendet.'], [4004, 'Dieser Chat ist an zu vielen Stellen offen.']] as const) {
      const server = new RoomsInPage();
      const [status] = mount('<div lang="de"><chatter-status></chatter-status></div>').getElementsByTagName('chatter-status') as HTMLCollectionOf<HTMLElementTagNameMap['chatter-status']>;
      status!.client = server.client();
      await until(() => status!.client!.connection.status === 'online');
      server.close(code, 'What the server says, in English.');
      const line = await until(() => [...status!.shadowRoot!.querySelectorAll('[part=status]')].find((one) => one.textContent!.includes(sentence)));
      ok(!line.textContent!.includes('English'), line.textContent!);
      line.querySelector<HTMLButtonElement>('[part=status-action]')!.click();
      await until(() => status!.client!.connection.status === 'online');
      await until(() => status!.offsetHeight === 0);
    }
  });
});

let once: ChatterConnection | undefined;
function mountOnce(markup: string): ChatterConnection {
  return (once ??= mount<ChatterConnection>(markup));
}
