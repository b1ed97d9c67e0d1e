import { setTimeout as delay } from 'node:timers/promises';
import {
  type Attributes,
  isSpanContextValid,
  type Span as OtelSpan,
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  type Tracer,
  trace,
} from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { resourceFromAttributes } from '@opentelemetry/resources';
import {
  BatchSpanProcessor,
  ParentBasedSampler,
  type SpanExporter,
  TraceIdRatioBasedSampler,
  TracerProvider,
} from '@opentelemetry/sdk-trace';
import type { Span, SpanOrigin, Tracing } from '../../pipeline/ports/trace.ts';

interface TracingOptions {
  /** Of the receiver, without `/v1/traces`. */
  readonly endpoint: string;
  readonly headers: Readonly<Record<string, string>>;
  /** How many traces of a hundred are kept, as a share. */
  readonly ratio: number;
  readonly process: 'web' | 'worker';
  /** Is told, once in a minute at most, that spans were lost. */
  readonly onLoss: (spans: number) => void;
}

/** A job may go through every object of a school: what it does beyond so many spans is not in its trace. */
const mostSpans = 1_000;
const exportMs = 10_000;
/** So long an end waits for what is left. */
const closeMs = 2_000;
const kinds = { request: SpanKind.SERVER, job: SpanKind.CONSUMER } as const satisfies Record<SpanOrigin, SpanKind>;

/**
 * Hands traces to a receiver of OTLP over HTTP. Spans wait in a queue of bounded length, and are dropped where nobody takes them:
 * no request ever waits for them.
 */
export function createTracing({ endpoint, headers, ratio, process, onLoss }: TracingOptions): Tracing {
  const url = `${endpoint.replace(/\/+$/, '')}/v1/traces`;
  const exporter = new OTLPTraceExporter({ url, headers: { ...headers }, timeoutMillis: exportMs });
  const provider = new TracerProvider({
    resource: resourceFromAttributes({ 'service.name': 'emanet', 'emanet.process': process }),
    sampler: new ParentBasedSampler({ root: new TraceIdRatioBasedSampler(ratio) }),
    spanProcessors: [
      new BatchSpanProcessor({ exporter: tellingLosses(exporter, onLoss), exportTimeoutMillis: exportMs * 2 }),
    ],
  });
  const tracer = provider.getTracer('emanet');
  return {
    begin(origin, name, facts, parent = null) {
      const span = tracer.startSpan(name, { kind: kinds[origin], attributes: attributesOf(facts) }, contextOf(parent));
      return span.isRecording() ? new TracedSpan(tracer, span, { left: mostSpans }) : null;
    },
    async close() {
      await Promise.race([provider.shutdown().catch(() => {}), delay(closeMs, undefined, { ref: false })]);
    },
  };
}

class TracedSpan implements Span {
  readonly #tracer: Tracer;
  readonly #span: OtelSpan;
  /** Of the whole trace in this process. */
  readonly #room: { left: number };

  constructor(tracer: Tracer, span: OtelSpan, room: { left: number }) {
    this.#tracer = tracer;
    this.#span = span;
    this.#room = room;
  }

  get traceparent(): string {
    const { traceId, spanId, traceFlags } = this.#span.spanContext();
    return `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, '0')}`;
  }

  begin(name: string, facts: Attributes): Span | null {
    if (this.#room.left === 0) return null;
    this.#room.left--;
    const parent = trace.setSpan(ROOT_CONTEXT, this.#span);
    const span = this.#tracer.startSpan(name, { attributes: attributesOf(facts) }, parent);
    return new TracedSpan(this.#tracer, span, this.#room);
  }

  rename(name: string): void {
    this.#span.updateName(name);
  }

  note(facts: Attributes): void {
    this.#span.setAttributes(attributesOf(facts));
  }

  fail(kind: string): void {
    this.#span.setStatus({ code: SpanStatusCode.ERROR });
    this.#span.setAttribute('error.type', kind);
  }

  end(): void {
    this.#span.end();
  }
}

const attributesOf = (facts: object): Attributes => ({ ...facts });

/** @param traceparent by W3C Trace Context, version 00; any other begins a trace of its own. */
function contextOf(traceparent: string | null) {
  const [, traceId = '', spanId = '', flags = ''] =
    /^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/.exec(traceparent ?? '') ?? [];
  const parent = { traceId, spanId, traceFlags: Number.parseInt(flags, 16) & 1, isRemote: true };
  return isSpanContextValid(parent) ? trace.setSpanContext(ROOT_CONTEXT, parent) : ROOT_CONTEXT;
}

const tellEveryMs = 60_000;

/** The library says nothing of what it could not hand over. */
function tellingLosses(exporter: SpanExporter, onLoss: (spans: number) => void): SpanExporter {
  let toldAt = Number.NEGATIVE_INFINITY;
  let lost = 0;
  return {
    export(spans, done) {
      exporter.export(spans, (result) => {
        if (result.code !== 0) lost += spans.length;
        if (lost > 0 && performance.now() - toldAt > tellEveryMs) {
          toldAt = performance.now();
          onLoss(lost);
          lost = 0;
        }
        done(result);
      });
    },
    forceFlush: () => exporter.forceFlush?.() ?? Promise.resolve(),
    shutdown: () => exporter.shutdown(),
  };
}
