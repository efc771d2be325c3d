import '../../../elements/define.ts';
import { deep, equal, ok, until } from '../../support/mount.ts';
import { RoomsInPage, roomSummary } from '../../support/rooms-in-page.ts';

interface Look {
  background: string;
  text: string;
  primary: string;
  titleSize: string;
  family: string;
}

/** A page of its own: what it says to the elements (`html` attributes, CSS, a wrapper), and how the room list then looks. */
async function look(page: { attributes?: string; css?: string; wrapper?: string; withBootstrap?: boolean }): Promise<Look> {
  const frame = document.createElement('iframe');
  frame.style.cssText = 'width: 400px; height: 500px; border: 0';
  const bootstrap = page.withBootstrap ? '<link rel="stylesheet" href="/node_modules/bootstrap/dist/css/bootstrap.min.css">' : '';
  frame.srcdoc = `<!doctype html><html ${page.attributes ?? ''}><head>${bootstrap}<style>${page.css ?? ''}</style>
    <script type="module" src="/elements/define.ts"></script></head>
    <body><div ${page.wrapper ?? ''}><chatter-room-list></chatter-room-list></div></body></html>`;
  document.body.append(frame);
  await new Promise((resolve) => frame.addEventListener('load', resolve, { once: true }));
  const list = frame.contentDocument!.querySelector('chatter-room-list')!;
  await until(() => list.shadowRoot);
  list.client = new RoomsInPage([roomSummary('a', { unread: 1 })]).client();
  const badge = await until(() => deep(list.parentElement!, 'chatter-room-list >>> .unread')[0]);
  const style = (element: Element): CSSStyleDeclaration => frame.contentWindow!.getComputedStyle(element);
  const seen = {
    background: style(list).backgroundColor,
    text: style(list).color,
    primary: style(badge).backgroundColor,
    titleSize: style(deep(list.parentElement!, 'chatter-room-list >>> .title')[0]!).fontSize,
    family: style(list).fontFamily,
  };
  frame.remove();
  return seen;
}

const white = 'rgb(255, 255, 255)';
const bootstrapDark = 'rgb(33, 37, 41)';
const bootstrapLightText = 'rgb(33, 37, 41)';
const bootstrapDarkText = 'rgb(222, 226, 230)';
const blue = 'rgb(13, 110, 253)';
const violet = 'rgb(123, 44, 191)';

describe('the theme of the page', () => {
  it('a page without Bootstrap has the defaults, and a font that can be read', async () => {
    const { background, text, primary, family } = await look({});
    equal([background, text, primary], [white, bootstrapLightText, blue]);
    ok(family.includes('system-ui'), `${family} is the system's`);
  });

  it('a page without Bootstrap that is dark by color-scheme makes it dark', async () => {
    const { background, text } = await look({ css: ':root { color-scheme: dark }' });
    equal([background, text], [bootstrapDark, bootstrapDarkText]);
  });

  it('a page with Bootstrap looks like Bootstrap, with its font', async () => {
    const { background, text, primary, family } = await look({ withBootstrap: true });
    equal([background, text, primary], [white, bootstrapLightText, blue]);
    ok(family.startsWith('system-ui'), `${family} is Bootstrap's`);
  });

  it('data-bs-theme=dark on <html> makes it dark', async () => {
    const { background, text } = await look({ withBootstrap: true, attributes: 'data-bs-theme="dark"' });
    equal([background, text], [bootstrapDark, bootstrapDarkText]);
  });

  it('data-bs-theme=dark on a wrapper makes it dark', async () => {
    const { background, text } = await look({ withBootstrap: true, wrapper: 'data-bs-theme="dark"' });
    equal([background, text], [bootstrapDark, bootstrapDarkText]);
  });

  it('--bs-primary of the page is its primary colour', async () => {
    const { primary } = await look({ withBootstrap: true, css: ':root { --bs-primary: #7b2cbf }' });
    equal(primary, violet);
  });

  it('--chatter-primary wins over the page, on the page or on a wrapper', async () => {
    const css = ':root { --bs-primary: #ff0000; --chatter-primary: #7b2cbf }';
    equal((await look({ withBootstrap: true, css })).primary, violet);
    equal((await look({ wrapper: 'style="--chatter-primary: #7b2cbf"' })).primary, violet);
  });

  it('takes the font of the page', async () => {
    equal((await look({ css: 'body { font-family: "Comic Neue", cursive }' })).family, '"Comic Neue", cursive');
  });

  it('keeps its size on a page that shrinks rem', async () => {
    equal((await look({ css: 'html { font-size: 10px }' })).titleSize, (await look({})).titleSize);
  });

  it('leaves nothing of its own on the page', async () => {
    const before = document.styleSheets.length + document.adoptedStyleSheets.length + document.querySelectorAll('style').length;
    const list = document.createElement('chatter-room-list');
    list.client = new RoomsInPage().client();
    document.body.append(list);
    await list.updateComplete;
    equal(document.styleSheets.length + document.adoptedStyleSheets.length + document.querySelectorAll('style').length, before);
    list.remove();
  });
});
