import type { Id } from './ids.ts';
import type { Language } from './language.ts';
import type { AssuranceLevel, Audience, Purpose, Route, SignerCapacity } from './permission.ts';
import type { Relation } from './person.ts';

/** What a signer did. `objected`: to one lesson of a course, without leaving it. */
export const evidenceEvents = ['answered', 'withdrawn', 'objected'] as const;
export type EvidenceEvent = (typeof evidenceEvents)[number];

export const answers = ['yes', 'no'] as const;
export type Answer = (typeof answers)[number];

/**
 * How a signer did it. `pressed`: a button of the personal link and nothing more, enough for a no. `noted`: staff wrote
 * down what was said or mailed. None of the first three is an advanced or qualified signature.
 */
export const signingActs = ['pressed', 'typed', 'drawn', 'paper', 'secure_signature', 'noted'] as const;
export type SigningAct = (typeof signingActs)[number];

/** What an assurance rests on. */
export const assuranceChecks = [
  /** A member of staff says that a paper exists, or wrote down what was said. */
  'staff_word',
  /** The personal link was held. */
  'link',
  'typed_name',
  /** The last four digits of the telephone on record were known. */
  'phone_digits',
  /** A code that was sent another way was known. */
  'other_channel_code',
  /** Two people of the school saw the ink. */
  'two_people',
  /** A secure electronic signature was verified. */
  'secure_signature',
] as const;
export type AssuranceCheck = (typeof assuranceChecks)[number];

/** RFC 3339, UTC, with milliseconds, by the server's clock: `2026-03-02T08:15:30.125Z`. */
export type Instant = string;
/** A day, such as 2026-03-02. */
export type Day = string;
/** 64 hexadecimal digits, small. */
export type Sha256 = string;

/**
 * The evidence of one signature: what one signer did about one subject, once. Its canonical JSON (RFC 8785) is kept,
 * and the SHA-256 of that stands in the log entry of the act (`details.evidence`). Null: there was none of it. It holds
 * nothing of anybody but its signer and its subject, because the signer gets it back.
 */
export interface Evidence {
  readonly v: 1;
  readonly id: Id;
  readonly event: EvidenceEvent;
  readonly course: Id;
  /** The lesson objected to; null: the course. */
  readonly lesson: Id | null;
  readonly request: Id | null;
  /** Null: an objection to one lesson is no answer to the course, and the answer to the course stands. */
  readonly permission: Id | null;
  /** As the signer was shown it. */
  readonly subject: {
    readonly kind: 'person' | 'site';
    readonly id: Id;
    readonly name: string;
    readonly class: string | null;
  };
  readonly signer: {
    readonly id: Id | null;
    /** As the school has it on record. */
    readonly name: string;
    /** As the signer typed it. */
    readonly typedName: string | null;
    readonly capacity: SignerCapacity;
    /** To the subject, as the school has it on record. */
    readonly relation: Relation | null;
    /** Whether the signer declared parental responsibility; null: they were not asked. */
    readonly declaresResponsibility: boolean | null;
  };
  /** Digest of the terms that were shown. */
  readonly terms: Sha256;
  /** The information was noted: the first act. */
  readonly notice: SignedText | null;
  /** The consent was given or refused: the second act. */
  readonly consent: SignedText | null;
  /** One for each question of the terms, in their order. */
  readonly answers: readonly {
    readonly purpose: Purpose;
    readonly audience: Audience | null;
    readonly answer: Answer;
  }[];
  readonly route: Route;
  readonly act: {
    readonly kind: SigningAct;
    /** Of the strokes as drawn, which are sealed. */
    readonly strokesSha256: Sha256 | null;
    /** Of the file of a secure electronic signature, which is sealed. */
    readonly signatureSha256: Sha256 | null;
    /** Boxes with their labels, as shown. */
    readonly ticks: readonly { readonly label: string; readonly ticked: boolean }[];
    /** Label of the button, as shown. */
    readonly button: string | null;
    /** The member of staff who wrote it down. */
    readonly notedBy: Id | null;
  };
  readonly openedAt: Instant | null;
  readonly answeredAt: Instant;
  /** SHA-256 of the token of the link. */
  readonly tokenSha256: Sha256 | null;
  /** The message that brought the link. */
  readonly sending: {
    readonly at: Instant;
    /** `addressDigest` with the id of this evidence as salt. */
    readonly addressSha256: Sha256;
    /** Enough for its owner to know it again. */
    readonly addressMask: string;
    readonly messageId: string | null;
    readonly smtpReply: string | null;
  } | null;
  readonly assurance: {
    readonly level: AssuranceLevel;
    readonly checks: readonly AssuranceCheck[];
    /** Tries of the second proof, the one that succeeded included. */
    readonly attempts: number;
  };
  /** What the device said of itself: a claim. Address and program stand here by keyed digest only. */
  readonly device: {
    readonly zone: string | null;
    readonly addressHmac: Sha256 | null;
    readonly agentHmac: Sha256 | null;
  } | null;
  readonly paper: {
    readonly sheet: Id;
    /** From 1. */
    readonly page: number;
    readonly code: string | null;
    readonly imageSha256: Sha256;
    /** As a person read it; the paper has no time. */
    readonly writtenDate: Day | null;
    readonly receivedOn: Day;
    readonly readBy: Id;
    readonly confirmedBy: Id | null;
  } | null;
  /** The evidence that this one takes the place of. */
  readonly supersedes: Id | null;
}

export interface SignedText {
  readonly language: Language;
  /** The school's version of the text. */
  readonly version: number;
  /** Null for a paper, which has a date and no time. */
  readonly at: Instant | null;
}
