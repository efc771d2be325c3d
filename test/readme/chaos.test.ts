import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { snippet, withInstead } from '../support/readme.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));

it('trouble on purpose begins with a seed and ends with a verdict, by the line of the README', async () => {
  const line = withInstead(withInstead(snippet('Trouble on purpose', 'sh'), '--store postgres', '--store sqlite'), '--minutes 30', '--minutes 0.05');
  const { stdout } = await promisify(execFile)('sh', ['-c', line], { cwd: root });
  assert.match(stdout, /^seed \d+, 0\.05 min of trouble$/m);
  assert.match(stdout, /^sends +[1-9]\d* acknowledged/m);
  assert.match(stdout, /^verdict +every guarantee held$/m);
});
