import { findCaptionNotices } from '../../detection/caption-notices.ts';
import { detectorsVersion } from '../../detection/detectors-version.ts';
import type { Finding } from '../../detection/finding.ts';
import { findingsOf } from '../../detection/findings.ts';
import { type DetectionRules, isSureEnough } from '../../domain/detection-rules.ts';
import { Refusal } from '../../domain/errors.ts';
import type { Id } from '../../domain/ids.ts';
import type { RecordingState } from '../../domain/lifecycle.ts';
import { renewAttendance } from '../attendance/settle-lesson.ts';
import { captionsInForce } from '../captions/captions-in-force.ts';
import { orPurge, purgeAll } from '../captions/sealed-captions.ts';
import { recordTracks, sealTracks } from '../captions/take-tracks.ts';
import { checkable } from '../core/checkable.ts';
import { lockLesson } from '../core/gate-record.ts';
import { moveRecording } from '../core/move-recording.ts';
import { noteEverySecond } from '../core/note-progress.ts';
import { openSealed, purgeSealed, type StoredSealed } from '../core/sealed-object.ts';
import { storableMs } from '../core/storable.ts';
import { readProbe } from '../core/stored-json.ts';
import type { Caller } from '../ports/caller.ts';
import type { Transaction } from '../ports/database.ts';
import type { MediaProbe } from '../ports/media.ts';
import type { Outside } from '../ports/outside.ts';
import { traced } from '../ports/trace.ts';
import { offerToRunners } from '../runners/offer-job.ts';
import {
  disbelieve,
  dropJob,
  findResult,
  type HandedIn,
  isToBeMeasuredAgain,
  readResult,
  settleResult,
} from '../runners/read-result.ts';
import { addFindings } from './add-findings.ts';
import { failedKey } from './assert-in-review.ts';
import { isAlike } from './compare-measured.ts';
import { getDetectionRules } from './detection-rules.ts';
import { findWorks } from './find-works.ts';
import { type Measured, measureRecording, wholeMsOf } from './measure-recording.ts';
import { reopenReview } from './reopen-review.ts';
import { notSearched } from './watch-recording.ts';

type Needs = Pick<Outside, 'database' | 'objects' | 'media' | 'textReader' | 'keyring' | 'clock' | 'settings'>;

const isCheckable = (state: RecordingState): boolean => checkable.includes(state);

/** An entry has room for 64 KiB. */
const mostFoundOnLog = 200;
const caller: Caller = { actor: { kind: 'system', id: 'third-party-check' } };

/**
 * The third-party check (P5): decodes the sealed recording once, through the decrypting loopback server, and turns its
 * findings into segments for a reviewer. Where there are runners, one of them decodes, and what it hands in is taken from there
 * (`runners/`). What could not be analysed becomes a segment too, never "clean". Repeatable: an existing finding is not added
 * again, and decisions on it stay. `isHere`: no runner is asked. `job`: attempts under one name are written down once, even
 * when a worker that was cut off goes on beside the one that took its place.
 */
export async function checkRecording(
  outside: Needs,
  {
    recordingId,
    isHere = false,
    job = null,
  }: { readonly recordingId: Id; readonly isHere?: boolean | undefined; readonly job?: string | null },
  signal: AbortSignal,
): Promise<void> {
  const { database } = outside;
  const row = await database.read.recording.findUnique({ where: { id: recordingId }, include: { sealed: true } });
  // Erased or rejected since the job was queued: nothing to do.
  if (!row?.sealed || !isCheckable(row.state) || isWritten(row, job)) return;
  const { sealed } = row;
  const handed = await findResult(outside, recordingId);
  if (handed === null && !isHere && (await offerToRunners(outside, recordingId))) return;
  await database.read.recording.update({
    where: { id: recordingId },
    data: { checkState: 'running', ...(handed === null ? { checkedMs: 0 } : {}), checkError: null },
  });
  const probe = readProbe(row.probe);
  const rules = await getDetectionRules(outside);
  const measureHere = (): Promise<Measured> =>
    traced('measure', {}, async () => {
      const source = await openSealed(outside, sealed, signal);
      const { pagesPerHour } = outside.settings;
      try {
        return await measureRecording(
          outside,
          { source, probe, rules: { names: rules.watchedNames, pagesPerHour } },
          {
            signal,
            onProgress: noteEverySecond((checkedMs) =>
              database.read.recording.update({ where: { id: recordingId }, data: { checkedMs } }),
            ),
          },
        );
      } finally {
        source.close();
      }
    });
  const own = { id: recordingId, lessonId: row.lessonId, probe, rules, job };
  if (handed === null) return recordCheck(outside, own, await measureHere(), null, signal);
  const measured = await traced('read result of runner', {}, () => readResult(outside, handed, probe, signal));
  if (measured === null) return;
  if (!isToBeMeasuredAgain(outside, probe, measured)) return recordCheck(outside, own, measured, handed, signal);
  const again = await measureHere();
  // Then it is queued again, as whatever else its runner handed in.
  if (!isAlike(probe, measured, again)) return disbelieve(outside, handed, 'spot_check');
  await recordCheck(outside, own, again, handed, signal);
}

