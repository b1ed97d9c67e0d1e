import type { Express } from 'express';
import { createOpenApi } from '../../contract/openapi.ts';
import { type ApiDescription, apiDocs } from '../api-docs.ts';
import { mayReadMetrics } from '../metrics-token.ts';
import { sendPlain } from '../web-pages.ts';

export interface SystemProbes {
  /** Each part that requests need to succeed, and whether it works. */
  ready(): Promise<Readonly<Record<string, boolean>>>;
  metrics(): Promise<{ type: string; text: string }>;
  readonly metricsToken: string | null;
}

/** Routes without a role: liveness, readiness, metrics, and the API’s description. */
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
    if (!mayReadMetrics(req.get('authorization'), probes.metricsToken)) {
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
  const docs = apiDocs(JSON.parse(openApi) as ApiDescription);
  app.get('/api/docs', (_req, res) => sendPlain(res, docs));
}
