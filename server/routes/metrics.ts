import { createHash, timingSafeEqual } from 'node:crypto';
import { Hono } from 'hono';

/** `/metrics` in the text form of Prometheus. Where there is a token, whoever does not send it finds nothing here. */
export function addMetrics(app: Hono, read: () => Promise<string>, token?: string): void {
  app.get('/metrics', async (c, next) => {
    if (token !== undefined && !isSame(c.req.header('authorization') ?? '', `Bearer ${token}`)) return next();
    return c.text(await read(), 200, { 'Content-Type': 'text/plain; version=0.0.4; charset=utf-8', 'Cache-Control': 'no-store' });
  });
}

/** What answers on a port of its own: the metrics, and nothing else. */
export function metricsApp(read: () => Promise<string>, token?: string): Hono {
  const app = new Hono();
  addMetrics(app, read, token);
  return app;
}

/** Takes as long whatever is alike; of digests, as the comparison wants both to be of one length. */
function isSame(given: string, wanted: string): boolean {
  const [one, other] = [given, wanted].map((text) => createHash('sha256').update(text).digest());
  return timingSafeEqual(one!, other!);
}
