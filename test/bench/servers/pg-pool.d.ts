/** What is used of the driver beyond `server/store/pg.d.ts`. */
declare module 'pg' {
  export class Pool {
    constructor(config: { connectionString: string; max: number });
    query(query: string | { name: string; text: string; values: readonly unknown[] }): Promise<{ rows: Record<string, unknown>[] }>;
    end(): Promise<void>;
  }
}
