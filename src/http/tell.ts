import type { AttendanceQuestion } from '../domain/attendance/told.ts';
import { languageLabel as labelOf } from '../domain/captions/language.ts';
import type { CaptionsNotice } from '../domain/captions/notice.ts';
import type { Refusal } from '../domain/errors.ts';
import type { Language } from '../domain/language.ts';
import type { ExportOmission } from '../domain/person-export.ts';
import { parseReasons, type Reason } from '../domain/reason.ts';
import { columnMeanings } from '../domain/roster.ts';
import { textsIn } from '../language/catalogue.ts';
import { changeText } from '../language/change-text.ts';
import { fill } from '../language/fill.ts';
import { reasonText, tellReason } from '../language/reason-text.ts';
import { warningText } from '../language/warning-text.ts';
import type { viewCaptions } from '../pipeline/captions/list-captions.ts';
import type { getPersonErasure } from '../pipeline/people/get-person-erasure.ts';
import type { RosterReview } from '../pipeline/people/import-roster.ts';
import type { Fate } from '../pipeline/retention/find-fate.ts';
import type { toChange } from '../pipeline/retention/list-changes.ts';
import type { getRecording } from '../pipeline/review/get-recording.ts';

type Change = ReturnType<typeof toChange>;
type PersonErasure = Awaited<ReturnType<typeof getPersonErasure>>;
type Recording = Awaited<ReturnType<typeof getRecording>>;

/** Puts the answers of use cases into the words of one language: a sentence beside every code. */
export function tellIn(language: Language) {
  const reason = <R extends Reason>(one: R) => tellReason(one, language);
  const change = <C extends Change>({ change: asked, ...rest }: C) => ({
    ...rest,
    kind: asked.kind,
    sentence: changeText(asked, language),
  });
  const fate = <F extends Fate>(one: F) => ({
    ...one,
    reason: one.reason && reason(one.reason),
    holds: one.holds.map(reason),
  });
  const failed = <T extends { readonly error: string | null }>(one: T): T => ({
    ...one,
    error: one.error && failureText(one.error, language),
  });
  const languageLabel = (tag: string | null) =>
    (tag === null ? null : labelOf(tag)) ?? textsIn(language).labels.captionsTrack.unknown;
  /** For whoever approves or watches; null: there are captions. */
  const captionsNote = (hasCaptions: boolean) => (hasCaptions ? null : reasonText({ code: 'NO_CAPTIONS' }, language));
  const { rosterQuestion, rosterNotice, columnMeaning, exportOmission, erasedKind, erasureRemain } =
    textsIn(language).labels;
  return {
    reason,
    attendanceQuestion: ({ code, ...facts }: AttendanceQuestion) => ({
      code,
      ...facts,
      text: fillFacts(textsIn(language).labels.attendanceQuestion[code], facts),
    }),
    columnMeanings: columnMeanings.map((meaning) => ({ meaning, text: columnMeaning[meaning] })),
    /** Every question and notice of a roster with its sentence. */
    review: <R extends Pick<RosterReview, 'questions' | 'notices'>>(one: R) => ({
      ...one,
      questions: one.questions.map((asked) => ({
        ...asked,
        text: fillFacts(rosterQuestion[asked.code], asked.params),
      })),
      notices: one.notices.map((notice) => ({ ...notice, text: fillFacts(rosterNotice[notice.code], notice.params) })),
    }),
    /** The file about a person, with a sentence for everything that is not in it. */
    personFile: <F extends { readonly notIncluded: readonly { readonly code: ExportOmission }[] }>(one: F) => ({
      ...one,
      notIncluded: one.notIncluded.map(({ code }) => ({ code, text: exportOmission[code] })),
    }),
    personErasure: (one: PersonErasure) => ({
      ...one,
      blockers: one.blockers.map(reason),
      goes: one.goes.map(({ kind, count }) => ({ kind, count, text: erasedKind[kind] })),
      stays: one.stays.map(({ code, count }) => ({ code, count, text: erasureRemain[code] })),
    }),
    change,
    fate,
    languageLabel,
    captionsNote,
    captionsNotice: (notice: CaptionsNotice) => ({
      ...notice,
      text: fillFacts(textsIn(language).labels.captionsNotice[notice.code], { count: notice.count }),
    }),
    captions: <C extends ReturnType<typeof viewCaptions>>(one: C) => ({
      ...one,
      label: languageLabel(one.language),
      versions: one.versions.map((version) => ({
        ...version,
        sourceText: textsIn(language).labels.captionsSource[version.source],
      })),
    }),
    refusal: ({ code, reasons }: Refusal) => ({ code, reasons: reasons.map(reason) }),
    withReasons: <T extends { readonly reasons: readonly Reason[] }>(one: T) => ({
      ...one,
      reasons: one.reasons.map(reason),
    }),
    summary: <R extends Pick<Recording, 'check'>>(one: R) => ({ ...one, check: failed(one.check) }),
    recording: (one: Recording) => ({
      ...one,
      check: failed(one.check),
      rendition: one.rendition && failed(one.rendition),
      captions: one.captions.map((captions) => ({ ...captions, label: languageLabel(captions.language) })),
      captionsNote: captionsNote(one.rendition?.hasCaptions ?? one.captions.length > 0),
      reSeal: one.reSeal && failed(one.reSeal),
      fate: one.fate && fate(one.fate),
      erasureAsked: one.erasureAsked && change(one.erasureAsked),
      warnings: one.warnings.map((warning) => ({ code: warning.code, text: warningText(warning, language) })),
    }),
  };
}

/** A text whose parameters are known by its code. */
const fillFacts = (text: string, facts: Readonly<Record<string, string | number>>) => fill<string>(text, facts);

/** Why a job failed (`jobs/tasks.ts`). */
function failureText(kept: string, language: Language): string {
  const reasons = parseReasons(kept.startsWith('[') ? JSON.parse(kept) : null);
  return reasons.map((one) => reasonText(one, language)).join(' ') || kept;
}