interface Checked {
  readonly id: Id;
  readonly lessonId: Id;
  readonly probe: MediaProbe;
  readonly rules: DetectionRules;
  readonly job: string | null;
}

const isWritten = ({ checkedJob }: { readonly checkedJob: string | null }, job: string | null): boolean =>
  job !== null && checkedJob === job;

/** Compares what was measured with what is registered, and writes down what was found. `handed`: by whom, and is over then. */
async function recordCheck(
  outside: Needs,
  { id: recordingId, lessonId, probe, rules, job }: Checked,
  { features, watched, read }: Measured,
  handed: HandedIn | null,
  signal: AbortSignal,
): Promise<void> {
  const { database, clock } = outside;
  const searchedWork = await newestWork(database.read);
  const wholeMs = wholeMsOf(probe, features);
  const notAnalysed = [...features.notAnalysed, ...read.notAnalysed, ...notSearched(watched, wholeMs)];
  const works = await traced('compare with works', {}, () => findWorks(database.read, features, watched, signal));
  const sealedTracks = await traced('seal captions', {}, () => sealTracks(outside, recordingId, probe, features));
  // The text of captions is looked at as it is now, and not as it came in the file.
  const subtitles = features.subtitles.filter(({ stream }) => !sealedTracks.streams.has(stream));
  const texts = [...(await captionsInForce(outside, recordingId, wholeMs)), ...sealedTracks.tracks];
  const all = [
    ...findingsOf(probe, { ...features, subtitles, notAnalysed }, works, { ...watched, ...read }),
    ...texts.flatMap((text) => findCaptionNotices(text, rules.watchedNames)),
  ];
  const findings = all.filter((finding) => isSureEnough(rules, finding));
  const sealed = sealedTracks.tracks.map((track) => track.sealed);
  const record = async (tx: Transaction): Promise<StoredSealed[]> => {
    await lockLesson(tx.db, lessonId);
    const now = await tx.db.recording.findUniqueOrThrow({ where: { id: recordingId } });
    const { state } = now;
    // Erased while the check ran: its findings are kept nowhere. Or another attempt was quicker.
    if (state === 'erased' || isWritten(now, job)) return [];
    const held = { id: recordingId, lessonId, state, durationMs: wholeMs };
    const fresh = await addFindings(tx, recordingId, findings, { gapMs: rules.gapMs, wholeMs });
    const taken = await recordTracks(tx, held, rules, sealedTracks, clock());
    await tx.db.recording.update({
      where: { id: recordingId },
      data: {
        checkState: 'done',
        checkedMs: storableMs(features.analysedDurationMs),
        analysedDurationMs: storableMs(features.analysedDurationMs),
        searchedWork,
        detectors: detectorsVersion,
        checkedById: null,
        checkedJob: job,
      },
    });
    if (state === 'sealed') await moveRecording(tx, recordingId, 'open_review');
    else if (fresh.length > 0 && ['cleared', 'approved', 'released'].includes(state))
      await reopenReview(tx, recordingId, lessonId, clock());
    if (handed !== null) await settleResult(tx, handed);
    await tx.log({
      action: 'recording.checked',
      outcome: 'done',
      object: { kind: 'recording', id: recordingId, recordingId, lessonId },
      details: {
        findings: findings.length,
        unsure: all.length - findings.length,
        fresh: fresh.length,
        notAnalysed: notAnalysed.length,
        analysedMs: Math.round(features.analysedDurationMs),
        found: fresh.slice(0, mostFoundOnLog).map(({ source, startMs, endMs }) => ({ source, startMs, endMs })),
      },
    });
    // Only now it is known how long the recording is, and so who was there while it ran.
    await renewAttendance(tx, lessonId, clock());
    return taken;
  };
  const taken = await orPurge(outside, sealed, () => database.transact(caller, record));
  await purgeAll(
    outside,
    sealed.filter((one) => !taken.includes(one)),
  );
  if (handed !== null) await purgeSealed(outside, handed.sealed.bodyKey);
}

