import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

/*
 * The shape of the house: who may import whom, and what may stand where. A red test here means that code stands in the wrong
 * place, or that the house was changed; then change this file, and the table in `.github/CONTRIBUTING.md` with it.
 */

const root = fileURLToPath(new URL('..', import.meta.url));
const protocol = '#protocol/';
/** The files that say what a seam is; everything beside them is one way to do it. */
const interfaces = ['server/store/store.ts', 'server/bus/bus.ts', 'server/auth/auth.ts'];

interface Source {
  path: string;
  tree: ts.SourceFile;
  imports: Import[];
}

interface Import {
  /** A path from the root, `#protocol/NAME`, or the name of a package. */
  what: string;
  isTypeOnly: boolean;
}

const sources = ['elements', 'server', 'demo', 'test', '.scripts'].flatMap((folder) =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.css.ts'))
    .map((file) => parse(`${folder}/${file}`)),
);

function parse(path: string): Source {
  const tree = ts.createSourceFile(path, readFileSync(join(root, path), 'utf8'), ts.ScriptTarget.ES2022, true);
  const imports: Import[] = [];
  visit(tree, (node) => {
    const isStatic = ts.isImportDeclaration(node) || ts.isExportDeclaration(node);
    const isDynamic = ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword;
    const specifier = isStatic ? node.moduleSpecifier : isDynamic ? node.arguments[0] : undefined;
    if (specifier === undefined || !ts.isStringLiteral(specifier)) return;
    imports.push({ what: resolve(path, specifier.text), isTypeOnly: isStatic && isOfTypes(node) });
  });
  return { path, tree, imports };
}

function isOfTypes(node: ts.ImportDeclaration | ts.ExportDeclaration): boolean {
  if (ts.isExportDeclaration(node)) return node.isTypeOnly;
  const clause = node.importClause;
  if (clause === undefined) return false;
  const named = clause.namedBindings;
  const areAllTypes = named !== undefined && ts.isNamedImports(named) && named.elements.every((element) => element.isTypeOnly);
  return clause.phaseModifier === ts.SyntaxKind.TypeKeyword || (areAllTypes && clause.name === undefined);
}

function resolve(from: string, specifier: string): string {
  if (specifier.startsWith('.')) return normalize(join(dirname(from), specifier));
  // The alias and the path mean the same file.
  return specifier.startsWith(protocol) ? `server/protocol/${specifier.slice(protocol.length)}.ts` : specifier;
}

function visit(node: ts.Node, look: (node: ts.Node) => void): void {
  look(node);
  ts.forEachChild(node, (child) => visit(child, look));
}

function within(...folders: string[]): Source[] {
  return sources.filter(({ path }) => folders.some((folder) => path.startsWith(folder)));
}

/** Fails with every import of these sources that `isAllowed` refuses. */
function assertImports(from: readonly Source[], isAllowed: (found: Import, source: Source) => boolean): void {
  const wrong = from.flatMap((source) => source.imports
    .filter((found) => !isAllowed(found, source))
    .map(({ what, isTypeOnly }) => `${source.path} imports ${isTypeOnly ? 'types of ' : ''}${what}`));
  assertNone(wrong, 'These imports cross a wall:');
}

function isIn(what: string, ...places: string[]): boolean {
  return places.some((place) => what === place || (place.endsWith('/') && what.startsWith(place)));
}

function isBuiltin(what: string): boolean {
  return what.startsWith('node:');
}

/** Numbers may be imported; schemas only as types, or zod would reach the page. */
function isProtocolForBrowsers({ what, isTypeOnly }: Import): boolean {
  return what === 'server/protocol/codes.ts' || (isTypeOnly && isIn(what, 'server/protocol/models.ts', 'server/protocol/frames.ts'));
}

/** Text of a source without its comments. */
function codeOf({ tree }: Source): string {
  const characters = tree.text.split('');
  visit(tree, (node) => {
    const ranges = [...ts.getLeadingCommentRanges(tree.text, node.getFullStart()) ?? [], ...ts.getTrailingCommentRanges(tree.text, node.getEnd()) ?? []];
    for (const { pos, end } of ranges) for (let at = pos; at < end; at++) if (characters[at] !== '\n') characters[at] = ' ';
  });
  return characters.join('');
}

