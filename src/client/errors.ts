import type { z } from 'zod';
import type { problem } from '../contract/values.ts';

export type Problem = z.output<typeof problem>;
export type ProblemReason = Problem['reasons'][number];

/** The server refused, with its reason. RFC 9457. */
export class ApiProblem extends Error {
  override readonly name = 'ApiProblem';
  readonly code: string;
  readonly title: string;
  readonly detail: string | null;
  readonly reasons: readonly ProblemReason[];
  readonly status: number;
  readonly requestId: string;

  constructor(found: Problem) {
    super(found.detail ?? found.title);
    this.code = found.code;
    this.title = found.title;
    this.detail = found.detail ?? null;
    this.reasons = found.reasons;
    this.status = found.status;
    this.requestId = found.requestId;
  }
}

/** No answer, or the connection broke before the answer was complete. `sentBytes`: bytes of a file sent until then. */
export class ServerUnreachable extends Error {
  override readonly name = 'ServerUnreachable';
  readonly baseUrl: string;
  readonly sentBytes: number | null;

  constructor(baseUrl: string, cause: unknown, sentBytes: number | null = null) {
    super(`${baseUrl} does not answer: ${describeCause(cause)}`, { cause });
    this.baseUrl = baseUrl;
    this.sentBytes = sentBytes;
  }
}

/** Something answered, but not as an Emanet server of this version would. */
export class UnexpectedAnswer extends Error {
  override readonly name = 'UnexpectedAnswer';
}

/** The file grew or shrank while it was being sent. */
export class FileChanged extends Error {
  override readonly name = 'FileChanged';
  readonly declaredBytes: number;
  readonly readBytes: number;

  constructor(declaredBytes: number, readBytes: number) {
    super(`the file had ${declaredBytes} bytes when the upload began, and now has ${readBytes} or more`);
    this.declaredBytes = declaredBytes;
    this.readBytes = readBytes;
  }
}

/** `fetch failed` is no explanation; the system's code beneath it is. */
function describeCause(cause: unknown): string {
  for (let at: unknown = cause; at instanceof Error; at = at.cause) {
    const code = (at as NodeJS.ErrnoException).code;
    if (code) return code;
  }
  return cause instanceof Error ? cause.message : String(cause);
}
