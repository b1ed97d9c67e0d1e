import type { Language } from '../../domain/language.ts';

/** What the verifier is asked. */
export interface ToJudge {
  readonly file: Blob;
  readonly name: string;
  /** The key of the log, as far as it is known. */
  readonly key: string | null;
  readonly language: Language;
}

/** What the verifier says of a file. */
export interface Judged {
  readonly verdict: 'intact' | 'tampered' | 'unusable';
  readonly lines: readonly string[];
  /** The state of the log at which the file was made; the root in base64. */
  readonly state: { readonly origin: string; readonly size: number; readonly root: string } | null;
}
