import { spawn } from 'node:child_process';
import { root } from '../root.ts';

/** Runs a command of `node_modules/.bin` in the root. Resolves to what it printed; throws that where it fails, unless `anyExit`. */
export async function run(command: string, args: readonly string[], options: { anyExit?: boolean } = {}): Promise<string> {
  const path = `${root}node_modules/.bin:${process.env.PATH}`;
  const child = spawn(command, args, { cwd: root, env: { ...process.env, PATH: path }, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  child.stdout.on('data', (data: Buffer) => { output += data.toString(); });
  child.stderr.on('data', (data: Buffer) => { output += data.toString(); });
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', resolve);
  });
  if (code !== 0 && options.anyExit !== true) throw new Error(`${command} ${args.join(' ')} failed:\n${output.trim()}`);
  return output;
}
