import { leastLevelFor } from './assurance.ts';
import { uncoveredReasons } from './attendance/coverage.ts';
import { Refusal } from './errors.ts';
import type { Id } from './ids.ts';
import type { Audience, LessonParticipant, LessonRecord, Permission, Purpose } from './permission.ts';
import { isOfAge } from './person.ts';
import type { Reason, ReasonCode } from './reason.ts';
import { holdsNo, isCoveredBy, isGivenAfter, isInTime, isRenewable, noTimes, signerOf } from './signer-history.ts';

/**
 * What the gate is asked for: to take a recording in, to keep one, to end its review, or to show it to an audience.
 * `removed`: persons whose picture and sound go from it, so that it may be without a permission of theirs.
 */
export type GateQuestion = (
  | { readonly kind: 'upload' | 'keep' | 'clear' }
  | { readonly kind: 'release'; readonly audience: Audience }
) & { readonly removed?: ReadonlySet<Id> };

/**
 * Why a recording of this lesson may not be kept (or released) at `at`; an empty list means that the gate holds.
 * Fails closed: no sites, no participants, and a permission that ends exactly at `at` are reasons.
 * A permission counts when it is granted, written, signed before the lesson began by somebody who may sign, for the
 * terms in force, for every purpose asked for, sure enough for the school's rules, and not over. A no closes the gate
 * for its subject, whatever others signed, until the same signer gives a yes after it that counts (`signer-history.ts`),
 * or until they no longer stand for a minor. Who sits in a seat that is not recorded needs permission to take part alone.
 * Policy P1, P2, P3, P6, P7, P8.
 */
export function gateReasons(
  lesson: LessonRecord,
  permissions: readonly Permission[],
  at: Date,
  question: GateQuestion = { kind: 'keep' },
): Reason[] {
  const byPerson = lesson.participants.map((person) => ({
    person,
    reasons: question.removed?.has(person.personId)
      ? []
      : participantReasons(lesson, person, permissions, at, question),
  }));
  return [
    ...lessonReasons(lesson),
    ...lesson.sites.flatMap((site) => siteReasons(lesson, site, permissions, at, question)),
    ...byPerson.flatMap(({ reasons }) => reasons),
    ...attendanceReasons(lesson, byPerson, question),
  ];
}

/**
 * What the attendance reports say against it (policy P1; design, section 8). A report that is there counts from the upload on;
 * that there is one is asked for as the school's rule says. What is open does not keep a recording from being kept: it may
 * be settled. Somebody without permission who was there does.
 */
function attendanceReasons(
  { attendance, rules, id }: LessonRecord,
  byPerson: readonly { readonly person: LessonParticipant; readonly reasons: readonly Reason[] }[],
  { kind, removed }: GateQuestion,
): Reason[] {
  if (attendance === null) {
    const isAsked = rules.attendance === 'upload' ? kind !== 'keep' : kind === 'clear' || kind === 'release';
    return rules.attendance !== 'never' && isAsked
      ? [{ code: 'ATTENDANCE_MISSING', subject: { kind: 'lesson', id } }]
      : [];
  }
  const people = new Map(
    byPerson.map(({ person, reasons }) => [
      person.personId,
      {
        subject: { kind: 'participant', id: person.id, name: person.name },
        isUnrecorded: person.isUnrecorded,
        uncovered: reasons[0]?.code ?? null,
      },
    ]),
  );
  const present = attendance.present.filter(({ personId }) => removed?.has(personId) !== true);
  return [...(kind === 'keep' ? [] : attendance.open), ...uncoveredReasons({ ...attendance, present }, people)];
}

/**
 * Refuses unless the gate holds.
 * @throws Refusal `PERMISSION_MISSING`; `reasons` names each person or site and what is wrong.
 */
