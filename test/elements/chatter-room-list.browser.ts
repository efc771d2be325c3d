import '../../elements/define.ts';
import type { ChatterRoomList } from '../../elements/chatter-room-list.ts';
import type { RoomSummary } from '#protocol/models';
import { deep, equal, mount, nextEvent, ok, until } from '../support/mount.ts';
import { grace, people, RoomsInPage, roomSummary, saying } from '../support/rooms-in-page.ts';

const [ada, alan, katherine] = [people[0]!, people[1]!, people[2]!];
const minute = 60_000;

const rows = (list: HTMLElement): HTMLElement[] => deep(list.parentElement!, 'chatter-room-list >>> button.room');
const texts = (list: HTMLElement, selector: string): string[] =>
  deep(list.parentElement!, `chatter-room-list >>> ${selector}`).map((element) => element.textContent!.replaceAll(/\s+/g, ' ').trim());
const focused = (list: HTMLElement): string | undefined => (list.shadowRoot!.activeElement as HTMLElement | null)?.dataset['room'];

/** In this order: a list is ordered by activity. */
const inOrder = (...rooms: RoomSummary[]): RoomsInPage => new RoomsInPage(rooms.map((room, index) => ({ ...room, activeAt: Date.now() - index * minute })));

async function show(server: RoomsInPage): Promise<ChatterRoomList> {
  const list = mount<ChatterRoomList>('<chatter-room-list></chatter-room-list>');
  list.client = server.client();
  await until(() => rows(list).length === Math.min(server.rooms.length, server.pageSize) && list.client!.rooms.status === 'ready');
  return list;
}

function press(list: HTMLElement, key: string): void {
  const target = list.shadowRoot!.activeElement!;
  target.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, composed: true, cancelable: true }));
}

