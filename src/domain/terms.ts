import { type Language, languageTags } from './language.ts';
import { type Audience, audiences, type Purpose, purposes } from './permission.ts';

/** A text of the school that a signer reads, with the school's own version of it. */
export interface TermsText {
  readonly version: number;
  readonly text: string;
}

/** Everything that a signer reads of a course; immutable, named by the SHA-256 of its canonical JSON (RFC 8785). */
export interface Terms {
  readonly v: 1;
  readonly school: string;
  /** Title of the course. */
  readonly course: string;
  readonly reason: string;
  readonly channel: string;
  /** Names, sorted by code point. */
  readonly sites: readonly string[];
  /** Days, such as 2026-06-30. */
  readonly from: string;
  readonly until: string;
  /** Asked for, in the order of the closed set. */
  readonly purposes: readonly Purpose[];
  readonly audiences: readonly Audience[];
  /** A day; null: by the school's retention rules. */
  readonly keptUntil: string | null;
  /** The information to be noted and the consent to be given: two texts, two acts. */
  readonly texts: Readonly<Record<Language, { readonly notice: TermsText; readonly consent: TermsText }>>;
}

/** What can differ between two versions of terms. The version of a text differs with it. */
export const termsFields = [
  'school',
  'course',
  'reason',
  'channel',
  'sites',
  'from',
  'until',
  'purposes',
  'audiences',
  'keptUntil',
  'notice',
  'consent',
] as const;
export type TermsField = (typeof termsFields)[number];

/** One question of the terms: a purpose, and for a release to whom. Each gets an answer of its own. */
export interface Question {
  readonly purpose: Purpose;
  /** Null for every purpose but `release`. */
  readonly audience: Audience | null;
}

/**
 * Terms in their one form: sites by code point, purposes and audiences in the order of their closed sets, nothing twice.
 * A release is asked for if and only if an audience is: without one, there is no question that a signer could answer.
 * Nothing else that `given` holds gets into the digest.
 */
export function makeTerms(given: Omit<Terms, 'v'>): Terms {
  const { school, course, reason, channel, from, until, keptUntil, texts } = given;
  const shownTo = given.purposes.includes('release') ? audiences.filter((one) => given.audiences.includes(one)) : [];
  const asked = shownTo.length === 0 ? given.purposes.filter((one) => one !== 'release') : given.purposes;
  return {
    v: 1,
    school,
    course,
    reason,
    channel,
    sites: [...new Set(given.sites)].sort(byCodePoint),
    from,
    until,
    purposes: purposes.filter((one) => asked.includes(one)),
    audiences: shownTo,
    keptUntil,
    texts: Object.fromEntries(
      languageTags.map((language) => {
        const { notice, consent } = texts[language];
        return [language, { notice: toText(notice), consent: toText(consent) }];
      }),
    ) as Terms['texts'],
  };
}

const toText = ({ version, text }: TermsText): TermsText => ({ version, text });

/** What a signer is asked, in the order in which it is asked. */
export function questionsOf({ purposes, audiences }: Pick<Terms, 'purposes' | 'audiences'>): Question[] {
  return purposes.flatMap((purpose): Question[] =>
    purpose === 'release' ? audiences.map((audience) => ({ purpose, audience })) : [{ purpose, audience: null }],
  );
}

/** What a signer would read differently. Empty if and only if both have one digest. */
export function termsChanges(before: Terms, after: Terms): TermsField[] {
  return termsFields.filter((field) => !isSame(partOf(before, field), partOf(after, field)));
}

/** The readable part of the terms that a field names, as one list of scalars. */
function partOf(terms: Terms, field: TermsField): readonly (string | number | null)[] {
  if (field !== 'notice' && field !== 'consent') {
    const part = terms[field];
    return typeof part === 'string' || part === null ? [part] : part;
  }
  const languages = Object.entries(terms.texts).sort(([a], [b]) => byCodePoint(a, b));
  return languages.flatMap(([language, texts]) => [language, texts[field].version, texts[field].text]);
}

const isSame = (before: readonly unknown[], after: readonly unknown[]) =>
  before.length === after.length && before.every((one, at) => one === after[at]);

/** The order of code points, which is the order of the octets of UTF-8; JavaScript's own is that of UTF-16. */
function byCodePoint(a: string, b: string): number {
  const [left, right] = [[...a], [...b]];
  for (let at = 0; at < Math.min(left.length, right.length); at++) {
    const difference = (left[at]?.codePointAt(0) ?? 0) - (right[at]?.codePointAt(0) ?? 0);
    if (difference !== 0) return difference;
  }
  return left.length - right.length;
}
