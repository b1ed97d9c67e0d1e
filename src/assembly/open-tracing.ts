import type { Config } from '../config/env.ts';
import type { Tracing } from '../pipeline/ports/trace.ts';

/** Null where no receiver is set: then nothing is loaded that could make or send traces. */
export async function openTracing(
  config: Config,
  process: 'web' | 'worker',
  onLoss: (spans: number) => void,
): Promise<Tracing | null> {
  const { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, OTEL_EXPORTER_OTLP_HEADERS: headers, TRACES_RATIO: ratio } = config;
  if (endpoint === undefined) return null;
  const { createTracing } = await import('../adapters/opentelemetry/tracing.ts');
  return createTracing({ endpoint, headers: headersOf(headers), ratio, process, onLoss });
}

const headersOf = (text = ''): Record<string, string> =>
  Object.fromEntries(
    text
      .split(',')
      .filter((pair) => pair !== '')
      .map((pair) => {
        const at = pair.indexOf('=');
        return [pair.slice(0, at), decodeURIComponent(pair.slice(at + 1))];
      }),
  );
