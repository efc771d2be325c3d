import fc from 'fast-check';

/** Keys that have broken others: prototypes, operators of query builders, JSON paths and casts. */
export const hostileKeys = [
  '__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty', 'then', 'toJSON', 'length', '$ne', '$gt', '$where', '$or', 'Op.or', '[Op.ne]',
  '$col$', 'a::text) OR 1=1 --', "a.b' || (SELECT 1) || '", 'replacements', 'bind', 'where', 'kind', 'ref', 'room', 'tenant', 'userId', '', ' ', '\u0000', '💥',
] as const;

/** Texts that have broken others: SQL, replacements, formats, halves of characters, what turns or hides. */
export const hostileTexts = [
  "'; DROP TABLE messages; --", "' OR '1'='1", '" OR ""="', "\\'; SELECT 1; --", '`; DROP TABLE rooms; --', '1; ATTACH DATABASE \'x\' AS y', '/* */', '%', '_', '%%%', '\\', '\\\\', '\\%',
  ':name', ':text', '?', '??', '$1', '$2', '$bind', '{{text}}', '${text}', '@@version', '{"$ne":null}', '[object Object]', 'null', 'undefined', 'NaN', 'true', '0', '-1',
  '<script>alert(1)</script>', '"><img src=x onerror=alert(1)>', 'javascript:alert(1)', '../../etc/passwd', '..%2f..%2fetc', '//evil.example', '\\\\evil\\share',
  '\u202E', '\u200B', '\u2028', '\u2029', '\uFEFF', '\u0000', 'a\u0000b', '\uD800', '\uDFFF', 'a\uD800b', '\uFFFE', 'é', 'e\u0301', 'ﬀ', 'İ', 'ß', '👩‍👩‍👧‍👦', 'a'.repeat(9_000), '💥'.repeat(4_000), '\r\n\r\n', '\u001B[31m',
  'constructor', '__proto__', 'id', '*', 'sqlite_master', 'x'.repeat(129), '9'.repeat(400),
] as const;

export const hostileText: fc.Arbitrary<string> = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...hostileTexts) },
  { weight: 2, arbitrary: fc.string({ unit: 'binary', maxLength: 200 }) },
  { weight: 1, arbitrary: fc.string({ maxLength: 40 }) },
  { weight: 1, arbitrary: fc.tuple(fc.constantFrom(...hostileTexts), fc.string({ maxLength: 20 })).map(([one, other]) => other + one + other) },
);

export const hostileNumber: fc.Arbitrary<number> = fc.oneof(
  fc.constantFrom(0, -0, -1, 1, 0.5, 2 ** 31 - 1, 2 ** 31, 2 ** 32, 2 ** 53 - 1, 2 ** 53, 2 ** 53 + 2, -(2 ** 53), 1e21, 1e308, -1e308, 5e-324),
  fc.integer(), fc.double({ noNaN: true, noDefaultInfinity: true }),
);

/** Any JSON value, with keys and texts that have broken others. */
export const hostileValue: fc.Arbitrary<unknown> = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4, depthIdentifier: 'hostile' },
    fc.constantFrom(null, true, false), hostileNumber, hostileText,
    fc.array(tie('value'), { maxLength: 6, depthIdentifier: 'hostile' }),
    fc.array(fc.tuple(fc.oneof(fc.constantFrom(...hostileKeys), fc.string({ maxLength: 12 })), tie('value')), { maxLength: 6, depthIdentifier: 'hostile' })
      .map((entries) => withOwnKeys(entries)),
  ),
})).value;

/** As `JSON.parse` makes it: `__proto__` is a key like any other. */
function withOwnKeys(entries: readonly (readonly [string, unknown])[]): object {
  const made = {};
  for (const [key, value] of entries) Object.defineProperty(made, key, { value, enumerable: true, configurable: true, writable: true });
  return made;
}

/** The text of a frame or a body, damaged: cut, doubled keys, numbers beyond numbers, depth beyond depth. */
export function damaged(text: fc.Arbitrary<string>): fc.Arbitrary<string> {
  const at = fc.double({ min: 0, max: 1, noNaN: true });
  return fc.oneof(
    { weight: 3, arbitrary: text },
    fc.tuple(text, at).map(([whole, part]) => whole.slice(0, Math.floor(part * whole.length))),
    fc.tuple(text, at, hostileText).map(([whole, part, junk]) => whole.slice(0, Math.floor(part * whole.length)) + junk + whole.slice(Math.floor(part * whole.length))),
    text.map((whole) => whole.replace('{', '{"room":"first","text":{"$ne":1},"__proto__":{"kind":"heartbeat"},')),
    text.map((whole) => whole.replace(/\}$/, ',"room":"last","seq":1e400,"limit":9007199254740993,"ref":2000001}')),
    fc.tuple(text, fc.constantFrom('[', '{"a":', '[{"a":'), fc.constantFrom(1_000, 10_000)).map(([whole, open, depth]) => whole.replace(/\}$/, `,"deep":${open.repeat(depth)}}`)),
    fc.tuple(text, fc.constantFrom(1_000, 10_000)).map(([whole, depth]) => whole.replace(/\}$/, `,"deep":${'['.repeat(depth)}${']'.repeat(depth)}}`)),
  );
}
