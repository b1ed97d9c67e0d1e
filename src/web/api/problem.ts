/** One exact reason of a refusal, as the server words it. */
export interface ProblemReason {
  readonly code: string;
  readonly text: string;
  readonly params?: Readonly<Record<string, string | number>>;
  readonly subject?: { readonly kind: string; readonly id: string; readonly name?: string };
}

interface ProblemDetails {
  readonly title: string;
  readonly detail?: string | undefined;
  readonly code?: string;
  readonly status?: number;
  readonly requestId?: string | undefined;
  readonly reasons?: readonly ProblemReason[];
  /** Seconds after which it may be tried again. */
  readonly retryAfter?: number | null;
}

/** A refusal or a fault of the server (RFC 9457), or a connection that was lost. */
export class Problem extends Error {
  readonly title: string;
  readonly detail: string | undefined;
  readonly code: string;
  /** 0: there was no answer. */
  readonly status: number;
  readonly requestId: string | undefined;
  readonly reasons: readonly ProblemReason[];
  readonly retryAfter: number | null;

  constructor(details: ProblemDetails, options?: ErrorOptions) {
    super(details.title, options);
    this.title = details.title;
    this.detail = details.detail;
    this.code = details.code ?? 'PAGE';
    this.status = details.status ?? 0;
    this.requestId = details.requestId;
    this.reasons = details.reasons ?? [];
    this.retryAfter = details.retryAfter ?? null;
  }

  /** Trying the same again may succeed. */
  get isPassing(): boolean {
    return this.code === 'NO_CONNECTION' || [429, 502, 503, 504].includes(this.status);
  }
}

/** Reads problem details; a proxy's page in their place is a fault with its status. */
export function toProblem(status: number, text: string, otherwise: string, retryAfter: number | null): Problem {
  let body: Partial<ProblemDetails> | null = null;
  try {
    body = JSON.parse(text) as Partial<ProblemDetails> | null;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  return typeof body?.title === 'string'
    ? new Problem({ ...(body as ProblemDetails), status, retryAfter })
    : new Problem({ title: otherwise, status, retryAfter });
}
