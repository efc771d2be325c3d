import { analyzeElements, publicElements, type Declaration, type Documented, type Manifest } from '../building/custom-elements.ts';
import { code, table } from './table.ts';

/** What all elements have in common, and a section for each, read off their sources. */
export async function elementsReference(): Promise<string> {
  const manifest = await analyzeElements();
  const base = manifest.modules.flatMap(({ declarations = [] }) => declarations).find(({ name }) => name === 'ChatterElement');
  if (base === undefined) throw new Error('The elements have no ChatterElement to inherit from: teach .scripts/docs what they have in common.');
  const elements = publicElements(manifest).map((element) => reference(`### \`<${element.tagName}>\``, own(element)));
  return [reference('### Every element', base), ...elements, events(manifest)].join('\n\n');
}

function own(element: Declaration): Declaration {
  const isOwn = ({ inheritedFrom }: Documented): boolean => inheritedFrom === undefined;
  return { ...element, attributes: (element.attributes ?? []).filter(isOwn), members: (element.members ?? []).filter(isOwn) };
}

function reference(title: string, element: Declaration): string {
  return [
    title,
    element.description ?? '',
    table(['attribute', 'property', 'type', ''], settings(element)),
    table(['method', ''], methods(element)),
    table(['event', ''], named(element.events)),
    table(['slot', ''], (element.slots ?? []).map(({ name, description }) => [code(name) || '(default)', description ?? ''])),
    table(['part', ''], named(element.cssParts)),
    table(['custom property', ''], named(element.cssProperties)),
  ].filter((part) => part !== '').join('\n\n');
}

/** The classes of what the elements tell, with the fields of each. */
function events(manifest: Manifest): string {
  const classes = manifest.modules.flatMap(({ declarations = [] }) => declarations).filter(({ name }) => /^Chatter\w+Event$/.test(name));
  const rows = classes.map(({ description, members = [] }) => {
    const type = members.find(({ name, static: isStatic }) => name === 'type' && isStatic === true)?.default?.replaceAll("'", '');
    const fields = members.filter((member) => member.kind === 'field' && member.static !== true && member.inheritedFrom === undefined);
    return [code(type), fields.map((field) => code(`${field.name}: ${field.type?.text}`)).join(', '), description ?? ''];
  });
  return `### Events\n\nAll of them bubble and leave shadow roots: listen where it suits you.\n\n${table(['event', 'fields', ''], rows)}`;
}

/** Attributes with the properties behind them, then the properties that have none. */
function settings({ attributes = [], members = [] }: Declaration): string[][] {
  const fields = members.filter((member) => member.kind === 'field' && member.static !== true && member.name !== undefined);
  const behind = (attribute: Documented): Documented | undefined =>
    fields.find((field) => field.name === attribute.fieldName || field.attribute === attribute.name);
  const rows = attributes.map((attribute) => {
    const field = behind(attribute);
    return [code(attribute.name), code(field?.name), code(typeOf(field ?? attribute)), attribute.description ?? field?.description ?? ''];
  });
  const covered = new Set(attributes.map(behind));
  const others = fields.filter((field) => !covered.has(field) && field.description !== undefined);
  return [...rows, ...others.map((field) => ['', code(field.name), code(typeOf(field)), field.description ?? ''])];
}

function methods({ members = [] }: Declaration): string[][] {
  return members
    .filter((member) => member.kind === 'method' && member.static !== true && member.description !== undefined)
    .map(({ name, description }) => [code(`${name}()`), description ?? '']);
}

function named(items: readonly Documented[] = []): string[][] {
  return items.map(({ name, description }) => [code(name), description ?? '']);
}

function typeOf({ type }: Documented): string | undefined {
  return type?.text.replace(/ \| undefined$/, '');
}
