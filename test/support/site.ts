import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { extname } from 'node:path';
import { listenAnywhere } from './listening.ts';

const types: Record<string, string> = { '.html': 'text/html; charset=utf-8', '.js': 'text/javascript', '.css': 'text/css', '.json': 'application/json' };

type Files = Map<string, string | (() => Promise<string>)>;

/** The site of somebody who has Chatter on it: pages of another origin than the chat's. */
export class Site {
  /** What it answers, by path: text is a file of the type that its ending says, or a page; what has to be asked for is JSON. */
  readonly files: Files;
  /** Address, without a slash at the end. */
  readonly url: string;
  readonly close: () => Promise<void>;

  private constructor(files: Files, url: string, close: () => Promise<void>) {
    this.files = files;
    this.url = url;
    this.close = close;
  }

  static async start(): Promise<Site> {
    const files: Files = new Map();
    const { url, close } = await listenAnywhere(createServer((request, response) => void answer(files, request, response)));
    return new Site(files, url, close);
  }

  /** Adds a page with this in its body. Returns its address. */
  addPage(path: string, body: string, head = ''): string {
    const page = `<!doctype html><html lang="en"><head><title>Shop</title><link rel="icon" href="data:,">${head}</head><body>\n${body}\n</body></html>`;
    this.files.set(path, page);
    return this.url + path;
  }
}

async function answer(files: Files, { url = '/' }: IncomingMessage, response: ServerResponse): Promise<void> {
  const path = url.replace(/\?.*$/, '');
  const file = files.get(path);
  if (file === undefined) {
    response.writeHead(404).end(`There is no ${path}.`);
    return;
  }
  const isText = typeof file === 'string';
  const type = isText ? types[extname(path)] ?? types['.html'] : types['.json'];
  response.writeHead(200, { 'Content-Type': type, 'Cache-Control': 'no-store' }).end(isText ? file : await file());
}
