import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { benchTable } from './docs/bench-table.ts';
import { configTable } from './docs/config-table.ts';
import { elementsReference } from './docs/elements-reference.ts';
import { metricsTable } from './docs/metrics-table.ts';
import { restTable } from './docs/rest-table.ts';
import { main } from './main.ts';
import { root } from './root.ts';

/** What is written between `<!-- generated:NAME -->` and `<!-- /generated -->` in README.md. */
const sections: Record<string, () => string | Promise<string>> = {
  elements: elementsReference,
  config: configTable,
  metrics: metricsTable,
  rest: restTable,
  bench: benchTable,
};

// `tsx .scripts/docs.ts`: writes those parts of the README that the sources know. With `--check`: fails where one is stale.
await main(async () => {
  const file = `${root}README.md`;
  if (!existsSync(file)) return;
  const before = readFileSync(file, 'utf8');
  let after = before;
  for (const [name, make] of Object.entries(sections)) {
    const [start, end] = [`<!-- generated:${name} -->`, '<!-- /generated -->'];
    const from = after.indexOf(start) + start.length;
    const to = after.indexOf(end, from);
    if (!after.includes(start)) continue;
    if (to === -1) throw new Error(`README.md has ${start} and no ${end} after it.`);
    after = `${after.slice(0, from)}\n${(await make()).trim()}\n${after.slice(to)}`.replace(`${start}\n\n${end}`, `${start}\n${end}`);
  }
  if (after === before) return;
  if (process.argv.includes('--check')) throw new Error('README.md is behind the sources: run `npx tsx .scripts/docs.ts`.');
  writeFileSync(file, after);
});
