/** What is used of the driver, which brings no types. */
declare module 'pg' {
  export interface ClientConfig {
    connectionString?: string;
    /** Statements are sent as they come, and not each after the answer to the one before. */
    pipeline?: boolean;
  }
  export class Client {
    constructor(config: ClientConfig);
    readonly connection: { readonly stream: { destroy(): void } };
    on(event: 'error', listener: (error: Error) => void): this;
    connect(): Promise<void>;
    query(query: string | { text: string; values?: readonly unknown[]; name?: string }): Promise<{ rows: Record<string, string | number | null>[] }>;
    end(done?: () => void): Promise<void>;
  }
  const driver: { Client: typeof Client; types: object };
  export default driver;
}
