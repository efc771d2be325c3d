import { existsSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { root } from '../root.ts';

/** The sections of README.md that each package has in its own, in their order. Links between them name the other package. */
const sectionsOf: Record<string, readonly string[]> = {
  'chatter-elements': ['On your page', 'Reference of the elements'],
  'chatter-server': ['Your server', 'Reference of the REST API', 'Settings of the server'],
};

/** The README of a built package: what it is, what Chatter is, and its own sections. Throws where a link of it leads nowhere. */
export function packageReadme(folder: string, name: string, description: string): string {
  const whole = readFileSync(`${root}README.md`, 'utf8');
  const [opening, ...sections] = whole.split(/^(?=## )/m);
  const own = (sectionsOf[name] ?? []).map((title) => {
    const section = sections.find((one) => one.startsWith(`## ${title}\n`));
    if (section === undefined) throw new Error(`README.md has no section "${title}" for the README of ${name}.`);
    return section.trim();
  });
  const points = opening!.match(/^- .*$/gm) ?? [];
  const text = `${[`# ${name}`, description, points.join('\n'), ...own].join('\n\n')}\n`;
  const readme = withLinksOf(name, text, anchorsIn(whole)).replaceAll(/^<!-- \/?generated.*-->\n/gm, '');
  const dead = deadLinks(folder, readme);
  if (dead.length > 0) throw new Error(`The README of ${name} would have links that lead nowhere: ${dead.join(', ')}.`);
  return readme;
}

/** What is published of the page about the protocol: beside it lie the types of the modules that it names. */
export function publishedProtocolPage(): string {
  return readFileSync(`${root}server/protocol/README.md`, 'utf8').replaceAll(/\]\((\w+)\.ts\)/g, ']($1.d.ts)');
}

/** Links to what lies in this package lead there; of those to elsewhere (`known`) the words stay, and tell where to look. */
function withLinksOf(name: string, text: string, known: ReadonlySet<string>): string {
  const anchors = anchorsIn(text);
  return text.replaceAll(/\[([^\]]+)\]\(((?:#|server\/)[^)\s]*)\)/g, (link, words: string, target: string) => {
    if (target.startsWith('#')) return anchors.has(target) || !known.has(target) ? link : `${words} (in the README of ${otherThan(name)})`;
    if (name === 'chatter-server') return `[${words}](${target.replace('server/', '').replace(/\.ts$/, '.d.ts')})`;
    return `${words} (in \`${target.replace('server/', '')}\` of chatter-server)`;
  });
}

function otherThan(name: string): string {
  return Object.keys(sectionsOf).find((one) => one !== name)!;
}

function deadLinks(folder: string, text: string): string[] {
  const anchors = anchorsIn(text);
  const targets = [...text.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target]) => target!);
  return targets.filter((target) => {
    if (/^[a-z]+:/.test(target)) return false;
    return target.startsWith('#') ? !anchors.has(target) : !existsSync(join(root, folder, posix.normalize(target)));
  });
}

/** The addresses of headings, as they are made of their words. */
function anchorsIn(text: string): Set<string> {
  const headings = [...text.replaceAll(/^```[^]*?^```$/gm, '').matchAll(/^#+ (.*)$/gm)].map(([, heading]) => heading!);
  return new Set(headings.map((heading) => `#${heading.toLowerCase().replaceAll(/[^\w\s-]/g, '').replaceAll(/\s/g, '-')}`));
}
