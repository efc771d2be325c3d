import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DatabaseService } from '../support/services/database-server.ts';
import { startMariaDb } from '../support/services/mariadb.ts';
import { startPostgres } from '../support/services/postgres.ts';
import { freePort } from '../support/services/program.ts';
import { Proxy } from '../support/services/proxy.ts';
import { type RedisService, startRedis } from '../support/services/redis.ts';
import type { History } from './history.ts';
import { NodeProcess } from './node/node-process.ts';
import type { Store } from './options.ts';
import type { Chance } from './seeds.ts';

export interface ClusterOptions {
  store: Store;
  nodes: number;
  plant?: string | undefined;
}

/** What a round runs on: the nodes, and the real services under them. All of it is the round's own, and goes with it. */
export class Cluster {
  readonly store: Store;
  readonly nodes: NodeProcess[] = [];
  /** Each node's way to Redis, by the node's name. */
  readonly redisLines = new Map<string, Proxy>();
  readonly #folder: string;
  #databaseServer: DatabaseService | undefined;
  #redis: RedisService | undefined;

  private constructor(store: Store, folder: string) {
    this.store = store;
    this.#folder = folder;
  }

  static async start({ store, nodes, plant }: ClusterOptions, history: History): Promise<Cluster> {
    const cluster = new Cluster(store, await mkdtemp(join(tmpdir(), 'chatter-chaos-')));
    try {
      if (store === 'postgres') cluster.#databaseServer = await startPostgres();
      if (store === 'mariadb') cluster.#databaseServer = await startMariaDb();
      if (nodes > 1) cluster.#redis = await startRedis();
      for (let index = 1; index <= nodes; index += 1) {
        const name = `node${index}`;
        const redis = cluster.#redis && await Proxy.to(cluster.#redis.port);
        if (redis) cluster.redisLines.set(name, redis);
        cluster.nodes.push(new NodeProcess({
          name, port: await freePort(), database: cluster.databaseUrl, plant, ...(redis ? { redis: `redis://127.0.0.1:${redis.port}` } : {}),
        }, history));
      }
      await Promise.all(cluster.nodes.map((node) => node.start()));
      return cluster;
    } catch (error) {
      await cluster.stop();
      throw error;
    }
  }

  get databaseUrl(): string {
    return this.#databaseServer?.url ?? `sqlite:${join(this.#folder, 'chaos.sqlite3')}`;
  }

  /** Undefined on SQLite, which is a part of its node. */
  get databaseServer(): DatabaseService | undefined {
    return this.#databaseServer;
  }

  /** Undefined where one node is alone. */
  get redis(): RedisService | undefined {
    return this.#redis;
  }

  /** A load balancer that knows of no trouble: any node, up or not. */
  route(chance: Chance): { name: string; port: number } {
    return chance.pick(this.nodes)!.options;
  }

  async stop(): Promise<void> {
    for (const node of this.nodes) await node.kill();
    for (const line of this.redisLines.values()) await line.close();
    await this.#redis?.stop();
    await this.#databaseServer?.stop();
    await rm(this.#folder, { recursive: true, force: true });
  }
}