export function assertGateHolds(
  lesson: LessonRecord,
  permissions: readonly Permission[],
  at: Date,
  question?: GateQuestion,
): void {
  const reasons = gateReasons(lesson, permissions, at, question);
  if (reasons.length > 0) throw new Refusal('PERMISSION_MISSING', { reasons });
}

function lessonReasons(lesson: LessonRecord): Reason[] {
  const reasons: Reason[] = [];
  const subject = { kind: 'lesson', id: lesson.id };
  if (lesson.reason.trim() === '') reasons.push({ code: 'NO_REASON', subject });
  if (lesson.sites.length === 0) reasons.push({ code: 'NO_SITES', subject });
  if (lesson.participants.length === 0) reasons.push({ code: 'NO_PARTICIPANTS', subject });
  if (lesson.supervisorName.trim() === '') reasons.push({ code: 'NO_SUPERVISOR', subject });
  if (lesson.announcement === null) reasons.push({ code: 'NOT_ANNOUNCED', subject });
  const channel = { kind: 'channel', id: lesson.channel.id, name: lesson.channel.name };
  if (!lesson.channel.approved)
    reasons.push({ code: 'CHANNEL_NOT_APPROVED', subject: channel, params: { channel: lesson.channel.name } });
  const assessed = lesson.channel.assessments.some(
    (assessment) => assessment.validFrom <= lesson.plannedStart && lesson.plannedEnd < assessment.validUntil,
  );
  if (!assessed)
    reasons.push({
      code: lesson.channel.assessments.length === 0 ? 'RISK_ASSESSMENT_MISSING' : 'RISK_ASSESSMENT_OUT_OF_DATE',
      subject: channel,
      params: { channel: lesson.channel.name },
    });
  return reasons;
}

type Site = LessonRecord['sites'][number];

function siteReasons(
  lesson: LessonRecord,
  site: Site,
  all: readonly Permission[],
  at: Date,
  question: GateQuestion,
): Reason[] {
  const subject = { kind: 'site', id: site.id, name: site.name };
  const own = all.filter((permission) => permission.subject.kind === 'site' && permission.subject.id === site.id);
  const needed = neededFor(question, false);
  const judge = (permission: Permission) =>
    permission.status === 'granted' && permission.signer?.capacity !== 'site_representative'
      ? flaw('SITE_SIGNER_WRONG', site.name)
      : findFlaw({ lesson, permission, own, name: site.name, at, needed });
  const standing = findStandingNo(own, site.name, judge) ?? findDeclined(own, site.name, needed);
  if (standing) return [toReason(standing.why, subject)];
  return settle(own.map(judge), subject, flaw('PERMISSION_MISSING', site.name));
}

