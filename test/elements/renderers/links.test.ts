import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { splitLinks } from '../../../elements/renderers/links.ts';

function links(text: string): string[] {
  return splitLinks(text).flatMap((piece) => (piece.kind === 'link' ? [`${piece.text} -> ${piece.href}`] : []));
}

function written(text: string): string {
  return splitLinks(text).map((piece) => piece.text).join('');
}

describe('links in a text', () => {
  const found: [string, string[]][] = [
    ['see https://example.com/a?b=c#d now', ['https://example.com/a?b=c#d -> https://example.com/a?b=c#d']],
    ['HTTP://EXAMPLE.com', ['HTTP://EXAMPLE.com -> http://example.com/']],
    ['www.example.com.', ['www.example.com -> https://www.example.com/']],
    ['http://localhost:3000/x', ['http://localhost:3000/x -> http://localhost:3000/x']],
    ['http://[::1]:80/', ['http://[::1]:80/ -> http://[::1]/']],
    ['(https://example.com/a)', ['https://example.com/a -> https://example.com/a']],
    ['https://en.wikipedia.org/wiki/Ada_(name)', ['https://en.wikipedia.org/wiki/Ada_(name) -> https://en.wikipedia.org/wiki/Ada_(name)']],
    ['(see https://en.wikipedia.org/wiki/Ada_(name)).', ['https://en.wikipedia.org/wiki/Ada_(name) -> https://en.wikipedia.org/wiki/Ada_(name)']],
    ['Is it https://example.com/?!', ['https://example.com/ -> https://example.com/']],
    ['“https://example.com/x”, he said', ['https://example.com/x -> https://example.com/x']],
    ['**https://example.com/x**', ['https://example.com/x -> https://example.com/x']],
    ['<https://example.com/x>', ['https://example.com/x -> https://example.com/x']],
    ['请看https://example.com/路。然后', ['https://example.com/路 -> https://example.com/%E8%B7%AF']],
    ['请看 https://example.com/路。然后', ['https://example.com/路 -> https://example.com/%E8%B7%AF']],
    ['mail ada@example.com, please', ['ada@example.com -> mailto:ada@example.com']],
    ['mailto:ada@example.com?subject=Hi', ['mailto:ada@example.com?subject=Hi -> mailto:ada@example.com?subject=Hi']],
    ['https://bücher.example/', ['https://bücher.example/ -> https://xn--bcher-kva.example/']],
    ['https://a.example\nhttps://b.example', ['https://a.example -> https://a.example/', 'https://b.example -> https://b.example/']],
  ];
  for (const [text, expected] of found) it(JSON.stringify(text), () => assert.deepEqual(links(text), expected));

  it('nothing but http, https and mailto is ever a link', () => {
    for (const text of [
      'javascript:alert(1)', 'JaVaScRiPt:alert(1)', 'java\tscript:alert(1)', 'java\nscript:alert(1)', '\u0001javascript:alert(1)',
      'javascript://example.com/%0aalert(1)', 'javascript:https://example.com'.replace('https://', ''), 'data:text/html,<script>alert(1)</script>',
      'vbscript:msgbox(1)', 'file:///etc/passwd', 'ftp://example.com', 'blob:null/1', 'https:', 'https://', 'http:///', 'https://x', 'www.',
      'mailto:', 'mailto:x', '@', 'a@b', 'xhttps://example.com', 'https://user:password@example.com', 'https://bank.example@evil.example/',
      'https://exa mple'.replace(' ', '%20'), 'http://%zz.example/',
    ]) {
      assert.deepEqual(links(text), [], JSON.stringify(text));
    }
    for (const text of ['javascript:https://example.com', 'javascript:/*https://example.com*/alert(1)']) {
      for (const piece of splitLinks(text)) if (piece.kind === 'link') assert.match(piece.href, /^https:\/\/example\.com/);
    }
  });

  it('a mark that turns the direction of writing ends a link, so that it reads as it is followed', () => {
    assert.deepEqual(links('https://example.com/\u202Emoc.live'), ['https://example.com/ -> https://example.com/']);
    assert.deepEqual(links('https://example.com/\u2066a'), ['https://example.com/ -> https://example.com/']);
  });

  it('the text itself is never changed', () => {
    for (const text of [
      '  two  spaces\n\n\tand a tab ', '<b>bold</b> &amp; <script>alert(1)</script>', 'a https://example.com/). b', '_waves_', '\u202Eabc',
      'https://example.com.', '', '👩‍👩‍👧', '(((https://a.example)))', 'x@example.com...',
    ]) {
      assert.equal(written(text), text);
    }
  });

  // A square of the length would be 10^12 steps here, and hang until the limit.
  it('hostile texts are cut in linear time', { timeout: 60_000 }, () => {
    const shapes = ['a', ')', 'http://a.b/)', 'https://a.b/(', '@', 'a@', 'a@a.', '.', 'http://', 'www.', 'a.a', 'https://a.b ', 'mailto:', '\u202e', 'a-'];
    for (const shape of shapes) {
      const text = shape.repeat(Math.ceil(2 ** 20 / shape.length));
      assert.equal(written(text), text);
    }
  });
});
