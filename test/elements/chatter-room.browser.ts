import 'axe-core/axe.min.js';
import type axeModule from 'axe-core';
import '../../elements/define.ts';
import type { ChatterMessageList } from '../../elements/chatter-message-list.ts';
import type { ChatterRoom } from '../../elements/chatter-room.ts';
import type { ChatterSendEvent } from '../../elements/events.ts';
import { ada, bo, cy, dee, me, ServerInPage, type Line } from '../support/server-in-page.ts';

const axe = (globalThis as unknown as { axe: typeof axeModule }).axe;
const mounted: HTMLElement[] = [];

const talk: Line[] = [
  { by: ada, text: 'Good morning', at: 3_000 },
  { by: me, text: 'Good morning to you', at: 2_999 },
  { by: ada, text: 'See https://example.com/a?b', at: 20 },
  { by: me, text: '<b>bold</b> &amp;  two  spaces\nand a line', at: 10 },
  { by: bo, text: '🎉', at: 5 },
];

interface Shown {
  server: ServerInPage;
  room: ChatterRoom;
  /** In the room, its list, its composer or its panel, whichever has it. */
  find: <E extends HTMLElement = HTMLElement>(selector: string) => E | undefined;
  all: (selector: string) => HTMLElement[];
  text: (selector: string) => string | undefined;
  row: (text: string) => HTMLElement | undefined;
  field: () => HTMLTextAreaElement;
}

async function show(server: ServerInPage, setUp: (room: ChatterRoom) => void = () => {}): Promise<Shown> {
  const room = document.createElement('chatter-room');
  room.client = server.client();
  room.room = server.roomId;
  room.style.cssText = 'inline-size: 600px; block-size: 500px';
  setUp(room);
  document.body.append(room);
  mounted.push(room);
  const all = (selector: string): HTMLElement[] => {
    const inner = [...room.shadowRoot!.querySelectorAll<HTMLElement>('chatter-message-list, chatter-composer, chatter-room-details, chatter-people-picker')];
    const panel = room.shadowRoot!.querySelector('chatter-room-details')?.shadowRoot;
    const roots = [room.shadowRoot!, ...inner.map((element) => element.shadowRoot!), ...[...panel?.querySelectorAll('chatter-people-picker') ?? []].map((element) => element.shadowRoot!)];
    return roots.flatMap((root) => (root ? [...root.querySelectorAll<HTMLElement>(selector)] : []));
  };
  const shown: Shown = {
    server, room, all,
    find: <E extends HTMLElement>(selector: string) => all(selector)[0] as E | undefined,
    text: (selector) => all(selector)[0]?.textContent?.trim(),
    row: (text) => all('.row').find((row) => row.querySelector('.bubble')?.textContent === text),
    field: () => all('textarea')[0] as HTMLTextAreaElement,
  };
  return shown;
}

const frame = (): Promise<void> => new Promise((resolve) => requestAnimationFrame(() => resolve()));

async function until<T>(condition: () => T): Promise<NonNullable<T>> {
  for (;;) {
    const value = condition();
    if (value) return value;
    await frame();
  }
}

/** Long enough for whatever wanted to happen. */
async function settled(): Promise<void> {
  for (let frames = 0; frames < 4; frames += 1) await frame();
}

function assert(condition: unknown, message: string): asserts condition {
  if (!condition) throw new Error(message);
}

function equal<T>(actual: T, expected: T): void {
  assert(Object.is(actual, expected), `Expected ${JSON.stringify(expected)}, and it is ${JSON.stringify(actual)}.`);
}

function write(shown: Shown, text: string): void {
  const field = shown.field();
  field.focus();
  field.value = text;
  field.dispatchEvent(new InputEvent('input', { bubbles: true, composed: true }));
}

function press(target: HTMLElement, key: string, more: KeyboardEventInit = {}): KeyboardEvent {
  const event = new KeyboardEvent('keydown', { key, keyCode: key === 'Enter' ? 13 : 0, bubbles: true, composed: true, cancelable: true, ...more });
  target.dispatchEvent(event);
  return event;
}

afterEach(() => mounted.splice(0).forEach((element) => element.remove()));

