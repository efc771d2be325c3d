import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { dirname, extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { Context, Hono } from 'hono';

const types: Record<string, string> = {
  '.js': 'text/javascript; charset=utf-8', '.css': 'text/css; charset=utf-8', '.json': 'application/json',
  '.map': 'application/json', '.svg': 'image/svg+xml',
};
/** Where the built elements are: beside the server in its package, in `dist/` in a checkout. */
const usualFiles = ['../public/chatter.js', '../../dist/script/chatter.js'].map((path) => fileURLToPath(new URL(path, import.meta.url)));

/**
 * The elements for a script tag, and what they load on demand from beside them. Any page may have them: they are code, and
 * hold nothing of anybody.
 */
export function addElementsFiles(app: Hono, elementsFile: string | undefined): void {
  const read = cachedReader();
  const candidates = elementsFile === undefined ? usualFiles : [elementsFile];
  app.get('/chatter.js', async (c) => {
    for (const file of candidates) {
      const found = await read(file);
      if (found) return respond(c, found, '.js');
    }
    return c.text('chatter.js is not built: run "npm run build" in the checkout.', 404);
  });
  // Only names that the build gives (`chatter-NAME-HASH.js`): nothing in them can climb out of the folder.
  app.get('/:file{chatter-[\\w.-]+}', async (c, next) => {
    const name = c.req.param('file');
    if (!Object.hasOwn(types, extname(name))) return next();
    for (const file of candidates) {
      const found = await read(join(dirname(file), name));
      if (found) return respond(c, found, extname(name));
    }
    return next();
  });
}

interface Encoded {
  bytes: Uint8Array<ArrayBuffer>;
  etag: string;
}

interface FoundFile {
  plain: Encoded;
  /** A quarter of the bytes; nearly every browser takes it. */
  gzipped: Encoded;
}

function respond(c: Context, found: FoundFile, type: string): Response {
  const takesGzip = /\bgzip\b(?!\s*;\s*q=0(?![.\d]*[1-9]))/.test(c.req.header('accept-encoding') ?? '');
  const { bytes, etag } = takesGzip ? found.gzipped : found.plain;
  const known = c.req.header('if-none-match');
  const headers = {
    'ETag': etag,
    'Vary': 'Accept-Encoding',
    ...(takesGzip ? { 'Content-Encoding': 'gzip' } : {}),
    // Asked for again each time and mostly answered with 304, so that a page never runs the elements of an older server.
    'Cache-Control': 'no-cache',
    'Access-Control-Allow-Origin': '*',
    'Cross-Origin-Resource-Policy': 'cross-origin',
    'X-Content-Type-Options': 'nosniff',
  };
  if (known?.split(',').some((tag) => tag.trim().replace(/^W\//, '') === etag)) return new Response(null, { status: 304, headers });
  return new Response(bytes, { headers: { ...headers, 'Content-Type': types[type]! } });
}

/** Reads a file once for each time it was written. */
function cachedReader(): (file: string) => Promise<FoundFile | undefined> {
  const kept = new Map<string, { writtenAt: number; found: FoundFile }>();
  return async (file) => {
    const writtenAt = await stat(file).then((stats) => (stats.isFile() ? stats.mtimeMs : undefined), () => undefined);
    if (writtenAt === undefined) return undefined;
    const known = kept.get(file);
    if (known?.writtenAt === writtenAt) return known.found;
    const bytes = new Uint8Array(await readFile(file));
    const hash = createHash('sha256').update(bytes).digest('base64url').slice(0, 22);
    const zipped = new Uint8Array(await promisify(gzip)(bytes, { level: 9 }));
    const found = { plain: { bytes, etag: `"${hash}"` }, gzipped: { bytes: zipped, etag: `"${hash}-gzip"` } };
    kept.set(file, { writtenAt, found });
    return found;
  };
}
