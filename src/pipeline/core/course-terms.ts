import { canonicalJson } from '../../audit/canonical-json.ts';
import { termsDigest } from '../../audit/terms-digest.ts';
import { dayIn, lastDayBefore } from '../../domain/calendar.ts';
import type { Id } from '../../domain/ids.ts';
import { languageTags } from '../../domain/language.ts';
import { textKinds } from '../../domain/request.ts';
import { makeTerms, type Terms, type TermsText } from '../../domain/terms.ts';
import type { Database, Transaction } from '../ports/database.ts';
import type { Outside } from '../ports/outside.ts';
import { toPermissionRules } from './permission-rules.ts';

type Db = Transaction['db'] | Database['read'];
type Needs = Pick<Outside, 'wording'>;

export interface NamedTerms {
  readonly digest: string;
  readonly terms: Terms;
}

/** What a signer of the course would read if it were asked for now. */
export async function composeTerms({ wording }: Needs, db: Db, courseId: Id): Promise<NamedTerms> {
  const course = await db.course.findUniqueOrThrow({
    where: { id: courseId },
    include: { school: true, channel: { select: { name: true } }, sites: { select: { name: true } } },
  });
  const { school } = course;
  const { timeZone } = toPermissionRules(school.permissionRules);
  const terms = makeTerms({
    school: school.name,
    course: course.title,
    reason: course.reason,
    channel: course.channel.name,
    sites: course.sites.map(({ name }) => name),
    from: dayIn(course.from, timeZone),
    until: lastDayBefore(course.until, timeZone),
    purposes: course.purposes,
    audiences: course.audiences,
    keptUntil: course.keptUntil === null ? null : lastDayBefore(course.keptUntil, timeZone),
    texts: await textsOf(db, wording.terms(school.name)),
  });
  return { digest: termsDigest(terms), terms };
}

/** The school's own wording where it has one, and where it has none the product's. */
async function textsOf(db: Db, shipped: Terms['texts']): Promise<Terms['texts']> {
  const own = await db.schoolText.findMany({ orderBy: { version: 'asc' } });
  const newest = new Map(own.map((row): [string, TermsText] => [`${row.kind} ${row.language}`, row]));
  const entries = languageTags.map((language) => [
    language,
    Object.fromEntries(textKinds.map((kind) => [kind, newest.get(`${kind} ${language}`) ?? shipped[language][kind]])),
  ]);
  return Object.fromEntries(entries) as Terms['texts'];
}

/** The terms in force of a course; null: nobody was asked yet. */
export async function currentTerms(db: Db, courseId: Id): Promise<NamedTerms | null> {
  const row = await db.courseTerms.findFirst({
    where: { courseId },
    orderBy: { since: 'desc' },
    select: { terms: { select: { digest: true, canonical: true } } },
  });
  return row && toTerms(row.terms);
}

/** Digests of the terms in force, by course. */
export async function digestsInForce(db: Db, courseIds: readonly Id[]): Promise<Map<Id, string>> {
  const where = { courseId: { in: [...courseIds] } };
  const rows = await db.courseTerms.findMany({ where, orderBy: { since: 'asc' } });
  return new Map(rows.map(({ courseId, digest }) => [courseId, digest]));
}

export function toTerms({ digest, canonical }: { readonly digest: string; readonly canonical: string }): NamedTerms {
  return { digest, terms: JSON.parse(canonical) as Terms };
}

/**
 * The terms in which signers are asked now: those that others of the course were asked in, so that asking voids no answer.
 * While nobody was asked and nobody answered, they are the course and the school's texts as they are. The caller holds the
 * course's lock.
 */
export async function termsToAskIn(
  outside: Needs,
  tx: Transaction,
  courseId: Id,
  by: { readonly staffId: Id; readonly at: Date },
): Promise<NamedTerms> {
  return (await termsAskedIn(tx.db, courseId)) ?? renewTerms(outside, tx, courseId, by);
}

/** The terms in force if somebody was asked or answered in them; null: nobody was. */
export async function termsAskedIn(db: Db, courseId: Id): Promise<NamedTerms | null> {
  const inForce = await currentTerms(db, courseId);
  if (inForce === null) return null;
  const where = { courseId, digest: inForce.digest };
  if (await db.permission.findFirst({ where })) return inForce;
  return (await db.request.findFirst({ where })) ? inForce : null;
}

/**
 * Puts the terms in force that the course has now, if signers would read something else in them; requests for the earlier
 * ones are superseded. The caller holds the course's lock. Returns the terms in force.
 */
export async function renewTerms(
  outside: Needs,
  tx: Transaction,
  courseId: Id,
  by: { readonly staffId: Id; readonly at: Date },
): Promise<NamedTerms> {
  const before = await currentTerms(tx.db, courseId);
  const now = await composeTerms(outside, tx.db, courseId);
  if (before?.digest === now.digest) return now;
  await tx.db.terms.createMany({
    data: [{ digest: now.digest, canonical: canonicalJson(now.terms), createdAt: by.at }],
    skipDuplicates: true,
  });
  await tx.db.courseTerms.create({
    data: { courseId, digest: now.digest, since: by.at, createdById: by.staffId },
  });
  await tx.db.request.updateMany({
    where: { courseId, state: { in: ['open', 'lapsed'] }, digest: { not: now.digest } },
    data: { state: 'superseded', remindAt: null },
  });
  await tx.log({
    action: 'course.terms_set',
    outcome: 'done',
    object: { kind: 'course', id: courseId },
    details: { terms: now.digest },
  });
  return now;
}