/** Which of these globals a source uses: names that it neither declares nor reads off something. */
function globalsIn({ path, tree }: Source, globals: readonly string[]): string[] {
  const declared = new Set<string>();
  const used = new Set<string>();
  visit(tree, (node) => {
    if (!ts.isIdentifier(node) || !globals.includes(node.text)) return;
    const { parent } = node;
    const isName = 'name' in parent && parent.name === node;
    if (isName && (ts.isVariableDeclaration(parent) || ts.isParameter(parent) || ts.isBindingElement(parent))) declared.add(node.text);
    else if (!isName) used.add(node.text);
    else if (ts.isPropertyAccessExpression(parent) && parent.expression.getText(tree) === 'globalThis') used.add(node.text);
  });
  return [...used].filter((name) => !declared.has(name)).map((name) => `${path} uses ${name}`);
}

function assertNone(wrong: readonly string[], why: string): void {
  assert.ok(wrong.length === 0, `${why}\n  ${wrong.join('\n  ')}`);
}

function assertNowhere(from: readonly Source[], pattern: RegExp, why: string): void {
  const wrong = from.flatMap((source) => codeOf(source).split('\n').flatMap((line, index) =>
    pattern.test(line) ? [`${source.path}:${index + 1}: ${line.trim()}`] : []));
  assertNone(wrong, why);
}

test('elements take of the server only the protocol: its numbers, and its types', () => {
  const packages = ['lit', 'lit/', '@lit/context'];
  assertImports(within('elements/').filter(({ path }) => !path.startsWith('elements/client/')),
    (found) => isIn(found.what, 'elements/', ...packages) || isProtocolForBrowsers(found));
});

test('the headless client knows neither Lit nor the page', () => {
  const client = within('elements/client/');
  assertImports(client, (found) => isIn(found.what, 'elements/client/', 'idb') || isProtocolForBrowsers(found));
  const pageGlobals = client.flatMap((source) => globalsIn(source, ['document', 'window', 'HTMLElement', 'customElements']));
  assertNone(pageGlobals, 'The client also runs where there is no page:');
});

test('the protocol imports zod alone, and its numbers import nothing', () => {
  assertImports(within('server/protocol/'), ({ what }, { path }) => path !== 'server/protocol/codes.ts' && isIn(what, 'server/protocol/', 'zod'));
});

test('actions see interfaces only: no web framework, no websocket, no database', () => {
  const common = ['server/actions/', 'server/protocol/', 'server/errors.ts', 'server/clock.ts', 'server/log.ts', 'server/occasional-log.ts', 'server/metrics.ts', 'server/context.ts', 'zod'];
  assertImports(within('server/actions/'), ({ what, isTypeOnly }) =>
    isBuiltin(what) || isIn(what, ...common) || (isTypeOnly && isIn(what, ...interfaces)));
});

test('routes and socket call actions; of store, bus and auth they know the interface', () => {
  const seams = ['server/store/', 'server/bus/', 'server/auth/'];
  // Topics are addresses, the same on every bus.
  assertImports(within('server/routes/', 'server/socket/'), ({ what }) => !isIn(what, ...seams) || isIn(what, ...interfaces, 'server/bus/topics.ts'));
  assertImports(within('server/routes/'), ({ what }) => !isIn(what, 'server/socket/', 'ws'));
  assertImports(within('server/socket/'), ({ what, isTypeOnly }) => isTypeOnly || !isIn(what, 'server/routes/', 'hono'));
});

test('a seam imports its own driver and nothing above it', () => {
  const drivers: Record<string, string[]> = {
    'server/store/': ['sequelize', 'umzug', 'sqlite3', 'pg', 'mysql2'],
    'server/bus/': ['ioredis'],
    'server/auth/': ['jose'],
  };
  for (const [seam, packages] of Object.entries(drivers)) {
    const common = ['server/protocol/', 'server/errors.ts', 'server/clock.ts', 'server/log.ts', 'server/metrics.ts', 'zod'];
    assertImports(within(seam), ({ what }) => isBuiltin(what) || isIn(what, seam, ...common, ...packages));
    const crowded = within(seam).filter(({ imports }) => new Set(imports.map(({ what }) => what).filter((what) => packages.includes(what))).size > 1);
    assertNone(crowded.map(({ path }) => path), 'Each file of a seam imports one driver:');
  }
});

