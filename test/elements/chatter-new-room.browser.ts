import '../../elements/define.ts';
import type { RoomSummary } from '#protocol/models';
import type { ChatterNewRoom } from '../../elements/chatter-new-room.ts';
import { deep, equal, mount, nextEvent, until } from '../support/mount.ts';
import { RoomsInPage, roomSummary } from '../support/rooms-in-page.ts';

const picker = 'chatter-new-room >>> chatter-people-picker';
const options = (): HTMLElement[] => deep(document, `${picker} >>> [role=option]`);
const start = (): HTMLButtonElement => deep<HTMLButtonElement>(document, 'chatter-new-room >>> [type=submit]')[0]!;
const choose = async (name: string): Promise<void> => {
  options().find((option) => option.textContent!.includes(name))!.click();
  await deep<ChatterNewRoom>(document, picker)[0]!.updateComplete;
};

async function open(server: RoomsInPage): Promise<ChatterNewRoom> {
  const element = mount<ChatterNewRoom>('<chatter-new-room></chatter-new-room>');
  element.client = server.client();
  await until(() => element.client?.user);
  await element.show();
  await until(() => options().length === 4);
  return element;
}

describe('chatter-new-room', () => {
  it('opens with the focus in the search field, and offers notes to oneself and people', async () => {
    await open(new RoomsInPage());
    equal(options().map((option) => option.querySelector('.person-name')!.textContent), ['Notes to yourself', 'Ada Lovelace', 'Alan Turing', 'Katherine Johnson']);
    equal(deep(document, picker)[0]!.shadowRoot!.activeElement?.localName, 'input');
    equal(start().disabled, true);
  });

  it('R8: one person makes a direct conversation, which is then chosen', async () => {
    const server = new RoomsInPage();
    const element = await open(server);
    await choose('Ada Lovelace');
    await until(() => start().textContent!.trim() === 'Chat with Ada Lovelace');
    const chosen = nextEvent('chatter-room-select');
    start().click();
    equal((await chosen).room, 'made');
    const request = server.requests.find(({ kind }) => kind === 'room.create')!;
    equal([request['type'], request['user']], ['direct', 'ada']);
    equal(element.shadowRoot!.querySelector('dialog')!.open, false);
  });

  it('more people make a group with a name', async () => {
    const server = new RoomsInPage();
    await open(server);
    await choose('Ada Lovelace');
    await choose('Alan Turing');
    const name = await until(() => deep<HTMLInputElement>(document, 'chatter-new-room >>> .group input')[0]);
    name.value = '  Engines ';
    name.dispatchEvent(new InputEvent('input', { bubbles: true }));
    await until(() => start().textContent!.trim() === 'Create group of 3');
    const chosen = nextEvent('chatter-room-select');
    start().click();
    await chosen;
    const request = server.requests.find(({ kind }) => kind === 'room.create')!;
    equal([request['type'], request['name'], request['users']], ['group', 'Engines', ['ada', 'alan']]);
  });

  it('notes to oneself are for nobody else: choosing another person drops them', async () => {
    await open(new RoomsInPage());
    await choose('Notes to yourself');
    await until(() => start().textContent!.trim() === 'Open notes to yourself');
    await choose('Ada Lovelace');
    await until(() => start().textContent!.trim() === 'Chat with Ada Lovelace');
  });

  it('says why it did not work, and stays open', async () => {
    const server = new RoomsInPage();
    server.refused.set('room.create', 'This person cannot be reached.');
    const element = await open(server);
    await choose('Ada Lovelace');
    await until(() => !start().disabled);
    start().click();
    await until(() => element.shadowRoot!.querySelector('.error')?.textContent === 'This person cannot be reached.');
    equal(element.shadowRoot!.querySelector('dialog')!.open, true);
  });
});

describe('chatter-new-room, when it is interrupted', () => {
  it('is closed by being taken off the page, and comes back closed', async () => {
    const element = await open(new RoomsInPage());
    const dialog = element.shadowRoot!.querySelector('dialog')!;
    const place = element.parentElement!;
    element.remove();
    place.append(element);
    await until(() => !dialog.open && dialog.childElementCount === 0);
    await element.show();
    equal(dialog.matches(':modal'), true);
  });

  it('lets go of a conversation that is made after it was closed and opened again', async () => {
    const element = await open(new RoomsInPage());
    let answer = (_room: RoomSummary): void => {};
    element.client!.createDirect = () => new Promise((resolve) => (answer = resolve));
    const chosen: (string | undefined)[] = [];
    element.addEventListener('chatter-room-select', ({ room }) => chosen.push(room));
    await choose('Ada Lovelace');
    await until(() => !start().disabled);
    start().click();
    element.close();
    await until(() => !start());
    await element.show();
    answer(roomSummary('late'));
    await until(() => options().length === 4);
    equal([chosen.length, element.shadowRoot!.querySelector('dialog')!.open], [0, true]);
    await choose('Alan Turing');
    await until(() => !start().disabled);
  });
});