function participantReasons(
  lesson: LessonRecord,
  person: LessonParticipant,
  all: readonly Permission[],
  at: Date,
  question: GateQuestion,
): Reason[] {
  const subject = { kind: 'participant', id: person.id, name: person.name };
  const missing = flaw('PERMISSION_MISSING', person.name);
  const needed = person.isUnrecorded ? toTakePart : neededFor(question, lesson.asksToTakePart);
  const isMinor = isMinorAt(person, lesson.plannedStart);
  const { guardians } = person;
  const own = all.filter(({ subject: of }) => of.kind === 'participant' && of.id === person.id);
  const signedBy = (capacity: string) => own.filter((permission) => permission.signer?.capacity === capacity);
  const judge = (permission: Permission) =>
    permission.status === 'granted' && hasEnded(guardians, permission, lesson.plannedStart)
      ? flaw('GUARDIANSHIP_ENDED', person.name, { guardian: permission.signer?.name ?? '' })
      : findFlaw({ lesson, permission, own, name: person.name, at, needed });

  // The no of a guardian goes with the guardianship, and still takes back what the same guardian gave.
  const heard = own.filter((permission) => !hasEnded(guardians, permission, at));
  const standing = findStandingNo(heard, person.name, judge) ?? findDeclined(heard, person.name, needed);
  if (standing) return [toReason(isMinor ? toDispute(standing, own, person, judge) : standing.why, subject)];
  const isObjectedTo = person.objections.some(({ until }) => !isOver(until, at));
  if (isObjectedTo && needed.purposes.includes('record')) return [toReason(flaw('OBJECTED', person.name), subject)];
  if (!isMinor) {
    const flaws = own.map((permission) =>
      permission.status === 'granted' && permission.signer?.capacity !== 'self'
        ? flaw('WRONG_SIGNER', person.name)
        : judge(permission),
    );
    return settle(flaws, subject, missing);
  }

  const signing = guardians.filter(({ until }) => !isOver(until, lesson.plannedStart));
  if (signing.length === 0) return [toReason(flaw('GUARDIAN_UNKNOWN', person.name), subject)];
  const reasons: Reason[] = [];
  const known = new Set(guardians.map((guardian) => guardian.id));
  const byGuardian = signedBy('guardian').filter((p) => p.signer?.guardianId != null && known.has(p.signer.guardianId));
  if (lesson.rules.requireAllGuardians) {
    for (const guardian of signing) {
      const flaws = byGuardian.filter((p) => p.signer?.guardianId === guardian.id).map(judge);
      const unsigned = flaw('GUARDIAN_SIGNATURE_MISSING', person.name, { guardian: guardian.name });
      reasons.push(...settle(flaws, subject, unsigned));
    }
  } else {
    const unanswered = own.filter((p) => p.status === 'requested' || p.status === 'expired').map(judge);
    const selfSigned = signedBy('self').some((p) => p.status === 'granted');
    const fallback = selfSigned
      ? flaw('SIGNED_BY_PUPIL', person.name)
      : own.some((p) => p.status === 'granted')
        ? flaw('NO_GUARDIAN_SIGNED', person.name)
        : missing;
    const flaws = byGuardian.map(judge);
    if (flaws.length === 0 && !selfSigned && unanswered.length > 0) flaws.push(...unanswered);
    reasons.push(...settle(flaws, subject, fallback));
  }
  if (lesson.rules.requirePupilSignature) {
    const unsigned = flaw('PUPIL_SIGNATURE_MISSING', person.name);
    reasons.push(...settle(signedBy('self').map(judge), subject, unsigned));
  }
  return reasons;
}

/** Whether others sign for a person at that time. */
function isMinorAt(person: LessonParticipant, at: Date): boolean {
  return person.isMinor && !isOfAge(person.adultFrom, at);
}

/** Whether an end has come; null: there is none. */
function isOver(end: Date | null, at: Date): boolean {
  return end !== null && end <= at;
}

/** What a permission has to cover. */
interface Needed {
  readonly purposes: readonly Purpose[];
  readonly audiences: readonly Audience[];
}

const toTakePart: Needed = { purposes: ['take_part'], audiences: [] };

function neededFor(question: GateQuestion, asksToTakePart: boolean): Needed {
  const always: Purpose[] = asksToTakePart ? ['take_part', 'record', 'keep'] : ['record', 'keep'];
  return question.kind === 'release'
    ? { purposes: [...always, 'release'], audiences: [question.audience] }
    : { purposes: always, audiences: [] };
}

/** Whether a guardian signed who no longer stood for the pupil at `at`. */
function hasEnded(guardians: LessonParticipant['guardians'], { signer }: Permission, at: Date): boolean {
  if (signer?.capacity !== 'guardian') return false;
  return guardians.some(({ id, until }) => id === signer.guardianId && isOver(until, at));
}

type Flaw = Omit<Reason, 'subject'>;

/** A no that stands, why it does, and the record that it was said in. */
interface StandingNo {
  readonly why: Flaw;
  readonly no: Permission;
}

/**
 * Why the subject is closed by a no that its signer has not lifted, or undefined. Only a yes of the same signer that
 * counts by itself lifts it. If such a yes came and does not count, the answer says what is wrong with it.
 */
