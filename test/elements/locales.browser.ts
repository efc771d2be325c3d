import '../../elements/define.ts';
import type { ChatterRoomList } from '../../elements/chatter-room-list.ts';
import { deep, equal, mount, until } from '../support/mount.ts';
import { RoomsInPage, roomSummary } from '../support/rooms-in-page.ts';
import { ServerInPage } from '../support/server-in-page.ts';

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

  for (const [language, one, two, few, many] of [
    ['en', '1,204 members · 1 online', '1,204 members · 2 online', '1,204 members · 5 online', '1,204 members · 1,037 online'],
    ['de', '1.204 Mitglieder · 1 online', '1.204 Mitglieder · 2 online', '1.204 Mitglieder · 5 online', '1.204 Mitglieder · 1.037 online'],
    ['es', '1204 miembros · 1 en línea', '1204 miembros · 2 en línea', '1204 miembros · 5 en línea', '1204 miembros · 1037 en línea'],
    ['fr', '1 204 membres · 1 en ligne', '1 204 membres · 2 en ligne', '1 204 membres · 5 en ligne', '1 204 membres · 1 037 en ligne'],
    ['ar', '1,204 أعضاء · متصل واحد', '1,204 أعضاء · متصلان', '1,204 أعضاء · 5 متصلين', '1,204 أعضاء · 1,037 متصلًا'],
  ] as const) {
    it(`counts who is in a large group in the language "${language}"`, async () => {
      mount(`<div lang="${language}"><chatter-room room="room-1"></chatter-room></div>`);
      const server = new ServerInPage({ name: 'Hall' });
      server.isLarge = true;
      const room = document.querySelector('chatter-room')!;
      room.client = server.client();
      await server.requested('room.open');
      // Spaces inside of numbers are of another width in each version of a browser.
      const status = (): string | undefined => deep(document, 'chatter-room >>> .status')[0]?.textContent.replaceAll(/\s/g, ' ').trim();
      await until(() => deep(document, 'chatter-room >>> .status')[0]);
      for (const [online, sentence] of [[1, one], [2, two], [5, few], [1_037, many]] as const) {
        server.push({ kind: 'occupancy', room: server.roomId, online });
        await until(() => status() === sentence);
      }
    });
  }

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
