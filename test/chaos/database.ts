import { Sequelize } from 'sequelize';
import { loadSqliteDriver } from '../../server/store/sqlite-driver.ts';

/** A connection of the harness to the database of a round, of whatever kind that is. Whoever opens it closes it. */
export async function openDatabase(url: string): Promise<Sequelize> {
  const file = /^sqlite:(.+)$/.exec(url)?.[1];
  if (file === undefined) return new Sequelize(url.replace(/^mariadb:/, 'mysql:'), { logging: false });
  return new Sequelize({ dialect: 'sqlite', storage: file, dialectModule: await loadSqliteDriver(), logging: false });
}