describe('A room', () => {
  it('says that none was chosen, without a room', async () => {
    const shown = await show(new ServerInPage(), (room) => (room.room = undefined));
    equal(await until(() => shown.text('.notice-title')), 'Choose a conversation');
  });

  it('shows placeholders while it is opened, then the messages', async () => {
    const server = new ServerInPage({ lines: talk });
    server.held.add('room.open');
    const shown = await show(server);
    await until(() => shown.find('.placeholders'));
    await server.requested('room.open');
    server.release('room.open');
    await until(() => shown.row('Good morning'));
    equal(shown.find('.placeholders'), undefined);
  });

  it('greets in an empty room', async () => {
    const shown = await show(new ServerInPage({ kind: 'direct' }));
    equal(await until(() => shown.text('.notice')), 'No messages yet. Say hello!');
  });

  it('tells who is there: of a group how many, of a direct room whether', async () => {
    const group = await show(new ServerInPage({ lines: talk, name: 'Terrace' }));
    equal(await until(() => group.text('h2')), 'Terrace');
    await until(() => group.text('.status') === '3 members · 2 online');
    const direct = await show(new ServerInPage({ kind: 'direct', lines: talk }));
    await until(() => direct.text('.status') === 'Online');
    equal(direct.text('h2'), 'Ada Lovelace');
    direct.server.push({ kind: 'presence', online: [], offline: ['ada'] });
    await until(() => direct.text('.status') === 'Away');
  });

  it('tells of a large group how many are there, asks of nobody in it whether they are, and forgets it without a connection', async () => {
    const server = new ServerInPage({ lines: talk, people: [ada, bo, cy, dee], name: 'Hall' });
    server.isLarge = true;
    const shown = await show(server);
    await until(() => shown.text('.status') === '1,204 members');
    server.push({ kind: 'occupancy', room: server.roomId, online: 37 });
    await until(() => shown.text('.status') === '1,204 members · 37 online');
    server.push({ kind: 'occupancy', room: server.roomId, online: 1_038 });
    await until(() => shown.text('.status') === '1,204 members · 1,038 online');
    shown.find('.members')!.click();
    await until(() => shown.all('.member').length === 2);
    await settled();
    equal(shown.all('.avatar-online').length, 0);
    assert(server.requests.every((request) => request.kind !== 'presence.watch'), 'Presence was asked for by person.');
    server.cut();
    await until(() => shown.text('.status') === '1,204 members');
  });

  it('says so when one is no longer in it', async () => {
    const shown = await show(new ServerInPage({ lines: talk }));
    await until(() => shown.row('Good morning'));
    shown.server.removeMe();
    await until(() => shown.text('.notice') === 'You are no longer in this conversation.');
    equal(shown.field(), undefined as unknown as HTMLTextAreaElement);
  });

  it('names who types, and moves nothing by it', async () => {
    const shown = await show(new ServerInPage({ lines: talk }));
    await until(() => shown.row('Good morning'));
    const height = shown.find('.scroller')!.clientHeight;
    shown.server.types(ada);
    await until(() => shown.text('.typing') === 'Ada Lovelace is typing…');
    shown.server.types(bo);
    await until(() => shown.text('.typing') === 'Ada Lovelace and Bo Karlsson are typing…');
    equal(shown.find('.scroller')!.clientHeight, height);
    shown.server.types(ada, false);
    shown.server.types(bo, false);
    await until(() => shown.text('.typing') === '');
  });

  it('shows a text exactly as it was written: tags as text, spaces and lines kept, links as links', async () => {
    const shown = await show(new ServerInPage({ lines: talk }));
    const row = await until(() => shown.row('<b>bold</b> &amp;  two  spaces\nand a line'));
    equal(row.querySelector('b'), null);
    equal(getComputedStyle(row.querySelector('.text')!).whiteSpaceCollapse, 'preserve');
    const link = shown.row('See https://example.com/a?b')!.querySelector('a')!;
    equal(link.href, 'https://example.com/a?b');
    equal(link.rel, 'noopener noreferrer ugc nofollow');
    equal(link.target, '_blank');
  });

  it('takes another room when `room` changes, and closes the first', async () => {
    const shown = await show(new ServerInPage({ lines: talk }));
    await until(() => shown.row('Good morning'));
    shown.room.room = undefined;
    await until(() => shown.text('.notice-title') === 'Choose a conversation');
  });

  it('fires chatter-back', async () => {
    const shown = await show(new ServerInPage({ lines: talk }), (room) => (room.showBack = true));
    const button = await until(() => shown.find('.back'));
    let backs = 0;
    shown.room.addEventListener('chatter-back', () => (backs += 1));
    button.click();
    equal(backs, 1);
  });
});

