import '../../elements/define.ts';
import type { ChatterMessageList } from '../../elements/chatter-message-list.ts';
import type { ChatterRoom } from '../../elements/chatter-room.ts';
import { ada, bo, me, ServerInPage, type Line } from '../support/server-in-page.ts';

const mounted: HTMLElement[] = [];

/** Texts of very different heights, by three people. */
function conversation(count: number): Line[] {
  return Array.from({ length: count }, (_, index) => ({
    by: [ada, bo, me][Math.floor(index / 3) % 3]!,
    text: `${index}: ${'words and more words '.repeat((index * 7) % 23)}${index % 9 === 0 ? '\n\nanother paragraph\n' : ''}`,
    at: count - index,
  }));
}

interface Look {
  server: ServerInPage;
  room: ChatterRoom;
  list: ChatterMessageList;
  scroller: HTMLElement;
  /** Rows in the page. */
  rows: () => HTMLElement[];
  /** The first row that can be seen, and where it is: what must not move. */
  place: () => { key: string; top: number };
  /** Where that row is now. */
  topOf: (key: string) => number;
  distanceFromEnd: () => number;
}

async function look(server: ServerInPage, size = { width: 600, height: 500 }): Promise<Look> {
  const client = server.client();
  const room = document.createElement('chatter-room');
  room.client = client;
  room.room = server.roomId;
  room.style.cssText = `inline-size: ${size.width}px; block-size: ${size.height}px`;
  document.body.append(room);
  mounted.push(room);
  await until(() => room.shadowRoot!.querySelector('chatter-message-list:not([hidden])')?.shadowRoot?.querySelector('.row'));
  const list = room.shadowRoot!.querySelector('chatter-message-list')!;
  const scroller = list.shadowRoot!.querySelector<HTMLElement>('.scroller')!;
  await settled(list);
  const rows = (): HTMLElement[] => [...list.shadowRoot!.querySelectorAll<HTMLElement>('.row')];
  const top = (row: HTMLElement): number => row.getBoundingClientRect().top - scroller.getBoundingClientRect().top;
  return {
    server, room, list, scroller, rows,
    place() {
      const row = rows().find((one) => top(one) + one.offsetHeight > 0)!;
      return { key: row.dataset['key']!, top: top(row) };
    },
    topOf(key) {
      const row = rows().find((one) => one.dataset['key'] === key);
      if (!row) throw new Error(`The row ${key} is not in the page.`);
      return top(row);
    },
    distanceFromEnd: () => scroller.scrollHeight - scroller.clientHeight - scroller.scrollTop,
  };
}

const frame = (): Promise<void> => new Promise((resolve) => requestAnimationFrame(() => resolve()));

/** Waits for what must become true, frame by frame; the test's own limit ends a wait in vain. */
async function until<T>(condition: () => T): Promise<NonNullable<T>> {
  for (;;) {
    const value = condition();
    if (value) return value;
    await frame();
  }
}

/** All updates are done, observers have run, and nothing wants another one. */
async function settled(list: ChatterMessageList): Promise<void> {
  for (let quiet = 0; quiet < 3; quiet += 1) {
    await list.updateComplete;
    await frame();
    if (list.isUpdatePending) quiet = -1;
  }
}

/** As a person scrolls: the browser moves, tells so, and comes to rest. */
async function scrollTo(at: Look, top: number): Promise<void> {
  const rested = new Promise((resolve) => at.scroller.addEventListener('scrollend', resolve, { once: true }));
  at.scroller.scrollTop = top;
  await rested;
  await settled(at.list);
}

function assertStill(before: { key: string; top: number }, at: Look): void {
  const drift = at.topOf(before.key) - before.top;
  // A hundredth: positions are binary fractions, and sums of them are rounded.
  if (Math.abs(drift) > 0.01) throw new Error(`The first visible message moved by ${drift} px.`);
}

function assert(condition: unknown, message: string): asserts condition {
  if (!condition) throw new Error(message);
}

afterEach(() => mounted.splice(0).forEach((element) => element.remove()));

