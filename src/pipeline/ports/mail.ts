import type { DeliveryKind } from '../../domain/request.ts';

/** A letter to a signer, as facts; the edge puts it into words in the reader's language. */
export interface SignerLetter {
  readonly kind: DeliveryKind;
  readonly to: string;
  /** BCP 47; null: every language, one below the other. */
  readonly language: string | null;
  readonly signer: string;
  readonly school: string;
  readonly url: string;
  /** Whom it is about, and the course. */
  readonly about: readonly { readonly subject: string; readonly course: string; readonly answerBy: Date }[];
  readonly messageId: string;
}

/** What the mail server said of a letter. `unsent`: it certainly has not got it, and it may be tried again. */
export type Handed =
  | { readonly outcome: 'accepted'; readonly reply: string }
  | { readonly outcome: 'refused'; readonly reply: string }
  | { readonly outcome: 'unsent'; readonly cause: unknown }
  | { readonly outcome: 'unknown'; readonly reply: string };