describe('The composer', () => {
  it('sends with Enter, shows the message at once, and keeps the focus', async () => {
    const server = new ServerInPage({ lines: talk });
    const shown = await show(server);
    await until(() => shown.row('Good morning'));
    server.held.add('message.send');
    write(shown, 'Hello\n');
    equal(press(shown.field(), 'Enter').defaultPrevented, true);
    const row = await until(() => shown.row('Hello'));
    assert(row.classList.contains('is-pending'), 'The message is not shown as pending.');
    equal(shown.field().value, '');
    equal(shown.find('chatter-composer')!.shadowRoot!.activeElement, shown.field());
    let sent = '';
    shown.room.addEventListener('chatter-sent', (event) => (sent = event.message.text));
    await server.requested('message.send');
    server.release('message.send');
    await until(() => !shown.row('Hello')!.classList.contains('is-pending'));
    equal(shown.row('Hello')!, row);
    await until(() => sent === 'Hello');
  });

  it('breaks the line with Shift+Enter, and does nothing with the Enter of an input method', async () => {
    const shown = await show(new ServerInPage({ lines: talk }));
    await until(() => shown.row('Good morning'));
    write(shown, 'nihon');
    for (const more of [{ shiftKey: true }, { isComposing: true }, { keyCode: 229 }]) {
      equal(press(shown.field(), 'Enter', more).defaultPrevented, false);
    }
    await settled();
    equal(shown.field().value, 'nihon');
    equal(shown.server.requests.some(({ kind }) => kind === 'message.send'), false);
  });

  it('cannot send what is blank or too long, and says by how much', async () => {
    const shown = await show(new ServerInPage({ lines: talk }));
    await until(() => shown.row('Good morning'));
    const button = shown.find<HTMLButtonElement>('.send')!;
    equal(button.disabled, true);
    write(shown, ' \n ');
    await settled();
    equal(button.disabled, true);
    write(shown, 'x'.repeat(7_000));
    await settled();
    equal(shown.text('#hint'), undefined);
    write(shown, 'x'.repeat(7_900));
    await until(() => shown.text('#hint') === '100 characters left');
    equal(button.disabled, false);
    write(shown, 'x'.repeat(8_001));
    await until(() => shown.text('#hint') === '1 character too many');
    equal(button.disabled, true);
    press(shown.field(), 'Enter');
    await settled();
    equal(shown.field().value.length, 8_001);
  });

  it('keeps what was typed where a listener prevents chatter-send', async () => {
    const shown = await show(new ServerInPage({ lines: talk }));
    await until(() => shown.row('Good morning'));
    let asked: ChatterSendEvent | undefined;
    shown.room.addEventListener('chatter-send', (event) => {
      asked = event;
      event.preventDefault();
    });
    write(shown, 'Not this');
    press(shown.field(), 'Enter');
    await settled();
    equal(asked?.text, 'Not this');
    equal(asked?.room, shown.server.roomId);
    equal(shown.field().value, 'Not this');
    equal(shown.row('Not this'), undefined);
  });

  it('grows to eight lines, then scrolls', async () => {
    const shown = await show(new ServerInPage({ lines: talk }));
    await until(() => shown.row('Good morning'));
    const height = (): number => shown.field().offsetHeight;
    const one = height();
    write(shown, 'a\nb\nc');
    await settled();
    assert(height() > one + 30, 'It did not grow.');
    write(shown, 'a\n'.repeat(8));
    await settled();
    const eight = height();
    write(shown, 'a\n'.repeat(40));
    await settled();
    equal(height(), eight);
    write(shown, '');
    await settled();
    equal(height(), one);
  });

  it('keeps a draft for the room', async () => {
    const server = new ServerInPage({ lines: talk });
    const shown = await show(server);
    await until(() => shown.row('Good morning'));
    write(shown, 'half a thou');
    shown.room.room = undefined;
    await until(() => shown.text('.notice-title'));
    shown.room.room = server.roomId;
    await until(() => shown.field()?.value === 'half a thou');
  });

  it('leaves the field with Escape', async () => {
    const shown = await show(new ServerInPage({ lines: talk }));
    await until(() => shown.row('Good morning'));
    write(shown, 'x');
    press(shown.field(), 'Escape');
    equal(shown.find('chatter-composer')!.shadowRoot!.activeElement, null);
  });

  it('works while the connection is away: the message waits and says so', async () => {
    const shown = await show(new ServerInPage({ lines: talk }));
    await until(() => shown.row('Good morning'));
    shown.server.cut();
    write(shown, 'From the tunnel');
    press(shown.field(), 'Enter');
    await until(() => shown.row('From the tunnel')?.textContent!.includes('Waiting for a connection'));
  });
});