describe('The list of messages holds still', () => {
  it('0 px when fifty older messages come before', async () => {
    const server = new ServerInPage({ lines: conversation(200) });
    const at = await look(server);
    server.held.add('history');
    await scrollTo(at, 300);
    await server.requested('history');
    const before = at.place();
    server.release('history');
    await until(() => at.room.client!.room(server.roomId).state.messages.length > 50);
    await settled(at.list);
    assertStill(before, at);
  });

  it('0 px when messages come while one reads', async () => {
    const at = await look(new ServerInPage({ lines: conversation(50) }));
    await scrollTo(at, 400);
    const before = at.place();
    at.server.say(ada, 'news\n'.repeat(10));
    at.server.sayAll(conversation(30));
    await until(() => at.room.client!.room(at.server.roomId).state.messages.length === 81);
    await settled(at.list);
    assertStill(before, at);
  });

  it('0 px when a row above grows late, as with an image', async () => {
    const at = await look(new ServerInPage({ lines: conversation(50) }));
    await scrollTo(at, 1_500);
    const before = at.place();
    const index = at.rows().findIndex((row) => row.dataset['key'] === before.key);
    const above = at.rows()[index - 2]!;
    const image = document.createElement('div');
    image.style.blockSize = '237.4px';
    above.append(image);
    await frame();
    assertStill(before, at);
    image.style.blockSize = '20px';
    await frame();
    assertStill(before, at);
  });

  it('0 px when the first visible row itself grows, or one below it', async () => {
    const at = await look(new ServerInPage({ lines: conversation(50) }));
    await scrollTo(at, 1_500);
    const before = at.place();
    const index = at.rows().findIndex((row) => row.dataset['key'] === before.key);
    for (const row of [at.rows()[index]!, at.rows()[index + 1]!]) {
      const image = document.createElement('div');
      image.style.blockSize = '180px';
      row.append(image);
      await frame();
      assertStill(before, at);
    }
  });

  it('0 px when a message above is deleted or becomes longer', async () => {
    const at = await look(new ServerInPage({ lines: conversation(50) }));
    await scrollTo(at, 1_500);
    const before = at.place();
    const index = at.rows().findIndex((row) => row.dataset['key'] === before.key);
    const above = at.rows()[index - 1]!.dataset['key'];
    const message = at.server.messages.find(({ senderId, clientMsgId }) => `${senderId}:${clientMsgId}` === above)!;
    at.server.edit(message, 'much longer than it was\n'.repeat(20));
    await settled(at.list);
    assertStill(before, at);
  });

  it('0 px when the element becomes lower or wider', async () => {
    const at = await look(new ServerInPage({ lines: conversation(50) }));
    await scrollTo(at, 1_500);
    const before = at.place();
    for (const [width, height] of [[600, 380], [600, 640], [420, 500], [760, 500]]) {
      at.room.style.inlineSize = `${width}px`;
      at.room.style.blockSize = `${height}px`;
      await settled(at.list);
      assertStill(before, at);
    }
  });

  it('0 px over a hundred turns of the wheel with growth in between: nothing adds up', async () => {
    const at = await look(new ServerInPage({ lines: conversation(150) }));
    await scrollTo(at, 1_500);
    for (let turn = 0; turn < 20; turn += 1) {
      await scrollTo(at, Math.max(40, at.scroller.scrollTop - 37));
      const before = at.place();
      at.rows()[0]!.style.paddingBlockEnd = `${turn * 3.3}px`;
      await frame();
      assertStill(before, at);
    }
  });

  it('a list that was hidden, or moved in the page, is where it was', async () => {
    const at = await look(new ServerInPage({ lines: conversation(50) }));
    await scrollTo(at, 1_200);
    const before = at.place();
    at.room.style.display = 'none';
    await settled(at.list);
    at.room.style.display = '';
    await settled(at.list);
    assertStill(before, at);
    const elsewhere = document.createElement('div');
    document.body.append(elsewhere);
    elsewhere.append(at.room);
    await settled(at.list);
    assertStill(before, at);
  });
});

