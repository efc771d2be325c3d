import { toStoredText } from './stored-text.ts';

/** What can be bound to a statement. */
export type Value = string | number | null;

/** A piece of SQL whose values stay apart from its text, always: they are bound, never written into it. */
export class Sql {
  /** One more than there are values: `texts[0] value[0] texts[1] …`. */
  readonly texts: readonly string[];
  readonly values: readonly Value[];

  constructor(texts: readonly string[], values: readonly Value[]) {
    this.texts = texts;
    this.values = values;
  }

  /** The statement with `$1`, `$2`, … where `values` go. */
  get text(): string {
    return this.texts.reduce((text, next, index) => `${text}$${index}${next}`);
  }

  /** The statement with `?` where `values` go. */
  get textWithMarks(): string {
    return this.texts.join('?');
  }
}

/** A statement, or a piece of one: `${value}` is bound, `${piece}` becomes part of it. */
export function sql(strings: TemplateStringsArray, ...parts: readonly (Value | Sql)[]): Sql {
  return concat(strings.flatMap((text, index) => (index < parts.length ? [text, part(parts[index]!)] : [text])));
}

/** Words of the program's own, such as a list of columns. Never anything that came from outside. */
export function words(text: string): Sql {
  return new Sql([text], []);
}

function part(piece: Value | Sql): Sql {
  if (piece instanceof Sql) return piece;
  return new Sql(['', ''], [typeof piece === 'string' ? toStoredText(piece) : piece]);
}

function concat(pieces: readonly (string | Sql)[]): Sql {
  const texts = [''];
  const values: Value[] = [];
  for (const piece of pieces) {
    if (typeof piece === 'string') {
      texts[texts.length - 1] += piece;
      continue;
    }
    texts[texts.length - 1] += piece.texts[0]!;
    for (let index = 0; index < piece.values.length; index += 1) {
      values.push(piece.values[index]!);
      texts.push(piece.texts[index + 1]!);
    }
  }
  return new Sql(texts, values);
}