describe('Messages of a room', () => {
  it('that were refused say why; Try again sends them, Discard takes them away', async () => {
    const shown = await show(new ServerInPage({ lines: talk }));
    await until(() => shown.row('Good morning'));
    shown.server.refusal = 'This group is read-only.';
    write(shown, 'First');
    press(shown.field(), 'Enter');
    const first = await until(() => shown.all('.is-failed')[0]);
    assert(first.textContent!.includes('This group is read-only.'), 'It does not say why.');
    first.querySelector<HTMLElement>('[part=discard]')!.click();
    await until(() => !shown.row('First'));
    write(shown, 'Second');
    press(shown.field(), 'Enter');
    const second = await until(() => shown.all('.is-failed')[0]);
    shown.server.refusal = undefined;
    second.querySelector<HTMLElement>('[part=retry]')!.click();
    await until(() => shown.row('Second') && shown.all('.is-failed, .is-pending').length === 0);
  });

  it('say who wrote them, and when, and then their text, to whom they have the focus of', async () => {
    const shown = await show(new ServerInPage({ lines: talk }));
    const row = await until(() => shown.row('Good morning'));
    assert(row.ariaLabel!.startsWith('Ada Lovelace, '), row.ariaLabel!);
    const described = (row.getRootNode() as ShadowRoot).getElementById(row.getAttribute('aria-describedby')!);
    equal(described?.textContent, 'Good morning');
  });

  it('that are mine can be deleted, after a question; a tombstone stays', async () => {
    const shown = await show(new ServerInPage({ lines: talk }));
    const row = await until(() => shown.row('Good morning to you'));
    equal(shown.row('Good morning')!.querySelector('.action'), null);
    row.querySelector<HTMLElement>('.action')!.click();
    const question = await until(() => shown.find('.question'));
    assert(question.textContent!.includes('Delete this message for everyone?'), 'It does not ask.');
    question.querySelector('button')!.click();
    await until(() => !shown.find('.question'));
    equal(shown.server.requests.some(({ kind }) => kind === 'message.delete'), false);
    row.focus();
    press(row, 'Delete');
    (await until(() => shown.find('.confirm'))).click();
    await until(() => shown.row('Message deleted'));
    equal(shown.row('Good morning to you'), undefined);
  });

  it('say why one could not be deleted, but not to whoever has gone on since', async () => {
    const shown = await show(new ServerInPage({ lines: talk }));
    const refusals: (() => void)[] = [];
    shown.room.client!.room(shown.server.roomId).delete = () => new Promise((_, reject) => refusals.push(() => reject(new Error('Too late.'))));
    const list = await until(() => shown.find<ChatterMessageList>('chatter-message-list'));
    const deleteMine = async (): Promise<void> => {
      (await until(() => shown.row('Good morning to you'))).querySelector<HTMLElement>('.action')!.click();
      (await until(() => shown.find('.confirm'))).click();
    };
    await deleteMine();
    refusals.pop()!();
    await until(() => shown.text('.trouble') === 'Too late.');
    await deleteMine();
    const { room } = list;
    list.room = undefined;
    await list.updateComplete;
    list.room = room;
    await list.updateComplete;
    refusals.pop()!();
    await settled();
    equal(shown.find('.trouble'), undefined);
  });

  it('tell who has seen the last of mine: "Seen", or names', async () => {
    const direct = await show(new ServerInPage({ kind: 'direct', lines: talk.slice(0, 4) }));
    await until(() => direct.row('Good morning'));
    equal(direct.find('.seen'), undefined);
    direct.server.saw(ada, 4);
    await until(() => direct.text('.seen') === 'Seen');
    // Mine before it were seen too: their mark says so.
    equal(direct.row('Good morning to you')!.querySelector<HTMLElement>('.state')?.title, 'Seen');
    direct.server.say(me, 'And later');
    await until(() => direct.row('And later')?.querySelector<HTMLElement>('.state')?.title === 'Sent');
    equal(direct.row('Good morning to you')!.querySelector<HTMLElement>('.state')?.title, 'Seen');
    const group = await show(new ServerInPage({ people: [ada, bo, cy, dee], lines: talk }));
    await until(() => group.row('Good morning'));
    group.server.saw(ada, 2);
    await until(() => group.row('Good morning to you')!.querySelector('.seen')?.textContent?.trim() === 'Seen by Ada Lovelace');
    for (const person of [ada, bo, cy, dee]) group.server.saw(person, 5);
    await until(() => group.text('.seen') === 'Seen by Ada Lovelace, Bo Karlsson and 2 more');
    equal(group.all('.seen').length, 1);
    group.find('.seen button')!.click();
    await until(() => group.text('.seen') === 'Seen by Ada Lovelace, Bo Karlsson, Cy Twombly, Dee Dee Bridgewater');
  });

  it('in a room too large to be told, who has seen them is told by asking', async () => {
    const server = new ServerInPage({ people: [ada, bo, cy, dee], lines: talk });
    server.isLarge = true;
    const shown = await show(server);
    const button = await until(() => shown.find('.seen button'));
    equal(button.textContent!.trim(), 'Seen…');
    button.click();
    await until(() => shown.text('.seen') === 'Seen by Ada Lovelace, Bo Karlsson and 138 more');
    equal((await server.requested('room.seen'))['seq'], 4);
  });

  it('have a divider before the first unread one, which stays while one reads', async () => {
    const server = new ServerInPage({ lines: talk, readSeq: 4 });
    const shown = await show(server);
    const row = await until(() => shown.row('🎉'));
    assert(row.querySelector('.unread'), 'There is no divider.');
    equal((await server.requested('room.read'))['seq'], 5);
    server.say(ada, 'And one more');
    await until(() => shown.row('And one more'));
    equal(shown.all('.unread').length, 1);
    assert(shown.row('🎉')!.querySelector('.unread'), 'The divider moved.');
  });

  it('are all in view at once, with the divider, where there is just enough room for them', async () => {
    const lines = Array.from({ length: 40 }, (_, index): Line => ({ by: ada, text: `line ${index}`, at: 60 - index }));
    const server = new ServerInPage({ lines, readSeq: 34 });
    const shown = await show(server);
    await until(() => server.requests.some(({ kind, seq }) => kind === 'room.read' && seq === 40));
    const divider = shown.find('.unread')!.getBoundingClientRect();
    const view = shown.find('.scroller')!.getBoundingClientRect();
    assert(divider.top >= view.top, `The divider is ${view.top - divider.top} px above the view.`);
    server.say(ada, 'one more');
    const row = await until(() => shown.row('one more'));
    await settled();
    assert(row.getBoundingClientRect().bottom <= view.bottom, 'What comes then is not followed.');
  });

  it('are marked read when they were really in view: not below the view, not before it is on the screen', async () => {
    const lines = Array.from({ length: 40 }, (_, index): Line => ({ by: ada, text: `line ${index}\n\n.`, at: 100 - index }));
    const server = new ServerInPage({ lines, readSeq: 5 });
    const shown = await show(server, (room) => (room.style.marginBlockStart = '3000px'));
    await until(() => shown.row('line 5\n\n.'));
    await settled();
    equal(server.requests.some(({ kind }) => kind === 'room.read'), false);
    shown.room.scrollIntoView();
    const read = await server.requested('room.read');
    assert(Number(read['seq']) > 5 && Number(read['seq']) < 30, `Read up to ${String(read['seq'])}.`);
    window.scrollTo(0, 0);
  });

  it('start at the first unread one, and lead to the latest by a button with the count', async () => {
    const lines = Array.from({ length: 45 }, (_, index): Line => ({ by: ada, text: `line ${index}\n\n.`, at: 100 - index }));
    const shown = await show(new ServerInPage({ lines, readSeq: 10 }));
    const divider = await until(() => shown.find('.unread'));
    const scroller = shown.find('.scroller')!;
    const offset = divider.getBoundingClientRect().top - scroller.getBoundingClientRect().top;
    assert(offset > 0 && offset < 250, `The divider is at ${offset} px.`);
    const jump = await until(() => shown.find('.jump'));
    shown.server.say(ada, 'the newest');
    await until(() => Number(shown.text('.jump-count')) > 20);
    jump.click();
    await until(() => shown.row('the newest'));
    await until(() => !shown.find('.jump'));
    assert(scroller.scrollHeight - scroller.clientHeight - scroller.scrollTop <= 1, 'It is not at the end.');
  });

  it('that are unread and far back are found by a button', async () => {
    const lines = Array.from({ length: 300 }, (_, index): Line => ({ by: ada, text: `line ${index}`, at: 1_000 - index }));
    const shown = await show(new ServerInPage({ lines, readSeq: 40 }));
    const button = await until(() => shown.find('.pill-unread'));
    equal(button.textContent!.trim(), '260 unread');
    button.click();
    await until(() => shown.row('line 40')?.querySelector('.unread'));
    await settled();
    const scroller = shown.find('.scroller')!;
    const offset = shown.find('.unread')!.getBoundingClientRect().top - scroller.getBoundingClientRect().top;
    assert(offset > 0 && offset < 250, `The divider is at ${offset} px.`);
    shown.find('.jump')!.click();
    await until(() => shown.row('line 299'));
  });

  it('are announced shortly when they come from others, a burst by its count', async () => {
    const shown = await show(new ServerInPage({ lines: talk }));
    await until(() => shown.row('Good morning'));
    const region = shown.find('.visually-hidden[aria-live=polite]')!;
    equal(region.textContent!.trim(), '');
    shown.server.say(ada, 'Lunch?');
    await until(() => region.textContent!.trim() === 'Ada Lovelace: Lunch?');
    shown.server.sayAll(Array.from({ length: 7 }, (_, index) => ({ by: bo, text: `n ${index}` })));
    await until(() => region.textContent!.trim() === '7 new messages');
  });

  it('are reached by the arrow keys, one Tab stop for all', async () => {
    const shown = await show(new ServerInPage({ lines: talk }));
    await until(() => shown.row('Good morning'));
    equal(shown.all('.row[tabindex="0"]').length, 1);
    const list = shown.find('chatter-message-list')!.shadowRoot!;
    shown.all('.row').at(-1)!.focus();
    press(shown.all('.row').at(-1)!, 'ArrowUp');
    await until(() => list.activeElement === shown.row('<b>bold</b> &amp;  two  spaces\nand a line'));
    press(list.activeElement as HTMLElement, 'Home');
    await until(() => list.activeElement === shown.row('Good morning'));
    press(list.activeElement as HTMLElement, 'End');
    await until(() => list.activeElement === shown.row('🎉'));
    equal(shown.all('.row[tabindex="0"]').length, 1);
  });
});

