import { settings, type Setting } from '../../server/config.ts';
import { code, table } from './table.ts';

/** Every setting of the server. */
export function configTable(): string {
  const rows = Object.values<Setting>(settings).map(({ variable, fallback, doc }) => [code(variable), code(fallback), doc]);
  return table(['variable', 'default', ''], rows);
}
