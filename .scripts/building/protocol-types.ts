import ts from 'typescript';
import { root } from '../root.ts';

const virtualFile = `${root}server/protocol/.flat.ts`;

/**
 * The types of `server/protocol/{models,frames}.ts` as plain declarations, without zod: what the browser package ships, so that
 * its types ask for nothing a browser does not need. A schema is written once, in zod; this writes down what it means.
 */
export function flattenProtocolTypes(): { models: string; frames: string } {
  const models = typesOf('models');
  const frames = typesOf('frames');
  const { checker, resolved } = resolve([...models, ...frames]);
  const names = new Map<ts.Type, string>();
  for (const { name, parameter } of [...models, ...frames]) if (parameter === undefined) names.set(resolved.get(name)!, name);
  const print = (types: readonly ExportedType[]): string => types.map((type) => declare(type, resolved.get(type.name)!, { checker, names })).join('\n');
  const used = models.map(({ name }) => name).filter((name) => new RegExp(`\\b${name}\\b`).test(print(frames)));
  return { models: print(models), frames: `import type { ${used.join(', ')} } from './models.js';\n\n${print(frames)}` };
}

interface ExportedType {
  name: string;
  comment: string;
  /** As written, where no schema is needed to understand it. */
  source?: string;
  /** Of a generic type: its one parameter, and the text of what it extends. */
  parameter?: { name: string; constraint: string };
}

function typesOf(file: 'models' | 'frames'): ExportedType[] {
  const path = `${root}server/protocol/${file}.ts`;
  const source = ts.createSourceFile(path, ts.sys.readFile(path)!, ts.ScriptTarget.ES2022, true);
  const isExported = ({ modifiers }: ExportedNode): boolean => modifiers?.some((word) => word.kind === ts.SyntaxKind.ExportKeyword) ?? false;
  const nodes = source.statements.filter((node) => ts.isTypeAliasDeclaration(node) || ts.isInterfaceDeclaration(node));
  return nodes.filter(isExported).map((node) => {
    const [parameter] = node.typeParameters ?? [];
    const comments = (ts.getLeadingCommentRanges(source.text, node.pos) ?? []).map((range) => source.text.slice(range.pos, range.end));
    const isFreeOfSchemas = ts.isInterfaceDeclaration(node) || !/\bz\.|\btypeof\b/.test(node.type.getText(source));
    return {
      name: node.name.text,
      comment: comments.filter((comment) => comment.startsWith('/**')).at(-1) ?? '',
      ...(isFreeOfSchemas ? { source: node.getText(source) } : {}),
      ...(parameter === undefined ? {} : { parameter: { name: parameter.name.text, constraint: parameter.constraint!.getText(source) } }),
    };
  });
}

type ExportedNode = ts.TypeAliasDeclaration | ts.InterfaceDeclaration;

/** A generic type is resolved as a map over all that its parameter may be. */
function resolve(types: readonly ExportedType[]): { checker: ts.TypeChecker; resolved: Map<string, ts.Type> } {
  const imports = types.map(({ name }) => name).join(', ');
  const lines = types.map(({ name, parameter }) =>
    `export type Flat${name} = ${parameter === undefined ? name : `{ [K in ${parameter.constraint}]: ${name}<K> }`};`);
  const text = `import type { ${imports} } from './all.ts';\n${lines.join('\n')}`;
  const all = `${root}server/protocol/all.ts`;
  const files = new Map([[virtualFile, text], [all, `export * from './models.ts';\nexport * from './frames.ts';`]]);
  const { options } = ts.parseJsonConfigFileContent({ extends: `${root}tsconfig.json`, files: [] }, ts.sys, root);
  const host = ts.createCompilerHost(options);
  const { readFile, fileExists } = host;
  host.readFile = (path) => files.get(path) ?? readFile(path);
  host.fileExists = (path) => files.has(path) || fileExists(path);
  const program = ts.createProgram([virtualFile], options, host);
  const checker = program.getTypeChecker();
  const source = program.getSourceFile(virtualFile)!;
  const resolved = new Map<string, ts.Type>();
  for (const statement of source.statements.filter(ts.isTypeAliasDeclaration)) {
    resolved.set(statement.name.text.slice('Flat'.length), checker.getTypeAtLocation(statement.name));
  }
  return { checker, resolved };
}

