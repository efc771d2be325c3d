import '../../../elements/define.ts';
import type { ChatterChat } from '../../../elements/chatter-chat.ts';
import { deep, equal, mount, ok, until } from '../../support/mount.ts';
import { RoomsInPage, roomSummary } from '../../support/rooms-in-page.ts';

describe('style sheets', () => {
  it('all shadow roots share one sheet object for Bootstrap and the tokens', async () => {
    const pair = mount('<div><chatter-room-list></chatter-room-list><chatter-room></chatter-room></div>');
    const [list, room] = [...pair.children] as [Element, Element];
    await until(() => list.shadowRoot && room.shadowRoot);
    const sheet = list.shadowRoot!.adoptedStyleSheets[0];
    ok(sheet, 'there is a sheet');
    ok(sheet === room.shadowRoot!.adoptedStyleSheets[0], 'it is the same object');
    equal(list.shadowRoot!.querySelectorAll('style').length, 0);
  });

  it('addStyles reaches what is inside, now and later, and its undo takes it back', async () => {
    const chat = mount<ChatterChat>('<chatter-chat></chatter-chat>');
    const sheet = new CSSStyleSheet();
    sheet.replaceSync('.title { color: rgb(1, 2, 3) !important }');
    const undo = chat.addStyles(sheet);
    chat.client = new RoomsInPage([roomSummary('a')]).client();
    const title = await until(() => deep(document, 'chatter-chat >>> chatter-room-list >>> .title')[0]);
    equal(getComputedStyle(title).color, 'rgb(1, 2, 3)');
    // The dialog is made when it is first used: two elements deep, and long after the sheet was given.
    sheet.insertRule('h2 { letter-spacing: 3px !important }');
    deep(document, 'chatter-chat >>> chatter-room-list >>> [part=new-room]')[0]!.click();
    const heading = await until(() => deep(document, 'chatter-chat >>> chatter-room-list >>> chatter-new-room >>> h2')[0]);
    equal(getComputedStyle(heading).letterSpacing, '3px');
    undo();
    ok(getComputedStyle(heading).letterSpacing !== '3px', 'the sheet is gone inside, too');
    ok(getComputedStyle(title).color !== 'rgb(1, 2, 3)', 'the sheet is gone');
  });
});
