import type { StoreKind } from './servers/stores.ts';

/** One question, and the answers of those that were asked. */
export interface Benchmark {
  readonly name: string;
  /** Kinds of store on which the answer may differ; `undefined` stands for a server that stores nothing, or for the usual one. */
  readonly stores: readonly StoreKind[];
  /** Measures on these kinds of store, and checks what it measures: throws where anything was lost, doubled or out of order. */
  run(options: BenchmarkOptions): Promise<Measurement[]>;
}

export interface BenchmarkOptions {
  readonly stores: readonly StoreKind[];
  /** A tenth of everything: to see that it runs, not to learn anything. */
  readonly isQuick: boolean;
  /** Told what is being done. */
  readonly say: (sentence: string) => void;
}

/** What one of those compared came to in one case. Numbers as they were measured; `report/tables.ts` makes words of them. */
export interface Measurement {
  readonly benchmark: string;
  readonly side: 'Chatter' | 'Socket.IO' | 'ws';
  readonly store?: StoreKind;
  readonly case: string;
  readonly figures: Readonly<Record<string, number>>;
  /** What a reader should know of these numbers. */
  readonly note?: string;
}
