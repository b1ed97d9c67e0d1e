import { canonicalJson } from '../../audit/canonical-json.ts';
import type { Id } from '../../domain/ids.ts';
import { number, object, oneOf, text } from '../../domain/json.ts';

/** What a runner signs: which job it did, what it had before it, and the digest of what it measured. */
export interface RunnerStatement {
  readonly kind: 'emanet.runner_result';
  readonly v: 1;
  readonly runner: Id;
  readonly job: Id;
  readonly lease: Id;
  /** As the runner received and measured it: the digest of the plaintext is told to none. */
  readonly recording: { readonly bodySha256: string; readonly mediaBytes: number; readonly mediaSha256: string };
  readonly detectors: number;
  readonly result: { readonly bytes: number; readonly sha256: string };
}

const read = object({
  kind: oneOf(['emanet.runner_result'] as const),
  v: number,
  runner: text,
  job: text,
  lease: text,
  recording: object({ bodySha256: text, mediaBytes: number, mediaSha256: text }),
  detectors: number,
  result: object({ bytes: number, sha256: text }),
});

/** RFC 8785: one text for one statement. */
export const writeStatement = (statement: RunnerStatement): string => canonicalJson(statement);

/** Null for a text that is not the canonical form of a statement of this version. */
export function readStatement(given: string): RunnerStatement | null {
  try {
    const found = read(JSON.parse(given));
    const statement: RunnerStatement = { ...found, v: 1 };
    return found.v === 1 && writeStatement(statement) === given ? statement : null;
  } catch {
    return null; // an unreadable statement states nothing
  }
}