describe('The list of messages stays at its end', () => {
  async function assertAtEnd(at: Look): Promise<void> {
    await settled(at.list);
    assert(at.distanceFromEnd() <= 1, `The list is ${at.distanceFromEnd()} px from its end.`);
  }

  it('from the beginning, and when messages come', async () => {
    const at = await look(new ServerInPage({ lines: conversation(50) }));
    await assertAtEnd(at);
    at.server.say(ada, 'one more');
    await until(() => at.rows().at(-1)!.textContent!.includes('one more'));
    await assertAtEnd(at);
    at.server.sayAll(conversation(40));
    await assertAtEnd(at);
  });

  it('when a row grows, and when the phone’s keyboard takes half of the height', async () => {
    const at = await look(new ServerInPage({ lines: conversation(50) }));
    at.rows().at(-1)!.style.paddingBlockEnd = '200px';
    await assertAtEnd(at);
    at.room.style.blockSize = '260px';
    await assertAtEnd(at);
    at.room.style.blockSize = '500px';
    await assertAtEnd(at);
    at.room.style.inlineSize = '320px';
    await assertAtEnd(at);
  });

  it('when older messages are loaded', async () => {
    const at = await look(new ServerInPage({ lines: conversation(200) }), { width: 1_000, height: 900 });
    await at.room.client!.room(at.server.roomId).loadBefore();
    await assertAtEnd(at);
  });

  it('shows the way down, with the count, as soon as something unread is below the edge', async () => {
    const at = await look(new ServerInPage({ people: [ada, bo], lines: conversation(40) }));
    at.scroller.scrollTop -= 60;
    await settled(at.list);
    at.server.say(ada, 'just below');
    await until(() => at.list.shadowRoot!.querySelector('.jump-count')?.textContent === '1');
    if (at.distanceFromEnd() > 160) throw new Error(`${at.distanceFromEnd()} px below would be shown anyway`);
  });

  it('and comes back there after the wheel went away from it and returned', async () => {
    const at = await look(new ServerInPage({ lines: conversation(50) }));
    await scrollTo(at, at.scroller.scrollTop - 200);
    at.server.say(ada, 'unseen');
    await settled(at.list);
    assert(at.distanceFromEnd() > 150, 'It followed although the reader had gone away.');
    await scrollTo(at, at.scroller.scrollHeight);
    at.server.say(ada, 'seen');
    await until(() => at.rows().at(-1)!.textContent!.includes('seen'));
    await assertAtEnd(at);
  });
});

describe('A long room costs what a short one does', () => {
  it('5,000 messages stand in the page as fewer than a hundred rows, wherever one looks', async () => {
    const at = await look(new ServerInPage({ lines: conversation(5_000) }));
    const room = at.room.client!.room(at.server.roomId);
    while (room.state.hasBefore) {
      await room.loadBefore();
      assert(at.rows().length < 100, `${at.rows().length} rows stand in the page.`);
    }
    assert(room.state.messages.length === 5_000, `${room.state.messages.length} messages are loaded.`);
    for (const part of [0, 0.25, 0.5, 0.75, 1]) {
      await scrollTo(at, 3 + part * (at.scroller.scrollHeight - at.scroller.clientHeight - 6));
      assert(at.rows().length < 100, `${at.rows().length} rows stand in the page.`);
      const { top, bottom } = at.scroller.getBoundingClientRect();
      const first = at.rows()[0]!.getBoundingClientRect();
      const last = at.rows().at(-1)!.getBoundingClientRect();
      assert(first.top <= top + 70 && last.bottom >= bottom - 30, 'A part of the view is empty.');
    }
  });
});

describe('A long room that is read from its beginning', () => {
  it('stays in place when a new message makes the client let go of the oldest one', async () => {
    const at = await look(new ServerInPage({ lines: conversation(5_000) }));
    const room = at.room.client!.room(at.server.roomId);
    while (room.state.hasBefore) await room.loadBefore();
    await settled(at.list);
    await scrollTo(at, 500);
    await scrollTo(at, 0);
    const second = at.rows()[1]!.dataset['key']!;
    const before = { key: second, top: at.topOf(second) };
    at.server.say(ada, 'one too many');
    await until(() => room.state.messages.length === 5_000 && room.state.messages[0]!.key === second);
    await settled(at.list);
    assertStill(before, at);
  });
});
