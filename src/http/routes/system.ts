import { createHash, timingSafeEqual } from 'node:crypto';
import { join } from 'node:path';
import express, { type Express, type Request } from 'express';
import { createOpenApi } from '../../contract/openapi.ts';

/** Libraries of the pages, as their packages ship them for browsers. */
const packages = join(import.meta.dirname, '../../../node_modules');
const vendored = {
  'tus.min.js': join(packages, 'tus-js-client/dist/tus.min.js'),
  'hls.light.min.js': join(packages, 'hls.js/dist/hls.light.min.js'),
} as const;

export interface SystemProbes {
  /** Each part that requests need to succeed, and whether it works. */
  ready(): Promise<Readonly<Record<string, boolean>>>;
  metrics(): Promise<{ type: string; text: string }>;
  readonly metricsToken: string | null;
}

/** Routes without a role: liveness, readiness, metrics, the API's description, and the plain pages. */
export function systemRoutes(app: Express, probes: SystemProbes): void {
  app.get('/healthz', (_req, res) => {
    res.json({ alive: true });
  });
  app.get('/readyz', async (_req, res) => {
    const parts = await probes.ready();
    const isReady = Object.values(parts).every(Boolean);
    res.status(isReady ? 200 : 503).json({ ready: isReady, ...parts });
  });
  app.get('/metrics', async (req, res) => {
    if (!mayReadMetrics(req, probes.metricsToken)) {
      res.status(404).end();
      return;
    }
    const { type, text } = await probes.metrics();
    res.setHeader('Content-Type', type);
    res.send(text);
  });
  const openApi = JSON.stringify(createOpenApi());
  app.get('/api/openapi.json', (_req, res) => {
    res.type('application/json').send(openApi);
  });
  const pages = join(import.meta.dirname, '../pages');
  // The same for everybody: may be cached, and is revalidated each time.
  const shared = { headers: { 'Cache-Control': 'no-cache' } };
  app.get('/', (_req, res) => res.sendFile(join(pages, 'start.html'), shared));
  app.get('/api/docs', (_req, res) => res.sendFile(join(pages, 'docs.html'), shared));
  for (const [name, path] of Object.entries(vendored))
    app.get(`/pages/vendor/${name}`, (_req, res) => res.sendFile(path, shared));
  app.use('/pages', express.static(pages, { index: false, setHeaders: (res) => res.set(shared.headers) }));
}

/**
 * Only with the token. The address identifies no caller: behind a reverse proxy every request comes from this machine.
 */
function mayReadMetrics(req: Request, token: string | null): boolean {
  if (token === null) return false;
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(req.get('authorization') ?? ''), digest(`Bearer ${token}`));
}
