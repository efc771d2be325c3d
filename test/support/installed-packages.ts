import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const root = fileURLToPath(new URL('../../', import.meta.url));
const execute = promisify(execFile);

/** A folder of somebody who has installed our packages as they would be published. Needs the build. */
export class InstalledPackages {
  readonly folder: string;

  private constructor(folder: string) {
    this.folder = folder;
  }

  /** Runs commands of a shell that install packages by name; ours are taken from where they were packed. */
  static async install(commands: string): Promise<InstalledPackages> {
    const installed = new InstalledPackages(await mkdtemp(join(tmpdir(), 'chatter-installed-')));
    await writeFile(join(installed.folder, 'package.json'), JSON.stringify({ private: true, type: 'module' }));
    for (const name of ['chatter-elements', 'chatter-server']) {
      if (!commands.includes(name)) continue;
      const tarball = await execute('npm', ['pack', '--silent', '--pack-destination', installed.folder, join(root, 'dist', name)]);
      commands = commands.replaceAll(name, `./${tarball.stdout.trim()}`);
    }
    await installed.run(commands, { npm_config_prefer_offline: 'true' });
    return installed;
  }

  /** Runs a shell in the folder, with the environment of nobody in particular. Returns what it wrote to its standard output. */
  async run(commands: string, environment: NodeJS.ProcessEnv = {}): Promise<string> {
    const env = { PATH: process.env.PATH, HOME: process.env.HOME, ...environment };
    const { stdout } = await execute('sh', ['-e', '-c', commands], { cwd: this.folder, env }).catch((error: Error & { stdout: string; stderr: string }) => {
      throw new Error(`${commands}\nfailed:\n${error.stdout}${error.stderr}`);
    });
    return stdout;
  }

  async remove(): Promise<void> {
    await rm(this.folder, { recursive: true, force: true });
  }
}
