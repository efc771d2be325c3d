import type { Clock } from './clock.ts';
import { ChatterError } from './errors.ts';
import type { Log } from './log.ts';
import { OccasionalLog } from './occasional-log.ts';

/**
 * What whoever runs the server has to know of errors that were answered: each that nobody foresaw; and what is behind refusals,
 * which comes with every request while a database is away, once a minute.
 */
export class TroubleLog {
  readonly #log: Log;
  readonly #occasional: OccasionalLog;

  constructor(log: Log, clock: Clock) {
    this.#log = log;
    this.#occasional = new OccasionalLog(log, clock);
  }

  tell(message: string, error: unknown, fieldsOf: () => Readonly<Record<string, unknown>> = () => ({})): void {
    if (!(error instanceof ChatterError)) return this.#log.error(message, { ...fieldsOf(), error });
    const { code, cause } = error;
    if (code !== 'unavailable' || cause === undefined) return;
    const { code: reason, name } = cause as { code?: unknown; name?: unknown };
    this.#occasional.warn(message, { ...fieldsOf(), cause: String(reason ?? name), error: cause });
  }
}