/** Of a recording whose check failed every time: a person listens to all of it and watches it. */
const unchecked = (endMs: number): Finding => ({
  key: failedKey,
  source: 'not_analysed',
  startMs: 0,
  endMs,
  confidence: 0,
  evidence: { stream: null, why: 'CHECK_FAILED' },
});

/**
 * The last try failed: administrators see why, and the log says so. `isOfTheFile`: not because something was away or the
 * stored body is damaged; another try would end in the same way. Then a recording that waits for its review gets it, with
 * the whole of it not analysed: nobody could ever act on it otherwise.
 */
export async function noteCheckFailed(
  outside: Pick<Needs, 'database' | 'objects'>,
  recordingId: Id,
  { why, isOfTheFile }: { readonly why: string; readonly isOfTheFile: boolean },
): Promise<void> {
  const bodies = await outside.database.transact(caller, async (tx) => {
    const found = await tx.db.recording.findUnique({ where: { id: recordingId }, select: { lessonId: true } });
    if (!found) return [];
    await lockLesson(tx.db, found.lessonId);
    const row = await tx.db.recording.findUniqueOrThrow({ where: { id: recordingId } });
    if (!isCheckable(row.state)) return [];
    const dropped = await dropJob(tx, recordingId);
    await tx.db.recording.update({ where: { id: recordingId }, data: { checkState: 'failed', checkError: why } });
    const object = { kind: 'recording', id: recordingId, recordingId, lessonId: row.lessonId };
    if (isOfTheFile && ['sealed', 'in_review'].includes(row.state)) {
      const wholeMs = Math.max(row.analysedDurationMs ?? 0, row.declaredDurationMs ?? 0);
      // It joins nothing else.
      await addFindings(tx, recordingId, [unchecked(wholeMs)], { gapMs: 0, wholeMs });
      if (row.state === 'sealed') await moveRecording(tx, recordingId, 'open_review');
    }
    await tx.log({ action: 'recording.check_failed', outcome: 'failed', object });
    return dropped;
  });
  for (const bodyKey of bodies) await purgeSealed(outside, bodyKey);
}

type Reads = Outside['database']['read'];

/** The newest work that this search covers. A work that is registered while it runs waits for the next search. */
export async function newestWork(read: Reads): Promise<number> {
  const { _max } = await read.work.aggregate({ _max: { number: true } });
  return _max.number ?? 0;
}

/** Queues the check again: after a failure, or because works were registered since. @throws Refusal `NOT_FOUND`, `WRONG_STATE`. */
export async function requestCheck({ database }: Pick<Needs, 'database'>, by: Caller, recordingId: Id): Promise<void> {
  await database.transact(by, async (tx) => {
    const row = await tx.db.recording.findUniqueOrThrow({ where: { id: recordingId } });
    if (!isCheckable(row.state)) throw new Refusal('WRONG_STATE');
    await tx.db.recording.update({ where: { id: recordingId }, data: { checkState: 'waiting', checkError: null } });
    await tx.enqueue('check-recording', { recordingId }, { key: `check:${recordingId}` });
    await tx.log({
      action: 'recording.check_requested',
      outcome: 'done',
      object: { kind: 'recording', id: recordingId, recordingId, lessonId: row.lessonId },
    });
  });
}
