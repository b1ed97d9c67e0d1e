import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { z } from 'zod';

const value = z.strictObject({
  stringValue: z.string().optional(),
  intValue: z.number().optional(),
  doubleValue: z.number().optional(),
  boolValue: z.boolean().optional(),
});
const attributes = z.array(z.strictObject({ key: z.string(), value }));
const spanSchema = z.object({
  traceId: z.string().regex(/^[0-9a-f]{32}$/),
  spanId: z.string().regex(/^[0-9a-f]{16}$/),
  parentSpanId: z.string().optional(),
  name: z.string(),
  kind: z.number(),
  startTimeUnixNano: z.string(),
  endTimeUnixNano: z.string(),
  attributes,
  events: z.array(z.unknown()),
  links: z.array(z.unknown()),
  status: z.object({ code: z.number(), message: z.string().optional() }),
});
/** OTLP 1.x, ExportTraceServiceRequest in JSON. */
const request = z.object({
  resourceSpans: z.array(
    z.object({
      resource: z.object({ attributes }),
      scopeSpans: z.array(z.object({ scope: z.object({ name: z.string() }), spans: z.array(spanSchema) })),
    }),
  ),
});

export interface ReceivedSpan {
  readonly process: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string | undefined;
  readonly name: string;
  readonly kind: number;
  readonly isFailed: boolean;
  readonly facts: Readonly<Record<string, unknown>>;
}

export interface TraceReceiver {
  readonly url: string;
  readonly spans: readonly ReceivedSpan[];
  /** Everything that came, as it came: request lines, headers, bodies. */
  readonly raw: readonly string[];
  readonly headers: readonly IncomingHttpHeaders[];
  stop(): Promise<void>;
}

/** A receiver of traces over HTTP that takes what the standard says and nothing else. */
export async function startTraceReceiver(): Promise<TraceReceiver> {
  const spans: ReceivedSpan[] = [];
  const raw: string[] = [];
  const headers: IncomingHttpHeaders[] = [];
  const server = createServer(async (req, res) => {
    const pieces: Buffer[] = [];
    for await (const piece of req) pieces.push(piece as Buffer);
    const body = Buffer.concat(pieces).toString('utf8');
    raw.push(`${req.method} ${req.url}\n${JSON.stringify(req.headers)}\n${body}`);
    headers.push(req.headers);
    const parsed = request.safeParse(JSON.parse(body));
    if (req.url !== '/v1/traces' || !parsed.success) return res.writeHead(400).end(String(parsed.error));
    for (const { resource, scopeSpans } of parsed.data.resourceSpans) {
      const process = String(factsOf(resource.attributes)['emanet.process']);
      for (const span of scopeSpans.flatMap((scope) => scope.spans)) {
        const { traceId, spanId, parentSpanId, name, kind, status } = span;
        const facts = factsOf(span.attributes);
        spans.push({ process, traceId, spanId, parentSpanId, name, kind, isFailed: status.code === 2, facts });
      }
    }
    res.writeHead(200, { 'content-type': 'application/json' }).end('{}');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    ...{ spans, raw, headers },
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

const factsOf = (list: z.infer<typeof attributes>): Record<string, unknown> =>
  Object.fromEntries(list.map(({ key, value }) => [key, Object.values(value)[0]]));
