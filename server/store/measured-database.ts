import type { Metrics } from '../metrics.ts';
import type { Connection, Database } from './database.ts';

/** The same database, whose statements are counted, and those that fail. */
export function measuredDatabase(database: Database, metrics: Metrics): Database {
  const counted = (connection: Connection): Connection => {
    const count = async <T>(asked: Promise<T>): Promise<T> => {
      metrics.statement();
      try {
        return await asked;
      } catch (error) {
        metrics.databaseFailed();
        throw error;
      }
    };
    return { dialect: connection.dialect, all: (statement) => count(connection.all(statement)), run: (statement) => count(connection.run(statement)) };
  };
  return {
    dialect: database.dialect,
    reader: counted(database.reader),
    transaction: (work) => database.transaction((connection) => work(counted(connection))),
    alone: (work) => database.alone((connection) => work(counted(connection))),
    close: () => database.close(),
  };
}