test('the server knows no elements, and nothing that is shipped knows the demo, the tests or the scripts', () => {
  assertImports(within('server/'), ({ what }) => !isIn(what, 'elements/', 'lit', 'lit/'));
  assertImports(within('server/', 'elements/'), ({ what }) => !isIn(what, 'demo/', 'test/', '.scripts/'));
});

test('the demo is built on what everybody can import', () => {
  const entries = ['server/index.ts', 'elements/index.ts', 'elements/define.ts', 'elements/client/index.ts'];
  assertImports(within('demo/'), ({ what }) => !isIn(what, 'server/', 'elements/') || entries.includes(what));
});

test('importing a module does nothing, but for the few that are there to do something', () => {
  const doers = ['elements/define.ts', 'server/main.ts', 'server/cli/main.ts'];
  const wrong = within('elements/', 'server/').filter(({ path }) => !doers.includes(path)).flatMap(({ path, tree }) =>
    tree.statements.filter(ts.isExpressionStatement).map((statement) => `${path}: ${statement.getText(tree).split('\n')[0]}`));
  assertNone(wrong, 'These run on import:');
});

test('tags are registered in define.ts alone', () => {
  const others = within('elements/').filter(({ path }) => path !== 'elements/define.ts');
  assertNowhere(others, /@customElement\b|customElements\.define\(['"`]|\b[A-Z]\w*\.define\(/, 'Importing a class must not take its name.');
});

test('elements write no HTML and no inline styles, so that strict policies (CSP, Trusted Types) hold', () => {
  const elements = within('elements/');
  assertNowhere(elements, /\b(innerHTML|outerHTML|insertAdjacentHTML|unsafeHTML|unsafeSVG|unsafeMathML|setHTMLUnsafe)\b/, 'Render nodes.');
  assertNowhere(elements, /\beval\(|\bnew Function\b|\bdocument\.write\b/, 'No code from text.');
  assertNowhere(elements, /\sstyle=|\bstyleMap\b|setAttribute\('style'/, 'A style attribute is refused by `style-src`; set properties of `element.style`, or a class.');
});

test('files stay small: one question each', (t) => {
  const lines = within('elements/', 'server/', 'demo/', '.scripts/').map(({ path, tree }) => ({ path, count: tree.getLineStarts().length }));
  for (const { path, count } of lines) if (count > 300 && count <= 500) t.diagnostic(`${path} has ${count} lines: what second thing moved in?`);
  assertNone(lines.filter(({ count }) => count > 500).map(({ path, count }) => `${path}: ${count} lines`), 'Over 500 lines:');
});

test('tests wait for what they want, never for time, and none is left out', () => {
  const tests = within('test/').filter(({ path }) => path !== 'test/architecture.test.ts' && !path.startsWith('test/bench/'));
  assertNowhere(tests, /setTimeout\((\w+|\(\) => \w+\(\)), |node:timers\/promises|waitForTimeout/, 'A sleep is either too short or too long: wait for an event or a condition.');
  assertNowhere(tests, /\b(it|test|describe|suite)\.(only|skip|todo)\b/, 'Every test runs.');
});

test('each rule of the protocol is quoted by a test that holds it', () => {
  const readme = readFileSync(join(root, 'server/protocol/README.md'), 'utf8');
  const rules = [...readme.matchAll(/^\| ([A-Z]\d+) \|/gm)].map((match) => match[1]!);
  assert.ok(rules.length > 30, 'The rules are rows of tables: | G1 | ... |');
  const quoted = new Set<string>();
  for (const { path, tree } of within('test/')) {
    if (path === 'test/architecture.test.ts') continue;
    visit(tree, (node) => {
      if (!ts.isStringLiteralLike(node) && !ts.isTemplateHead(node)) return;
      for (const [rule] of node.text.matchAll(/\b[A-Z]\d{1,2}\b/g)) quoted.add(rule);
    });
  }
  assertNone(rules.filter((rule) => !quoted.has(rule)), 'Rules that no test names:');
});
