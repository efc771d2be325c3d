import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../support/services/program.ts';
import type { History } from './history.ts';
import { NodeProcess } from './node/node-process.ts';
import type { Store } from './options.ts';
import type { Chance } from './seeds.ts';

/** What a round runs on: the nodes, and the real services under them. All of it is the round's own, and goes with it. */
export class Cluster {
  readonly nodes: NodeProcess[] = [];
  readonly database: string;
  readonly #folder: string;

  private constructor(folder: string, database: string) {
    this.#folder = folder;
    this.database = database;
  }

  static async start({ store, nodes, plant }: { store: Store; nodes: number; plant?: string }, history: History): Promise<Cluster> {
    if (store !== 'sqlite') throw new Error(`${store} is not there yet.`);
    const folder = await mkdtemp(join(tmpdir(), 'chatter-chaos-'));
    const cluster = new Cluster(folder, `sqlite:${join(folder, 'chaos.sqlite3')}`);
    try {
      for (let index = 0; index < nodes; index += 1) {
        const name = `node${index + 1}`;
        cluster.nodes.push(new NodeProcess({ name, port: await freePort(), database: cluster.database, plant }, history));
      }
      for (const node of cluster.nodes) await node.start();
      return cluster;
    } catch (error) {
      await cluster.stop();
      throw error;
    }
  }

  /** A load balancer that knows of no trouble: any node, up or not. */
  route(chance: Chance): { name: string; port: number } {
    return chance.pick(this.nodes)!.options;
  }

  async stop(): Promise<void> {
    for (const node of this.nodes) await node.kill();
    await rm(this.#folder, { recursive: true, force: true });
  }
}
