import { PrometheusMetrics } from '../../server/prometheus-metrics.ts';
import { code, table } from './table.ts';

/** Every metric of the server's own, with its labels. */
export async function metricsTable(): Promise<string> {
  const metrics = new PrometheusMetrics();
  metrics.watch({
    sessions: () => ({ live: 0, anonymous: 0 }), openRooms: () => 0, presentPeople: () => 0,
    bus: { mode: 'alone', counters: { published: 0, delivered: 0, unsent: 0, garbage: 0 } },
  });
  const text = await metrics.text();
  const rows = [...text.matchAll(/^# HELP (chatter_\w+) (.*)\n# TYPE \w+ (\w+)$/gm)].map(([, name, help, type]) => [code(name), type!, help!]);
  return table(['metric', 'kind', ''], rows);
}
