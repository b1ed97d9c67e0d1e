import { findCaptionNotices } from '../../detection/caption-notices.ts';
import type { Cue } from '../../domain/captions/cue.ts';
import type { CaptionsFormat } from '../../domain/captions/parse-captions.ts';
import type { CaptionsSource } from '../../domain/captions/source.ts';
import type { DetectionRules } from '../../domain/detection-rules.ts';
import { Refusal } from '../../domain/errors.ts';
import type { Id } from '../../domain/ids.ts';
import { recordSealed, type StoredSealed } from '../core/sealed-object.ts';
import type { Transaction } from '../ports/database.ts';
import { addFindings } from '../review/add-findings.ts';
import type { HeldRecording } from './hold-recording.ts';

/** Versions of one language. */
export const mostVersions = 1_000;
/** Languages of one recording. */
export const mostLanguages = 10;

export interface NewVersion {
  readonly language: string;
  readonly cues: readonly Cue[];
  readonly source: CaptionsSource;
  readonly showsSpeakers: boolean;
  readonly sealed: StoredSealed;
  /** The file that it came in. */
  readonly file?: { readonly format: CaptionsFormat; readonly sealed: StoredSealed };
  /** What was put right. */
  readonly notices?: readonly string[];
  /** Null: the check. */
  readonly byId: Id | null;
  readonly at: Date;
}

/**
 * Makes another version the one in force, with what its text points at. The caller holds the recording.
 * @throws Refusal `WRONG_STATE` when there are too many languages or versions.
 */
export async function addVersion(
  tx: Transaction,
  recording: HeldRecording,
  rules: DetectionRules,
  version: NewVersion,
): Promise<{ id: Id; number: number }> {
  const { id: recordingId, lessonId } = recording;
  const { language, cues, source, showsSpeakers, file, byId, at } = version;
  const where = { recordingId_language: { recordingId, language } };
  const known = await tx.db.captions.findUnique({ where, select: { id: true } });
  if (!known && (await tx.db.captions.count({ where: { recordingId } })) >= mostLanguages)
    throw tooMany('CAPTIONS_TOO_MANY_LANGUAGES', mostLanguages);
  const { id } = known ?? (await tx.db.captions.create({ data: { recordingId, language }, select: { id: true } }));
  const { _max } = await tx.db.captionsVersion.aggregate({ where: { captionsId: id }, _max: { number: true } });
  const number = (_max.number ?? 0) + 1;
  if (number > mostVersions) throw tooMany('CAPTIONS_TOO_MANY_VERSIONS', mostVersions);
  const object = { kind: 'captions', id, recordingId, lessonId };
  const fileBinding = file && (await recordSealed(tx, file.sealed));
  const binding = await recordSealed(tx, version.sealed);
  await tx.db.captionsVersion.create({
    data: {
      captionsId: id,
      number,
      source,
      format: file?.format ?? null,
      showsSpeakers,
      cues: cues.length,
      sealedId: version.sealed.id,
      fileId: file?.sealed.id ?? null,
      createdById: byId,
      createdAt: at,
    },
  });
  await putInForce(tx, id, number, byId);
  const fresh = await noteFindings(tx, recording, rules, { language, cues });
  if (file && fileBinding)
    await tx.log({
      action: 'captions.file_sealed',
      outcome: 'done',
      object,
      details: { ...fileBinding, format: file.format },
    });
  const details = { ...binding, language, version: number, cues: cues.length, showsSpeakers, findings: fresh };
  if (source === 'correction') await tx.log({ action: 'captions.changed', outcome: 'done', object, details });
  else {
    const notices = version.notices ?? [];
    await tx.log({ action: 'captions.taken', outcome: 'done', object, details: { ...details, source, notices } });
  }
  return { id, number };
}

/** Null: none is. Whoever did it is one of those who had a hand in them. */
export async function putInForce(tx: Transaction, id: Id, number: number | null, byId: Id | null): Promise<void> {
  const { handIds } = await tx.db.captions.findUniqueOrThrow({ where: { id }, select: { handIds: true } });
  const hands = byId === null || handIds.includes(byId) ? handIds : [...handIds, byId];
  await tx.db.captions.update({ where: { id }, data: { current: number, handIds: hands } });
}

/**
 * Notices and names in the text become findings like any other. While the recording arrives there are no segments yet:
 * the check looks at its captions then. Returns how many are new.
 */
export async function noteFindings(
  tx: Transaction,
  { id: recordingId, state, durationMs }: HeldRecording,
  rules: DetectionRules,
  text: { readonly language: string; readonly cues: readonly Cue[] },
): Promise<number> {
  if (state === 'receiving') return 0;
  const found = findCaptionNotices(text, rules.watchedNames);
  return (await addFindings(tx, recordingId, found, { gapMs: rules.gapMs, wholeMs: durationMs })).length;
}

const tooMany = (code: 'CAPTIONS_TOO_MANY_VERSIONS' | 'CAPTIONS_TOO_MANY_LANGUAGES', most: number) =>
  new Refusal('WRONG_STATE', { reasons: [{ code, params: { most } }] });
