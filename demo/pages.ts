import { readFile, readdir } from 'node:fs/promises';
import { basename, extname, join } from 'node:path';
import { Hono } from 'hono';

const folder = import.meta.dirname;
const bootstrapFile = join(folder, '../node_modules/bootstrap/dist/css/bootstrap.min.css');
const contentTypes: Record<string, string> = {
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
};

/** The strictest policy that the elements promise to work under: nothing inline, no eval, no markup from text. */
export function contentSecurityPolicy(server = "'self'"): string {
  return [
    "default-src 'none'",
    `script-src ${server}`,
    "style-src 'self'",
    "connect-src 'self' ws: wss:",
    "img-src 'self' data:",
    "base-uri 'none'",
    "form-action 'none'",
    "require-trusted-types-for 'script'",
    'trusted-types lit-html',
  ].join('; ');
}

export interface PagesOptions {
  /** Ids of the rooms that pages name as `{{room:…}}`. */
  rooms: ReadonlyMap<string, string>;
  people: readonly { id: string; name: string }[];
  /** Paragraph that says where the conversations come from, where they come from somewhere. */
  attribution: string;
  /** Where the page of another site is, seen from a host name. */
  otherSite(hostname: string): string;
}

/** The demo's own pages. Each is a file that can be read as it is; the few `{{words}}` in it are filled in here. */
export function createPages({ rooms, people, attribution, otherSite }: PagesOptions): Hono {
  const pages = new Hono();
  const roomWords = Object.fromEntries([...rooms].map(([room, id]) => [`room:${room}`, id]));

  pages.get('/', async (context) => {
    const as = context.req.query('as');
    if (as === undefined) {
      return context.html(fill(await page('index'), { situations: await situationCards(), attribution, ...roomWords }), 200, strict());
    }
    const person = people.find(({ id }) => id === as);
    if (!person) return context.redirect('/');
    return context.html(fill(await page('alone'), { person: person.id, name: person.name, attribution }), 200, strict());
  });

  pages.get('/situations/plain.html', (context) => context.redirect(otherSite(new URL(context.req.url).hostname)));

  pages.get('/situations/:file', async (context) => {
    const name = basename(context.req.param('file'), '.html');
    if (!(await situationNames()).includes(name)) return context.notFound();
    const newcomer = `newcomer-${Math.random().toString(36).slice(2, 10)}`;
    return context.html(fill(await page(`situations/${name}`), { attribution, newcomer, ...roomWords }), 200, strict());
  });

  pages.get('/bootstrap.css', async () => asset(bootstrapFile));
  pages.get('/demo/:file{[\\w-]+\\.(css|js|svg)}', async (context) => asset(join(folder, 'browser', context.req.param('file'))));
  return pages;
}

/** A page that is served somewhere else altogether, with the server at `server`. */
export async function otherSitePage(server: string): Promise<{ html: string; headers: Record<string, string> }> {
  return {
    html: fill(await page('situations/plain'), { server }),
    headers: { 'content-security-policy': contentSecurityPolicy(server) },
  };
}

function strict(): Record<string, string> {
  return { 'content-security-policy': contentSecurityPolicy(), 'x-content-type-options': 'nosniff', 'cache-control': 'no-cache' };
}

async function asset(file: string): Promise<Response> {
  const body = await readFile(file).catch(() => undefined);
  if (!body) return new Response('There is no such file.', { status: 404 });
  return new Response(new Uint8Array(body), {
    headers: { 'content-type': contentTypes[extname(file)]!, 'x-content-type-options': 'nosniff', 'cache-control': 'no-cache' },
  });
}

function page(name: string): Promise<string> {
  return readFile(join(folder, `${name}.html`), 'utf8');
}

async function situationNames(): Promise<string[]> {
  return (await readdir(join(folder, 'situations'))).filter((file) => file.endsWith('.html')).map((file) => basename(file, '.html')).sort();
}

/** What a situation is called and what to look at is said in its own page, and only there. */
async function situationCards(): Promise<string> {
  const cards = await Promise.all((await situationNames()).map(async (name) => {
    const html = await page(`situations/${name}`);
    const [, title, sentence] = /<h1[^>]*>([^]*?)<\/h1>\s*<p[^>]*>([^]*?)<\/p>/.exec(html) ?? [];
    const language = /<html ([^>]*)>/.exec(html)?.[1]?.match(/(lang|dir)="\w+"/g)?.join(' ') ?? '';
    return `<li ${language}><a href="/situations/${name}.html">${title}</a><p>${sentence}</p></li>`;
  }));
  return cards.join('\n        ');
}

/** Everything that is filled in is ours: ids, names of the demo's people, markup of this file. */
function fill(html: string, words: Record<string, string>): string {
  return html.replaceAll(/\{\{(.+?)\}\}/g, (whole, word: string) => words[word] ?? whole);
}
