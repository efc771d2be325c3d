import '../../elements/define.ts';
import type { ChatterChat } from '../../elements/chatter-chat.ts';
import { deep, equal, mount, nextEvent, ok, until } from '../support/mount.ts';
import { RoomsInPage, roomSummary } from '../support/rooms-in-page.ts';

const now = Date.now();
const twoRooms = (): RoomsInPage => new RoomsInPage([roomSummary('newest', { activeAt: now }), roomSummary('older', { activeAt: now - 1_000 })]);
const rows = (): HTMLElement[] => deep(document, 'chatter-chat >>> chatter-room-list >>> button.room');
const isShown = (name: string): boolean => deep(document, `chatter-chat >>> ${name}`)[0]!.checkVisibility({ visibilityProperty: true });

async function show(width: number, server = twoRooms()): Promise<ChatterChat> {
  const chat = mount(`<div><chatter-chat></chatter-chat></div>`).firstElementChild as ChatterChat;
  chat.parentElement!.style.cssText = `width: ${width}px; height: 500px`;
  chat.client = server.client();
  await until(() => rows().length === server.rooms.length);
  return chat;
}

describe('chatter-chat', () => {
  it('shows list and room where it is wide, and chooses the most recently active room', async () => {
    const chat = await show(900);
    await until(() => chat.room === 'newest');
    equal([isShown('chatter-room-list'), isShown('chatter-room')], [true, true]);
    equal(rows()[0]!.getAttribute('aria-current'), 'true');
  });

  it('shows one of them where its container is narrow, whatever the window is', async () => {
    const chat = await show(360);
    await until(() => !isShown('chatter-room'));
    equal([chat.room, isShown('chatter-room-list')], [undefined, true]);
    rows()[1]!.click();
    await until(() => isShown('chatter-room'));
    equal([chat.room, isShown('chatter-room-list')], ['older', false]);
  });

  it('leads back to the list, with the focus on the room that was left', async () => {
    const chat = await show(360);
    rows()[1]!.click();
    const back = await until(() => deep(document, 'chatter-chat >>> chatter-room >>> [part=back]')[0]);
    const left = nextEvent('chatter-room-select');
    back.click();
    equal((await left).room, undefined);
    await until(() => isShown('chatter-room-list'));
    equal(chat.room, undefined);
    const list = deep(document, 'chatter-chat >>> chatter-room-list')[0]!;
    await until(() => (list.shadowRoot!.activeElement as HTMLElement | null)?.dataset['room'] === 'older');
  });

  it('chooses again what was left when there is room for both', async () => {
    const chat = await show(360);
    rows()[1]!.click();
    (await until(() => deep(document, 'chatter-chat >>> chatter-room >>> [part=back]')[0])).click();
    await until(() => chat.room === undefined);
    chat.parentElement!.style.width = '900px';
    await until(() => chat.room === 'older');
  });

  it('shows the room that the page names', async () => {
    const chat = mount<ChatterChat>('<chatter-chat room="older"></chatter-chat>');
    chat.client = twoRooms().client();
    await until(() => rows().length === 2);
    await until(() => rows()[1]!.getAttribute('aria-current') === 'true');
    equal(chat.room, 'older');
  });

  it('leaves what comes into an empty list to be opened, and so unread', async () => {
    const server = new RoomsInPage();
    const chat = await show(900, server);
    await until(() => chat.client!.rooms.status === 'ready');
    await chat.updateComplete;
    server.push({ kind: 'room', room: roomSummary('later', { unread: 1 }) });
    await until(() => rows().length === 1);
    await chat.updateComplete;
    equal(chat.room, undefined);
  });

  it('puts the cursor into a conversation that was just started', async () => {
    await show(900);
    deep(document, 'chatter-chat >>> chatter-room-list >>> [part=new-room]')[0]!.click();
    const dialog = 'chatter-chat >>> chatter-room-list >>> chatter-new-room';
    (await until(() => deep(document, `${dialog} >>> chatter-people-picker >>> [role=option]`)[1])).click();
    const start = await until(() => deep<HTMLButtonElement>(document, `${dialog} >>> [type=submit]`).find(({ disabled }) => !disabled));
    start.click();
    await until(() => deep(document, 'chatter-chat >>> chatter-room >>> chatter-composer')[0]?.shadowRoot!.activeElement?.localName === 'textarea');
  });

  it('says in its place what is missing where it cannot connect', async () => {
    mount('<chatter-chat></chatter-chat>');
    const problem = await until(() => deep(document, 'chatter-chat >>> [part=problem]')[0]);
    ok(problem.textContent!.includes('<chatter-chat> has no connection'), `"${problem.textContent}" says it`);
    equal(deep(document, 'chatter-chat >>> chatter-room-list').length, 0);
  });

  it('tells the state of the connection once, not three times', async () => {
    const server = twoRooms();
    const chat = await show(900, server);
    await until(() => deep(document, 'chatter-chat >>> chatter-room >>> chatter-status').length > 0);
    server.close(4001, 'no');
    await until(() => deep(document, 'chatter-chat >>> chatter-status >>> [part=status]').length === 1);
    await chat.updateComplete;
    const inside = ['chatter-room', 'chatter-room-list']
      .flatMap((name) => deep(document, `chatter-chat >>> ${name} >>> chatter-status >>> [part=status]`));
    equal(inside.length, 0);
  });

  it('has a height of its own where the page gives none, and any that the page gives', async () => {
    const chat = await show(900);
    chat.parentElement!.style.height = 'auto';
    ok(chat.offsetHeight > 300, `${chat.offsetHeight} px is a height to chat in`);
    chat.parentElement!.style.height = '250px';
    equal(chat.offsetHeight, 250);
    chat.style.height = '200px';
    equal(chat.offsetHeight, 200);
  });
});