describe('The focus', () => {
  it('stays in the list when the row that has it scrolls out of the page', async () => {
    const lines = Array.from({ length: 50 }, (_, index): Line => ({ by: ada, text: `line ${index}\n\n\n\n\n.`, at: 100 - index }));
    const shown = await show(new ServerInPage({ lines }));
    const row = await until(() => shown.row('line 49\n\n\n\n\n.'));
    row.focus();
    const scroller = shown.find('.scroller')!;
    scroller.scrollTop = 300;
    await until(() => !row.isConnected);
    equal(shown.find('chatter-message-list')!.shadowRoot!.activeElement, scroller);
    press(scroller, 'ArrowUp');
    await until(() => shown.find('chatter-message-list')!.shadowRoot!.activeElement?.classList.contains('row'));
  });
});

describe('The details of a group', () => {
  async function openDetails(): Promise<Shown> {
    const shown = await show(new ServerInPage({ lines: talk, name: 'Terrace', people: [ada, bo] }));
    await until(() => shown.row('Good morning'));
    (await until(() => shown.find('.members'))).click();
    await until(() => shown.all('.member').length === 3);
    return shown;
  }

  it('list the members, oneself first, and close with Escape', async () => {
    const shown = await openDetails();
    equal(shown.all('.member')[0]!.textContent!.includes('Mia Jansen'), true);
    press(shown.find('.panel')!, 'Escape');
    await until(() => !shown.find('.panel'));
  });

  it('rename, remove after a question, and leave after a question', async () => {
    const shown = await openDetails();
    shown.find('.name-line button')!.click();
    const input = await until(() => shown.find<HTMLInputElement>('.rename input'));
    input.value = 'Balcony';
    shown.find<HTMLFormElement>('.rename')!.requestSubmit();
    equal((await shown.server.requested('room.rename'))['name'], 'Balcony');
    await until(() => !shown.find('.rename'));
    shown.all('.member button')[0]!.click();
    (await until(() => shown.find('.panel .question .btn-danger'))).click();
    equal((await shown.server.requested('member.remove'))['user'], 'ada');
    await until(() => !shown.find('.panel .question'));
    shown.find('.is-leave')!.click();
    const panel = shown.room.shadowRoot!.querySelector('chatter-room-details')!.shadowRoot!;
    await until(() => panel.activeElement?.textContent?.trim() === 'Cancel');
    (await until(() => shown.find('.panel .question .btn-danger'))).click();
    await shown.server.requested('room.leave');
  });

  it('list the members of a large group page by page', async () => {
    const server = new ServerInPage({ lines: talk, name: 'Terrace', people: [ada, bo, cy, dee] });
    server.isLarge = true;
    const shown = await show(server);
    (await until(() => shown.find('.members'))).click();
    await until(() => shown.all('.member').length === 2);
    const more = (): HTMLElement => shown.all('button.row').find((button) => button.textContent!.includes('Show more'))!;
    more().click();
    await until(() => shown.all('.member').length === 4);
    more().click();
    await until(() => shown.all('.member').length === 5);
    equal(more(), undefined as unknown as HTMLElement);
  });

  it('add people who are found', async () => {
    const shown = await openDetails();
    shown.find('.body > button.row')!.click();
    const option = await until(() => shown.all('[role=option]').find((one) => one.textContent!.includes('Cy Twombly')));
    option.click();
    const add = await until(() => shown.find<HTMLButtonElement>('.foot .btn-primary:not(:disabled)'));
    add.click();
    equal(JSON.stringify((await shown.server.requested('member.add'))['users']), '["cy"]');
    await until(() => shown.find('.is-leave'));
  });
});