describe('chatter-room-list', () => {
  it('names rooms as people expect: the other person, a name, the members, notes to oneself', async () => {
    const list = await show(inOrder(
      roomSummary('direct', { people: [ada] }),
      roomSummary('named', { kind: 'group', name: 'Launch', people: [ada, alan], memberCount: 3 }),
      roomSummary('unnamed', { kind: 'group', people: [ada, alan], memberCount: 3 }),
      roomSummary('self', { people: [], memberCount: 1 }),
    ));
    equal(texts(list, '.name'), ['Ada Lovelace', 'Launch', 'Ada Lovelace and Alan Turing', 'Notes to yourself']);
  });

  it('says who wrote last, and what is gone', async () => {
    const list = await show(inOrder(
      roomSummary('mine', saying(grace, 'on  my\nway')),
      roomSummary('theirs', saying(ada, 'hello')),
      roomSummary('group', { kind: 'group', people: [ada, alan], ...saying(alan, 'merged') }),
      roomSummary('deleted', saying(ada, '', { deletedAt: 1 })),
      roomSummary('empty'),
    ));
    equal(texts(list, '.preview'), ['You: on my way', 'hello', 'Alan Turing: merged', 'Message deleted', 'No messages yet']);
  });

  it('shows markup in names and messages as text', async () => {
    const list = await show(new RoomsInPage([
      roomSummary('a', { kind: 'group', name: '<img src=x onerror=alert(1)>', ...saying(ada, '<b>bold</b>') }),
    ]));
    equal(texts(list, '.name'), ['<img src=x onerror=alert(1)>']);
    equal(rows(list)[0]!.querySelectorAll('img, b').length, 0);
  });

  it('counts what is unread up to 99', async () => {
    const list = await show(inOrder(roomSummary('a', { unread: 3 }), roomSummary('b', { unread: 128 }), roomSummary('c')));
    equal(texts(list, '.unread > [aria-hidden]'), ['3', '99+']);
    equal(texts(list, '.unread > .visually-hidden'), ['3 unread', '128 unread']);
  });

  it('writes times so: the clock today, then "Yesterday", then the weekday', async () => {
    const noon = new Date().setHours(12, 0, 0, 0);
    const list = await show(new RoomsInPage([0, 1, 3].map((days) => roomSummary(`day-${days}`, { activeAt: noon - days * 24 * 60 * minute }))));
    const [today, yesterday, before] = texts(list, 'time') as [string, string, string];
    ok(/\d/.test(today), `"${today}" is a clock`);
    equal(yesterday, 'Yesterday');
    equal(before, new Intl.DateTimeFormat(undefined, { weekday: 'short' }).format(noon - 3 * 24 * 60 * minute));
  });

  it('moves a room up when something is said in it', async () => {
    const server = new RoomsInPage([roomSummary('first', { activeAt: 2 * minute }), roomSummary('second', { activeAt: minute })]);
    const list = await show(server);
    server.push({ kind: 'room', room: roomSummary('second', { activeAt: 3 * minute, unread: 1, seq: 2, messageCount: 2 }) });
    await until(() => rows(list)[0]!.dataset['room'] === 'second');
    equal(rows(list).map((row) => row.dataset['room']), ['second', 'first']);
  });

  it('shows who of direct rooms is online', async () => {
    const server = inOrder(roomSummary('a', { people: [ada] }), roomSummary('b', { people: [alan] }));
    server.online = ['ada'];
    const list = await show(server);
    await until(() => deep(list.parentElement!, 'chatter-room-list >>> .avatar-online').length > 0);
    equal(rows(list).map((row) => row.querySelector('.avatar-online') !== null), [true, false]);
  });

  it('is one stop for Tab; arrows, Home and End move within, Enter chooses', async () => {
    const list = await show(inOrder(...['a', 'b', 'c'].map((id) => roomSummary(id, { people: [katherine] }))));
    equal(rows(list).filter((row) => row.tabIndex === 0).length, 1);
    rows(list)[0]!.focus();
    press(list, 'ArrowDown');
    equal(focused(list), 'b');
    press(list, 'End');
    equal(focused(list), 'c');
    press(list, 'ArrowDown');
    equal(focused(list), 'c');
    press(list, 'Home');
    equal(focused(list), 'a');
    press(list, 'ArrowDown');
    await list.updateComplete;
    equal(rows(list).find((row) => row.tabIndex === 0)?.dataset['room'], 'b');
    const chosen = nextEvent('chatter-room-select');
    rows(list)[1]!.click();
    equal((await chosen).room, 'b');
    await list.updateComplete;
    equal(rows(list).map((row) => row.getAttribute('aria-current')), [null, 'true', null]);
  });

  it('keeps what was chosen where a listener prevents the choice', async () => {
    const list = await show(inOrder(roomSummary('a'), roomSummary('b')));
    list.room = 'a';
    list.addEventListener('chatter-room-select', (event) => event.preventDefault());
    rows(list)[1]!.click();
    await list.updateComplete;
    equal(list.room, 'a');
  });

  it('searches on the server, says when there is nothing, and comes back with Escape', async () => {
    const server = inOrder(roomSummary('a', { people: [ada] }), roomSummary('b', { people: [alan] }));
    const list = await show(server);
    const input = list.shadowRoot!.querySelector<HTMLInputElement>('input')!;
    const type = (text: string): void => {
      input.value = text;
      input.dispatchEvent(new InputEvent('input', { bubbles: true }));
    };
    type('turing');
    await until(() => rows(list).length === 1);
    equal(texts(list, '.name'), ['Alan Turing']);
    type('nobody at all');
    await until(() => texts(list, '.notice')[0]?.includes('nobody at all'));
    input.dispatchEvent(new KeyboardEvent('keydown', { key: 'Escape', bubbles: true }));
    await until(() => rows(list).length === 2);
    equal(input.value, '');
  });

  it('loads more where the first page does not fill its height', async () => {
    const server = new RoomsInPage(Array.from({ length: 7 }, (_, index) => roomSummary(`room-${index}`)));
    server.pageSize = 3;
    const list = mount<ChatterRoomList>('<chatter-room-list></chatter-room-list>');
    list.client = server.client();
    await until(() => rows(list).length === 7);
  });

  it('says so where a later page cannot be had, and tries again', async () => {
    const server = new RoomsInPage(Array.from({ length: 60 }, (_, index) => roomSummary(`room-${index}`)));
    server.pageSize = 20;
    const list = await show(server);
    server.refused.set('rooms.list', 'not now');
    const scroller = list.shadowRoot!.querySelector('.rooms')!;
    scroller.scrollTop = scroller.scrollHeight;
    const retry = await until(() => list.shadowRoot!.querySelector<HTMLElement>('.more[role=alert] button'));
    equal(rows(list).length, 20);
    server.refused.clear();
    retry.click();
    await until(() => rows(list).length > 20);
  });

  it('offers to start a conversation where there is none yet', async () => {
    const list = mount<ChatterRoomList>('<chatter-room-list></chatter-room-list>');
    list.client = new RoomsInPage().client();
    await until(() => texts(list, '.notice-title')[0] === 'No conversations yet');
    list.shadowRoot!.querySelector<HTMLElement>('.notice .btn')!.click();
    await until(() => deep(document, 'chatter-room-list >>> chatter-new-room >>> dialog[open]')[0]);
  });

  it('says that loading failed, and tries again', async () => {
    const server = new RoomsInPage([roomSummary('a')]);
    server.refused.set('rooms.list', 'not now');
    const list = mount<ChatterRoomList>('<chatter-room-list></chatter-room-list>');
    list.client = server.client();
    const retry = await until(() => list.shadowRoot?.querySelector<HTMLElement>('.notice[role=alert] .btn'));
    server.refused.clear();
    retry.click();
    await until(() => rows(list).length === 1);
  });

  it('shows placeholders while rooms are on their way', async () => {
    const server = new RoomsInPage([roomSummary('a')]);
    server.unanswered.add('rooms.list');
    const list = mount<ChatterRoomList>('<chatter-room-list></chatter-room-list>');
    list.client = server.client();
    await until(() => server.requests.some(({ kind }) => kind === 'rooms.list'));
    await list.updateComplete;
    ok(deep(document, 'chatter-room-list >>> .placeholder').length > 0, 'there are placeholders');
  });

  it('renders again when a property changes', async () => {
    const list = await show(new RoomsInPage([roomSummary('a')]));
    list.heading = 'My chats';
    await list.updateComplete;
    equal(texts(list, '.title'), ['My chats']);
  });

  it('tells the author of the page what is missing, and does not throw', async () => {
    const list = mount<ChatterRoomList>('<chatter-room-list></chatter-room-list>');
    const event = await nextEvent('chatter-error');
    await until(() => texts(list, '.notice')[0]?.includes('<chatter-connection server="…" token-url="…">'));
    ok(event.target === list, 'the event comes from the list');
  });
});
