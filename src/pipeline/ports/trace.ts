import { AsyncLocalStorage } from 'node:async_hooks';
import { Refusal } from '../../domain/errors.ts';

/**
 * All that a span may say. Names and figures of this program: no id of a person or an object, no address, nothing of what a
 * request brought, no message of an error.
 */
export interface SpanFacts {
  readonly 'http.request.method'?: string;
  /** The pattern of the route. */
  readonly 'http.route'?: string;
  readonly 'http.response.status_code'?: number;
  /** The number that the log of the server and the answer have, too. It is drawn at random. */
  readonly 'emanet.request'?: string;
  readonly 'emanet.refusal'?: string;
  readonly 'emanet.job'?: string;
  readonly 'emanet.attempt.last'?: boolean;
  readonly 'db.collection.name'?: string;
  readonly 'db.operation.name'?: string;
  readonly 'process.exit.code'?: number;
}

/** A stretch of work with a name, within another one or as the first of its trace. */
export interface Span {
  /** By W3C Trace Context: what another process needs to go on with the trace. */
  readonly traceparent: string;
  /** Null: the trace has as much in it as one may have. */
  begin(name: string, facts: SpanFacts): Span | null;
  rename(name: string): void;
  note(facts: SpanFacts): void;
  /** `kind`: the name of the class of an error. */
  fail(kind: string): void;
  end(): void;
}

export type SpanOrigin = 'request' | 'job';

/** Where traces go. Nothing of it waits for the network, and nothing of it throws. */
export interface Tracing {
  /** `parent`: a traceparent that is trusted. Null: this one is not traced. */
  begin(origin: SpanOrigin, name: string, facts: SpanFacts, parent?: string | null): Span | null;
  /** Hands over what is left, for a moment at most. */
  close(): Promise<void>;
}

const spans = new AsyncLocalStorage<Span>();

/** The span of the work that this is called from; null where nothing is traced. */
export const currentSpan = (): Span | null => spans.getStore() ?? null;

/** Does `work` within a span, which somebody else ends. */
export const withinSpan = <T>(span: Span | null, work: () => T): T => (span === null ? work() : spans.run(span, work));

/** Does `work` as a stretch of its own. Where nothing is traced it is just done, with null. @throws as `work`. */
export async function traced<T>(name: string, facts: SpanFacts, work: (span: Span | null) => Promise<T>): Promise<T> {
  const span = currentSpan()?.begin(name, facts) ?? null;
  return span === null ? work(null) : asSpan(span, () => work(span));
}

/** What is stopped has not failed. */
const isStop = (error: unknown): boolean => error instanceof Error && error.name === 'AbortError';

/** Does `work` within a span and ends that. A refusal is an answer, not a failure. @throws as `work`. */
export async function asSpan<T>(span: Span, work: () => Promise<T>): Promise<T> {
  try {
    return await spans.run(span, work);
  } catch (error) {
    if (error instanceof Refusal) span.note({ 'emanet.refusal': error.code });
    else if (!isStop(error)) span.fail(error instanceof Error ? error.constructor.name : 'unknown');
    throw error;
  } finally {
    span.end();
  }
}