describe('Axe finds nothing', () => {
  async function check(shown: Shown): Promise<void> {
    await settled();
    const { violations } = await axe.run(shown.room);
    const told = violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join('\n')}`);
    equal(told.join('\n'), '');
  }

  for (const scheme of ['light', 'dark']) {
    it(`in a room with all that can be in it, ${scheme}`, async () => {
      document.documentElement.style.colorScheme = scheme;
      document.documentElement.style.background = 'Canvas';
      document.documentElement.lang = 'en';
      document.title = 'Chatter';
      const shown = await show(new ServerInPage({ lines: talk, readSeq: 4, name: 'Terrace' }));
      await until(() => shown.row('🎉'));
      shown.server.refusal = 'No.';
      write(shown, 'Refused');
      press(shown.field(), 'Enter');
      await until(() => shown.all('.is-failed')[0]);
      shown.server.refusal = undefined;
      shown.server.types(ada);
      shown.server.saw(ada, 4);
      write(shown, 'x'.repeat(8_001));
      await check(shown);
      write(shown, 'x');
      shown.find('.members')!.click();
      const panel = await until(() => shown.find('.panel'));
      await Promise.all(panel.getAnimations().map((animation) => animation.finished));
      await check(shown);
      document.documentElement.style.colorScheme = '';
    });
  }

  it('in an empty room, and where none was chosen', async () => {
    const empty = await show(new ServerInPage({ kind: 'direct' }));
    await until(() => empty.text('.notice'));
    await check(empty);
    const none = await show(new ServerInPage(), (room) => (room.room = undefined));
    await until(() => none.text('.notice-title'));
    await check(none);
  });
});