function findStandingNo(
  own: readonly Permission[],
  name: string,
  judge: (permission: Permission) => Flaw | null,
): StandingNo | undefined {
  const noes = own.filter(holdsNo).sort((a, b) => Math.max(...noTimes(b)) - Math.max(...noTimes(a)));
  for (const no of noes) {
    const isBySameSigner = (yes: Permission) => signerOf(no) === null || signerOf(yes) === signerOf(no);
    const grants = own.filter((yes) => yes.status === 'granted' && isBySameSigner(yes));
    const found = grants.map(judge);
    if (found.includes(null)) continue;
    const last = Math.max(...noTimes(no));
    const tried = grants.findLastIndex((yes) => yes.receivedAt !== null && yes.receivedAt.getTime() > last);
    return { why: found[tried] ?? noFlaw(no, name), no };
  }
  return undefined;
}

/** What is needed and was answered with no by a signer's newest answer, though something else was answered with yes. */
function findDeclined(own: readonly Permission[], name: string, needed: Needed): StandingNo | undefined {
  const received = (one: Permission) => one.receivedAt?.getTime() ?? 0;
  const newest = new Map<string | null, Permission>();
  for (const one of own)
    if (one.status === 'granted' && received(one) >= received(newest.get(signerOf(one)) ?? one))
      newest.set(signerOf(one), one);
  for (const no of newest.values()) {
    if (needed.purposes.some((purpose) => no.declined.includes(purpose)))
      return { why: flaw('PURPOSE_DECLINED', name), no };
    if (needed.audiences.some((audience) => no.declinedTo.includes(audience)))
      return { why: flaw('AUDIENCE_DECLINED', name), no };
  }
  return undefined;
}

/** A no about a minor: the pupil's own beats every guardian; a guardian's stands against another's yes. Policy P6. */
function toDispute(
  { why, no }: StandingNo,
  own: readonly Permission[],
  person: LessonParticipant,
  judge: (permission: Permission) => Flaw | null,
): Flaw {
  if (!['PERMISSION_REFUSED', 'PURPOSE_DECLINED', 'AUDIENCE_DECLINED'].includes(why.code)) return why;
  if (no.signer?.capacity === 'self') return flaw('PUPIL_REFUSED', person.name);
  const by = signerOf(no);
  const isDisputed =
    by !== null &&
    own.some((one) => one.signer?.capacity === 'guardian' && signerOf(one) !== by && judge(one) === null);
  return isDisputed ? flaw('PERMISSION_CONFLICT', person.name, { guardian: no.signer?.name ?? '' }) : why;
}

interface Judged {
  readonly lesson: LessonRecord;
  readonly permission: Permission;
  /** Every record of the same subject. */
  readonly own: readonly Permission[];
  readonly name: string;
  readonly at: Date;
  readonly needed: Needed;
}

/** The first thing that keeps one permission from counting, or null when it counts. */
function findFlaw(judged: Judged): Flaw | null {
  const { lesson, permission, own, name, at } = judged;
  switch (permission.status) {
    case 'requested':
      return flaw('PERMISSION_REQUESTED', name);
    case 'refused':
    case 'withdrawn':
      return noFlaw(permission, name);
    case 'expired':
      return flaw('PERMISSION_EXPIRED', name);
    case 'invalidated':
      return flaw('PERMISSION_INVALIDATED', name);
  }
  if (permission.signer === null || permission.signedAt === null) return flaw('NOT_SIGNED', name);
  if (permission.route === 'spoken') return flaw('NOT_WRITTEN', name);
  if (permission.signedAt > at) return flaw('SIGNED_IN_THE_FUTURE', name);
  const covering = own.filter((no) => isCoveredBy(permission, no));
  const noes = covering.flatMap(noTimes);
  if (!isGivenAfter(permission, noes)) return tooEarlyFlaw(permission, covering, name);
  if (!isInTime(permission, noes, lesson.plannedStart) && !isRenewal(judged)) return lateFlaw(judged);
  if (permission.validUntil !== null && permission.validUntil <= at) return flaw('PERMISSION_EXPIRED', name);
  return findScopeFlaw(judged);
}

