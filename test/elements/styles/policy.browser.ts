import type { ChatterChat } from '../../../elements/chatter-chat.ts';
import { deep, equal, until } from '../../support/mount.ts';
import { people, RoomsInPage, roomSummary } from '../../support/rooms-in-page.ts';

const policy = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
  + "require-trusted-types-for 'script'; trusted-types lit-html";

describe('a strict Content-Security-Policy', () => {
  it('is not violated by list, dialog and room: no inline style, no eval, no markup from strings', async () => {
    const frame = document.createElement('iframe');
    frame.srcdoc = `<!doctype html><meta http-equiv="Content-Security-Policy" content="${policy}">
      <script type="module" src="/elements/define.ts"></script>`;
    frame.style.cssText = 'width: 900px; height: 600px';
    document.body.append(frame);
    await new Promise((resolve) => frame.addEventListener('load', resolve, { once: true }));
    const page = frame.contentDocument!;
    const violations: string[] = [];
    page.addEventListener('securitypolicyviolation', ({ effectiveDirective, blockedURI, sourceFile, lineNumber }) => {
      violations.push(`${effectiveDirective} forbids ${blockedURI} of ${sourceFile}:${lineNumber}`);
    });
    // The policy holds, or the test would prove nothing.
    page.body.setAttribute('style', 'color: red');
    await until(() => violations.length === 1);
    violations.length = 0;

    const chat = page.createElement('chatter-chat') as ChatterChat;
    page.body.append(chat);
    await until(() => chat.shadowRoot);
    chat.client = new RoomsInPage([
      roomSummary('a', { unread: 1 }), roomSummary('b', { kind: 'group', people, memberCount: 4 }),
    ]).client();
    await until(() => deep(page, 'chatter-chat >>> chatter-room-list >>> button.room').length === 2);
    await until(() => deep(page, 'chatter-chat >>> chatter-room >>> chatter-composer')[0]);
    deep(page, 'chatter-chat >>> chatter-room-list >>> [part=new-room]')[0]!.click();
    await until(() => deep(page, 'chatter-chat >>> chatter-room-list >>> chatter-new-room >>> dialog[open]')[0]);
    await until(() => deep(page, 'chatter-chat >>> chatter-room-list >>> chatter-new-room >>> chatter-people-picker >>> [role=option]')[1]);
    equal(violations, []);
    frame.remove();
  });
});
