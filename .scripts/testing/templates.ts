import { readdirSync } from 'node:fs';
import { run } from '../building/run.ts';
import { root } from '../root.ts';

/** What lit-analyzer says, and is not so: it knows the web of 2022, and takes Lit's `nothing` for a value. */
const untrue = [/\bSymbol\(undefined\)/, /Unknown attribute '(enterkeyhint|popover|popovertarget|inert)'/];

/** Problems of the templates: unknown tags and attributes, bindings of the wrong type. One per line, as `file:line:column: what`. */
export async function problemsOfTemplates(): Promise<string[]> {
  const files = readdirSync(`${root}elements`, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts')).map((file) => `elements/${file}`);
  const options = ['--strict', '--noColor', '--format', 'list', '--rules.no-invalid-css', 'off', '--rules.no-missing-import', 'off'];
  const output = await run('lit-analyzer', [...options, ...files], { anyExit: true });
  const problems: string[] = [];
  let file = '';
  for (const line of output.split('\n')) {
    if (line.startsWith('./')) file = line.trim().slice(2);
    const problem = /^\s+(\d+:\d+)\s+(?:warning|error)\s+(.*)$/.exec(line);
    if (problem !== null && !untrue.some((pattern) => pattern.test(line))) problems.push(`${file}:${problem[1]}: ${problem[2]}`);
  }
  if (!/\b\d+ (problems?|warnings?|errors?)\b/.test(output)) throw new Error(`lit-analyzer did not finish:\n${output}`);
  return problems;
}
