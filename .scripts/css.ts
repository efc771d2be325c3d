import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import postcss, { type AtRule, type Container, type Declaration, type Root, type Rule } from 'postcss';
import * as sass from 'sass';
import { root } from './root.ts';

/*
 * Makes `elements/styles/bootstrap.css.ts`: the Bootstrap subset and the tokens as a string, which all elements adopt as one sheet.
 * Bootstrap's CSS is made for a document. To work in a shadow root, and to follow the page around it, it is compiled under a
 * private prefix and then changed, rule by rule, as the functions below say.
 */

const folder = join(root, 'elements/styles');

/** Logical names, so that one sheet serves both directions of writing. */
const logicalNames: Record<string, string> = {
  'margin-left': 'margin-inline-start', 'margin-right': 'margin-inline-end',
  'padding-left': 'padding-inline-start', 'padding-right': 'padding-inline-end',
  'border-left': 'border-inline-start', 'border-right': 'border-inline-end',
  'border-left-width': 'border-inline-start-width', 'border-right-width': 'border-inline-end-width',
  'border-top-left-radius': 'border-start-start-radius', 'border-top-right-radius': 'border-start-end-radius',
  'border-bottom-left-radius': 'border-end-start-radius', 'border-bottom-right-radius': 'border-end-end-radius',
  'left': 'inset-inline-start', 'right': 'inset-inline-end',
};

/** A shadow tree holds no `:root` and no `body`, and cannot see `data-bs-theme` on an ancestor: such rules match nothing. */
function dropOutside(rule: Rule): void {
  const selectors = rule.selectors.filter((selector) => !/data-bs-theme|^:root|^body$/.test(selector));
  if (selectors.length === 0) rule.remove();
  else rule.selectors = selectors;
}

/** `rgba(var(--x-rgb), a)` needs a second token that a page would have to set as well; a relative colour does not. */
function followTokens(declaration: Declaration): void {
  declaration.value = declaration.value.replaceAll(
    /rgba\(\s*var\((--[\w-]+?)-rgb\)\s*,\s*((?:var\([^()]*(?:\([^()]*\))?[^()]*\)|[\d.]+))\s*\)/g,
    (_, token: string, alpha: string) => (alpha === '1' ? `var(${token})` : `rgb(from var(${token}) r g b / ${alpha})`),
  );
}

function makeLogical(declaration: Declaration): void {
  declaration.prop = logicalNames[declaration.prop] ?? declaration.prop;
  if (declaration.prop === 'text-align' && declaration.value === 'left') declaration.value = 'start';
  if (declaration.prop === 'text-align' && declaration.value === 'right') declaration.value = 'end';
}

/** Against pages that shrink `html`: our rem is a token (see `tokens.css`). */
function ownRem(declaration: Declaration): void {
  if (declaration.prop === '--_ch-rem') return;
  declaration.value = declaration.value.replaceAll(/(?<![\w.#-])(-?\d*\.?\d+)rem\b/g, (_, number: string) =>
    number === '1' ? 'var(--_ch-rem)' : `calc(var(--_ch-rem) * ${number})`);
}

/** Every word of the elements' sources: a class or a tag that is not among them is used nowhere. */
function wordsOfElements(): Set<string> {
  const words = new Set<string>();
  for (const entry of readdirSync(join(root, 'elements'), { recursive: true, encoding: 'utf8' })) {
    if (!entry.endsWith('.ts') || entry.endsWith('.css.ts')) continue;
    for (const [word] of readFileSync(join(root, 'elements', entry), 'utf8').matchAll(/[\w-]+/g)) words.add(word);
  }
  return words;
}

/** Drops the rules whose classes and tags occur nowhere. A class that is put together at run time would vanish: write it whole. */
function purge(sheet: Root, words: ReadonlySet<string>): void {
  sheet.walkRules((rule) => {
    if (parentName(rule) === 'keyframes') return;
    rule.selectors = rule.selectors.filter((selector) => {
      const plain = selector.replaceAll(/::?[\w-]+(\([^()]*\))?|\[[^\]]*\]/g, ' ');
      const classes = [...plain.matchAll(/\.([\w-]+)/g)].map((match) => match[1]!);
      const tags = plain.replaceAll(/\.[\w-]+/g, ' ').match(/[a-z][\w-]*/g) ?? [];
      return [...classes, ...tags].every((word) => words.has(word));
    });
    if (rule.selectors.join('') === '') rule.remove();
  });
}

function purgeKeyframes(sheet: Root): void {
  const text = sheet.toString();
  sheet.walkAtRules('keyframes', (atRule) => {
    const uses = text.split(atRule.params).length - 1;
    if (uses < 2) atRule.remove();
  });
}

/** A private token that nothing reads any more only costs bytes; taking one away may leave the next unread. */
function purgeTokens(sheet: Root, words: ReadonlySet<string>): void {
  for (let removed = -1; removed !== 0;) {
    removed = 0;
    const text = sheet.toString();
    sheet.walkDecls(/^--_ch-/, (declaration) => {
      if (words.has(declaration.prop) || text.includes(`var(${declaration.prop})`) || text.includes(`var(${declaration.prop},`)) return;
      declaration.remove();
      removed += 1;
    });
  }
}

function dropEmpty(container: Container): void {
  container.each((node) => {
    if (node.type === 'comment') node.remove();
    else if (node.type === 'rule' || node.type === 'atrule') {
      if (!node.nodes) return;
      dropEmpty(node);
      if (node.nodes.length === 0) node.remove();
    }
  });
}

function parentName(rule: Rule): string | undefined {
  return rule.parent?.type === 'atrule' ? (rule.parent as AtRule).name : undefined;
}

/** Whitespace that CSS does not need. Sass' own `compressed` cannot be used: it rewrites colours that are made at run time. */
function minify(css: string): string {
  return css
    .replaceAll(/\s+/g, ' ')
    .replaceAll(/ ?([{};,>]) ?/g, '$1')
    .replaceAll(/([\w-]): /g, '$1:')
    .replaceAll(';}', '}')
    .trim();
}

function makeCss(): string {
  const { css } = sass.compile(join(folder, 'bootstrap.scss'), {
    loadPaths: [join(root, 'node_modules/bootstrap/scss')],
    quietDeps: true,
    silenceDeprecations: ['import', 'global-builtin', 'color-functions', 'if-function'],
  });
  const text = [readFileSync(join(folder, 'tokens.css'), 'utf8'), css, readFileSync(join(folder, 'base.css'), 'utf8')].join('\n');
  const sheet = postcss.parse(text);
  sheet.walkAtRules('charset', (atRule) => void atRule.remove());
  sheet.walkRules(dropOutside);
  const words = wordsOfElements();
  purge(sheet, words);
  sheet.walkDecls((declaration) => {
    followTokens(declaration);
    makeLogical(declaration);
    ownRem(declaration);
  });
  purgeKeyframes(sheet);
  purgeTokens(sheet, words);
  dropEmpty(sheet);
  const left = sheet.toString().match(/var\(--[\w-]+-rgb\)|--bs-[\w-]+-rgb/);
  if (left) throw new Error(`The style sheet still holds ${left[0]}, which does not follow a page's theme: teach .scripts/css.ts to change it.`);
  return minify(sheet.toString());
}

const css = makeCss();
writeFileSync(
  join(folder, 'bootstrap.css.ts'),
  `// Made by .scripts/css.ts from bootstrap.scss, tokens.css and base.css.\nexport default ${JSON.stringify(css)};\n`,
);
