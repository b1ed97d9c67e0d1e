import { mostCaptionsBytes } from '../../domain/captions/cue.ts';
import { fitCues } from '../../domain/captions/fit-cues.ts';
import { unknownLanguage } from '../../domain/captions/language.ts';
import type { CaptionsNotice } from '../../domain/captions/notice.ts';
import { parseCaptions } from '../../domain/captions/parse-captions.ts';
import { Refusal } from '../../domain/errors.ts';
import type { Id } from '../../domain/ids.ts';
import { collectBytes, limitBytes } from '../core/sealed-object.ts';
import { staffIdOf } from '../core/staff-id.ts';
import type { Caller } from '../ports/caller.ts';
import type { Transaction } from '../ports/database.ts';
import type { Outside } from '../ports/outside.ts';
import { getDetectionRules } from '../review/detection-rules.ts';
import { addVersion } from './add-version.ts';
import { holdRecording } from './hold-recording.ts';
import { orPurge, sealCues, sealOctets } from './sealed-captions.ts';

type Needs = Pick<Outside, 'database' | 'objects' | 'keyring' | 'clock'>;

export interface ArrivingCaptions {
  readonly bytes: AsyncIterable<Uint8Array>;
  /** Default: what the file says of itself. */
  readonly language?: string | undefined;
  /** The version that the file takes the place of. */
  readonly replaces?: number | undefined;
}

export interface TakenCaptions {
  readonly id: Id;
  readonly version: number;
  readonly cues: number;
  readonly notices: readonly CaptionsNotice[];
}

/**
 * Takes the captions of a meeting tool for a recording, or for an upload that is on its way. The file and its text are
 * sealed like the recording; a file that cannot be read changes nothing. Policy P4, P5.
 * @throws Refusal `TOO_LARGE`, `CAPTIONS_UNREADABLE`; `ALREADY_EXISTS` when the language has captions and no version is
 * named; `STATE_CHANGED` when another version is in force; `WRONG_STATE`, `NOT_FOUND`.
 */
export async function takeCaptions(
  outside: Needs,
  caller: Caller,
  recordingId: Id,
  file: ArrivingCaptions,
): Promise<TakenCaptions> {
  const { database, clock } = outside;
  const octets = await collectBytes(limitBytes(file.bytes, mostCaptionsBytes));
  const parsed = parseCaptions(octets);
  const language = file.language ?? parsed.language ?? unknownLanguage;
  const before = await database.read.recording.findUnique({ where: { id: recordingId } });
  if (!before) throw new Refusal('NOT_FOUND');
  const durationMs = Math.max(before.declaredDurationMs ?? 0, before.analysedDurationMs ?? 0);
  const { cues, notices } = fitCues(parsed.cues, durationMs);
  const all = [...parsed.notices, ...notices];
  const rules = await getDetectionRules(outside);
  const text = await sealCues(outside, recordingId, cues);
  return orPurge(outside, [text], async () => {
    const original = await sealOctets(outside, recordingId, octets);
    return orPurge(outside, [original], () =>
      database.transact(caller, async (tx) => {
        const held = await holdRecording(tx, recordingId, clock());
        // Published meanwhile: what was written before that is no longer safe from the cleaning after it.
        if ((held.state === 'receiving') !== (before.state === 'receiving')) throw new Refusal('STATE_CHANGED');
        await assertReplaces(tx.db, { recordingId, language }, file.replaces);
        const version = { language, cues, source: 'file', showsSpeakers: false, sealed: text } as const;
        const added = await addVersion(tx, held, rules, {
          ...version,
          file: { format: parsed.format, sealed: original },
          notices: all.map(({ code }) => code),
          byId: staffIdOf(caller),
          at: clock(),
        });
        return { id: added.id, version: added.number, cues: cues.length, notices: all };
      }),
    );
  });
}

/** Whoever sends a file must know what it takes the place of: somebody may have corrected that. */
async function assertReplaces(
  db: Transaction['db'],
  which: { readonly recordingId: Id; readonly language: string },
  replaces: number | undefined,
): Promise<void> {
  const known = await db.captions.findUnique({ where: { recordingId_language: which }, select: { current: true } });
  const current = known?.current ?? null;
  if (current === null || current === replaces) return;
  if (replaces !== undefined)
    throw new Refusal('STATE_CHANGED', { reasons: [{ code: 'CAPTIONS_CHANGED', params: { version: current } }] });
  throw new Refusal('ALREADY_EXISTS', {
    reasons: [{ code: 'CAPTIONS_EXIST', params: { language: which.language } }],
  });
}
