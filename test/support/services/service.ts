/** A real database or broker of this machine, started for the tests that use it and for nobody else. */
export interface Service {
  /** Where it answers; the same after `restart`. */
  readonly url: string;
  /** As `kill -9`. What it has on disk stays. */
  kill(): Promise<void>;
  /** Ends it where it runs, and starts it again on what it has on disk. Resolves when it answers. */
  restart(): Promise<void>;
  /** Stands still as a machine that hangs: its connections stay open, and nothing answers. */
  pause(): void;
  resume(): void;
  /** Ends it and takes its files away. */
  stop(): Promise<void>;
}