/** Compares what it was given for, and how surely, with what is asked. */
function findScopeFlaw({ lesson, permission, own, name, needed }: Judged): Flaw | null {
  if (permission.terms !== lesson.terms || permission.terms === null) {
    if (permission.reason.trim() !== lesson.reason.trim()) return flaw('REASON_CHANGED', name);
    if (permission.terms !== null) return flaw('TERMS_CHANGED', name);
  }
  const bySame = own.filter((one) => signerOf(one) === signerOf(permission));
  const declined = findDeclined(bySame, name, needed);
  if (declined) return declined.why;
  if (!needed.purposes.every((purpose) => permission.purposes.includes(purpose)))
    return flaw('PURPOSE_NOT_COVERED', name);
  if (!needed.audiences.every((audience) => permission.releaseTo.includes(audience)))
    return flaw('AUDIENCE_NOT_COVERED', name);
  const least = leastLevelFor(lesson.rules.leastAssurance, needed);
  if (permission.assurance < least) return flaw('ASSURANCE_TOO_LOW', name, { level: permission.assurance, least });
  return null;
}

/**
 * Whether the same signer gave a yes in time, written and for all that is asked now, and took it back: then a yes given after
 * that counts for the recording that exists, and for no more than the one that was taken back did.
 */
function isRenewal(judged: Judged): boolean {
  const { lesson, permission, own } = judged;
  const signer = signerOf(permission);
  if (signer === null) return false;
  return own.some(
    (taken) =>
      signerOf(taken) === signer &&
      taken.signer?.capacity === permission.signer?.capacity &&
      taken.route !== 'spoken' &&
      isRenewable(taken, own.filter((no) => isCoveredBy(taken, no)).flatMap(noTimes), lesson.plannedStart) &&
      findScopeFlaw({ ...judged, permission: taken }) === null,
  );
}

function noFlaw(no: Permission, name: string): Flaw {
  return no.status === 'refused' ? flaw('PERMISSION_REFUSED', name) : flaw('PERMISSION_WITHDRAWN', name);
}

/** A yes that a no covers: says what a yes has to look like to count again. */
function tooEarlyFlaw(yes: Permission, covering: readonly Permission[], name: string): Flaw {
  const latest = covering.filter(holdsNo).reduce((a, b) => (Math.max(...noTimes(b)) > Math.max(...noTimes(a)) ? b : a));
  const last = Math.max(...noTimes(latest));
  const isKnown = Number.isFinite(last);
  if (!isKnown || yes.receivedAt === null || yes.receivedAt.getTime() <= last) return noFlaw(latest, name);
  const when = `${new Date(last).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
  return flaw(latest.status === 'refused' ? 'SIGNED_BEFORE_REFUSAL' : 'SIGNED_BEFORE_WITHDRAWAL', name, { when });
}

function lateFlaw({ lesson, permission, name }: Judged): Flaw {
  const isDatedInTime = permission.signedAt !== null && permission.signedAt < lesson.plannedStart;
  return isDatedInTime ? flaw('RECEIVED_AFTER_START', name) : flaw('GRANTED_AFTER_START', name);
}

/**
 * One permission that counts is enough. Otherwise the newest flaw is the reason, or `none` if no permission was given.
 */
function settle(flaws: readonly (Flaw | null)[], subject: NonNullable<Reason['subject']>, none: Flaw): Reason[] {
  if (flaws.includes(null)) return [];
  return [toReason(flaws.at(-1) ?? none, subject)];
}

function flaw(code: ReasonCode, name: string, params: Reason['params'] = {}): Flaw {
  return { code, params: { name, ...params } };
}

function toReason(found: Flaw, subject: NonNullable<Reason['subject']>): Reason {
  return { ...found, subject };
}