interface Printing {
  checker: ts.TypeChecker;
  /** Exported types by identity: inside others they are named, not repeated. */
  names: Map<ts.Type, string>;
}

function declare({ name, comment, source, parameter }: ExportedType, type: ts.Type, printing: Printing): string {
  const head = comment === '' ? '' : `${comment}\n`;
  if (source !== undefined) return `${head}${source}\n`;
  if (parameter !== undefined) {
    return `${head}export type ${name}<${parameter.name} extends ${parameter.constraint}> = ${text(type, printing, '', true)}[${parameter.name}];\n`;
  }
  if (isPlainObject(type) && printing.checker.getIndexInfosOfType(type).length === 0) return `${head}export interface ${name} ${text(type, printing, '', true)}\n`;
  return `${head}export type ${name} = ${text(type, printing, '', true)};\n`;
}

function text(type: ts.Type, printing: Printing, indent: string, isTop = false): string {
  const { checker, names } = printing;
  const name = names.get(type);
  if (name !== undefined && !isTop) return name;
  if (type.isUnion() && !(type.flags & ts.TypeFlags.Boolean)) return unionText(type.types, printing, indent);
  if (type.isIntersection()) return type.types.map((part) => text(part, printing, indent)).join(' & ');
  if (checker.isTupleType(type)) return `[${checker.getTypeArguments(type as ts.TypeReference).map((part) => text(part, printing, indent)).join(', ')}]`;
  if (checker.isArrayType(type)) {
    const item = text(checker.getTypeArguments(type as ts.TypeReference)[0]!, printing, indent);
    return / [|&] /.test(item) && !item.startsWith('{') ? `(${item})[]` : `${item}[]`;
  }
  return isPlainObject(type) ? objectText(type, printing, indent) : checker.typeToString(type, undefined, ts.TypeFormatFlags.NoTruncation);
}

function unionText(types: readonly ts.Type[], printing: Printing, indent: string): string {
  // `boolean` is a union of its two values inside a larger union.
  const isBoolean = (part: ts.Type): boolean => (part.flags & ts.TypeFlags.BooleanLiteral) !== 0;
  const parts = types.filter((part) => !isBoolean(part)).map((part) => text(part, printing, indent));
  return [...(types.some(isBoolean) ? ['boolean'] : []), ...parts].join(' | ');
}

/** The type of an optional property, without the `undefined` that its question mark says. */
function optionalText(type: ts.Type, printing: Printing, indent: string): string {
  if (!type.isUnion()) return text(type, printing, indent);
  return unionText(type.types.filter((part) => (part.flags & ts.TypeFlags.Undefined) === 0), printing, indent);
}

function objectText(type: ts.Type, printing: Printing, indent: string): string {
  const { checker } = printing;
  const inner = `${indent}  `;
  const lines = checker.getPropertiesOfType(type).flatMap((property) => {
    const comment = ts.displayPartsToString(property.getDocumentationComment(checker));
    const isOptional = (property.flags & ts.SymbolFlags.Optional) !== 0;
    const value = (isOptional ? optionalText : text)(checker.getTypeOfSymbol(property), printing, inner);
    const key = /^[\w$]+$/.test(property.name) ? property.name : `'${property.name}'`;
    return [...(comment === '' ? [] : [`${inner}/** ${comment.replaceAll('\n', ' ')} */`]), `${inner}${key}${isOptional ? '?' : ''}: ${value};`];
  });
  const indexes = checker.getIndexInfosOfType(type).map((info) =>
    `${inner}[key: ${checker.typeToString(info.keyType)}]: ${text(info.type, printing, inner)};`);
  const all = [...lines, ...indexes];
  return all.length === 0 ? 'Record<string, never>' : `{\n${all.join('\n')}\n${indent}}`;
}

function isPlainObject(type: ts.Type): boolean {
  return (type.flags & ts.TypeFlags.Object) !== 0;
}
