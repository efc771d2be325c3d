import type { Hono } from 'hono';

/** What somebody sees who opens the server's address: that it runs, and what to paste. Self-contained, and without a script. */
export function addStatusPage(app: Hono, basePath: string, hasGuests: boolean): void {
  app.get('/', (c) => {
    const url = new URL(c.req.url);
    const server = `${url.origin}${basePath}`;
    c.header('Content-Security-Policy', "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'");
    c.header('X-Content-Type-Options', 'nosniff');
    return c.html(page(escapeHtml(server), hasGuests));
  });
}

function page(server: string, hasGuests: boolean): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Chatter</title>
<style>
:root { color-scheme: light dark; font: 1rem/1.6 system-ui, sans-serif }
body { max-width: 46rem; margin: 12vh auto; padding: 0 1.5rem }
pre { padding: 1rem 1.25rem; border-radius: .5rem; overflow-x: auto; background: color-mix(in srgb, currentColor 8%, transparent) }
</style>
</head>
<body>
<h1>Chatter runs.</h1>
<p>Paste this where people should chat. <code>/chat-token</code> is an address of your own site that answers <code>{"token": "…"}</code>
for whoever is signed in there.</p>
<pre><code>${escapeHtml(`<script type="module" src="`)}${server}${escapeHtml(`/chatter.js"></script>
<chatter-connection server="`)}${server}${escapeHtml(`" token-url="/chat-token">
  <chatter-room-list></chatter-room-list>
  <chatter-room></chatter-room>
</chatter-connection>`)}</code></pre>
${hasGuests ? tokenOfGuest(server) : tokenOfSite}
</body>
</html>
`;
}

const tokenOfSite = '<p>How your site makes tokens stands in the README, under Tokens.</p>';

function tokenOfGuest(server: string): string {
  return `<p>Guests are let in here, for trying things out. A token for one, to be pasted as <code>token="…"</code> in place of <code>token-url</code>:</p>
<pre><code>curl -H 'Content-Type: application/json' -d '{"name": "Ada"}' ${server}/guest</code></pre>`;
}

function escapeHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
