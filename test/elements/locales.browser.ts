import '../../elements/define.ts';
import type { ChatterRoomList } from '../../elements/chatter-room-list.ts';
import { deep, equal, mount, until } from '../support/mount.ts';
import { RoomsInPage, roomSummary } from '../support/rooms-in-page.ts';

const title = (): string | undefined => deep(document, 'chatter-room-list >>> .title')[0]?.textContent ?? undefined;

function show(markup: string): ChatterRoomList {
  mount(markup);
  const list = document.querySelector('chatter-room-list')!;
  list.client = new RoomsInPage([roomSummary('a', { unread: 2, activeAt: Date.now() - 24 * 60 * 60_000 })]).client();
  return list;
}

describe('languages', () => {
  after(() => document.documentElement.removeAttribute('lang'));

  it('speaks that of the nearest lang, be it the element\'s own or one around it', async () => {
    show('<chatter-room-list lang="de-AT"></chatter-room-list>');
    await until(() => title() === 'Unterhaltungen');
    show('<section lang="fr"><chatter-room-list></chatter-room-list></section>');
    await until(() => deep(document, 'chatter-room-list >>> .unread > .visually-hidden')[0]?.textContent === '2 non lus');
    equal(deep(document, 'chatter-room-list >>> .time')[0]!.textContent, 'Hier');
  });

  it('counts as a language counts: Arabic has a word for two', async () => {
    show('<div lang="ar" dir="rtl"><chatter-room-list></chatter-room-list></div>');
    await until(() => deep(document, 'chatter-room-list >>> .unread > .visually-hidden')[0]?.textContent === 'رسالتان غير مقروءتين');
  });

  it('follows the page when its language changes', async () => {
    const list = show('<chatter-room-list></chatter-room-list>');
    await until(() => title() === 'Conversations');
    document.documentElement.lang = 'es';
    await until(() => title() === 'Conversaciones');
    document.documentElement.removeAttribute('lang');
    await until(() => title() === 'Conversations');
    await list.updateComplete;
  });

  it('follows whatever holds it when that changes its language', async () => {
    show('<section lang="de"><chatter-room-list></chatter-room-list></section>');
    await until(() => title() === 'Unterhaltungen');
    document.querySelector('section')!.lang = 'es';
    await until(() => title() === 'Conversaciones');
  });

  it('speaks English where it does not know the language, or the page says nonsense', async () => {
    show('<chatter-room-list lang="tlh"></chatter-room-list>');
    await until(() => title() === 'Conversations');
    show('<chatter-room-list lang="not a language!"></chatter-room-list>');
    await until(() => title() === 'Conversations');
  });

  it('mirrors in right-to-left writing: what begins a line is at the right', async () => {
    show('<div dir="rtl"><chatter-room-list></chatter-room-list></div>');
    const row = await until(() => deep(document, 'chatter-room-list >>> button.room')[0]);
    const avatar = row.querySelector('.avatar')!.getBoundingClientRect();
    const name = row.querySelector('.name')!.getBoundingClientRect();
    equal(avatar.left > name.left, true, 'that the picture is right of the name');
  });
});
