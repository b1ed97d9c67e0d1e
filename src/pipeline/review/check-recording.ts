import { findCaptionNotices } from '../../detection/caption-notices.ts';
import type { Finding } from '../../detection/finding.ts';
import { findingsOf } from '../../detection/findings.ts';
import { isSureEnough } from '../../domain/detection-rules.ts';
import { Refusal } from '../../domain/errors.ts';
import type { Id } from '../../domain/ids.ts';
import { renewAttendance } from '../attendance/settle-lesson.ts';
import { captionsInForce } from '../captions/captions-in-force.ts';
import { orPurge, purgeAll } from '../captions/sealed-captions.ts';
import { recordTracks, sealTracks } from '../captions/take-tracks.ts';
import { lockLesson } from '../core/gate-record.ts';
import { moveRecording } from '../core/move-recording.ts';
import { noteEverySecond } from '../core/note-progress.ts';
import { openSealed, type StoredSealed } from '../core/sealed-object.ts';
import { storableMs } from '../core/storable.ts';
import { readProbe } from '../core/stored-json.ts';
import type { Caller } from '../ports/caller.ts';
import type { Transaction } from '../ports/database.ts';
import type { Outside } from '../ports/outside.ts';
import { addFindings } from './add-findings.ts';
import { failedKey } from './assert-in-review.ts';
import { getDetectionRules } from './detection-rules.ts';
import { findWorks } from './find-works.ts';
import { createNoticeReader } from './read-pages.ts';
import { reopenReview } from './reopen-review.ts';
import { notSearched, watchRecording } from './watch-recording.ts';

type Needs = Pick<Outside, 'database' | 'objects' | 'media' | 'textReader' | 'keyring' | 'clock' | 'settings'>;

const checkable: readonly string[] = ['sealed', 'in_review', 'cleared', 'approved', 'released'];

/**
 * Raise it whenever a detector changes what it may find: recordings that an earlier version checked are then checked
 * again.
 */
export const detectorsVersion = 8;

/** An entry has room for 64 KiB. */
const mostFoundOnLog = 200;
const caller: Caller = { actor: { kind: 'system', id: 'third-party-check' } };

/**
 * The third-party check (P5): decodes the sealed recording once, through the decrypting loopback server, and turns its
 * findings into segments for a reviewer. What could not be analysed becomes a segment too, never "clean". Repeatable:
 * an existing finding is not added again, and decisions on it stay.
 */
export async function checkRecording(outside: Needs, recordingId: Id, signal: AbortSignal): Promise<void> {
  const { database, clock } = outside;
  const row = await database.read.recording.findUnique({ where: { id: recordingId }, include: { sealed: true } });
  // Erased or rejected since the job was queued: nothing to do.
  if (!row?.sealed || !checkable.includes(row.state)) return;
  await database.read.recording.update({
    where: { id: recordingId },
    data: { checkState: 'running', checkedMs: 0, checkError: null },
  });
  const probe = readProbe(row.probe);
  const source = await openSealed(outside, row.sealed, signal);
  const rules = await getDetectionRules(outside);
  const { pagesPerHour } = outside.settings;
  const pages = createNoticeReader(outside.textReader, { names: rules.watchedNames, pagesPerHour }, signal);
  try {
    const watch = watchRecording(pages.page);
    const features = await outside.media.analyse(source, probe, {
      signal,
      watcher: watch.watcher,
      onProgress: noteEverySecond((checkedMs) =>
        database.read.recording.update({ where: { id: recordingId }, data: { checkedMs } }),
      ),
    });
    const searchedWork = await newestWork(database.read);
    const watched = watch.end();
    const wholeMs = Math.max(features.analysedDurationMs, probe.declaredDurationMs ?? 0);
    const read = await pages.end(wholeMs);
    const notAnalysed = [...features.notAnalysed, ...read.notAnalysed, ...notSearched(watched, wholeMs)];
    const works = await findWorks(database.read, features, watched, signal);
    const sealedTracks = await sealTracks(outside, recordingId, probe, features);
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
      await lockLesson(tx.db, row.lessonId);
      const { state } = await tx.db.recording.findUniqueOrThrow({ where: { id: recordingId } });
      // Erased while the check ran: its findings are kept nowhere.
      if (state === 'erased') return [];
      const held = { id: recordingId, lessonId: row.lessonId, state, durationMs: wholeMs };
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
        },
      });
      if (state === 'sealed') await moveRecording(tx, recordingId, 'open_review');
      else if (fresh.length > 0 && ['cleared', 'approved', 'released'].includes(state))
        await reopenReview(tx, recordingId, row.lessonId, clock());
      await tx.log({
        action: 'recording.checked',
        outcome: 'done',
        object: { kind: 'recording', id: recordingId, recordingId, lessonId: row.lessonId },
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
      await renewAttendance(tx, row.lessonId, clock());
      return taken;
    };
    const taken = await orPurge(outside, sealed, () => database.transact(caller, record));
    await purgeAll(
      outside,
      sealed.filter((one) => !taken.includes(one)),
    );
  } finally {
    await pages.close();
    source.close();
  }
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
  { database }: Pick<Needs, 'database'>,
  recordingId: Id,
  { why, isOfTheFile }: { readonly why: string; readonly isOfTheFile: boolean },
): Promise<void> {
  await database.transact(caller, async (tx) => {
    const found = await tx.db.recording.findUnique({ where: { id: recordingId }, select: { lessonId: true } });
    if (!found) return;
    await lockLesson(tx.db, found.lessonId);
    const row = await tx.db.recording.findUniqueOrThrow({ where: { id: recordingId } });
    if (!checkable.includes(row.state)) return;
    await tx.db.recording.update({ where: { id: recordingId }, data: { checkState: 'failed', checkError: why } });
    const object = { kind: 'recording', id: recordingId, recordingId, lessonId: row.lessonId };
    if (isOfTheFile && ['sealed', 'in_review'].includes(row.state)) {
      const wholeMs = Math.max(row.analysedDurationMs ?? 0, row.declaredDurationMs ?? 0);
      // It joins nothing else.
      await addFindings(tx, recordingId, [unchecked(wholeMs)], { gapMs: 0, wholeMs });
      if (row.state === 'sealed') await moveRecording(tx, recordingId, 'open_review');
    }
    await tx.log({ action: 'recording.check_failed', outcome: 'failed', object });
  });
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
    if (!checkable.includes(row.state)) throw new Refusal('WRONG_STATE');
    await tx.db.recording.update({ where: { id: recordingId }, data: { checkState: 'waiting', checkError: null } });
    await tx.enqueue('check-recording', { recordingId }, { key: `check:${recordingId}` });
    await tx.log({
      action: 'recording.check_requested',
      outcome: 'done',
      object: { kind: 'recording', id: recordingId, recordingId, lessonId: row.lessonId },
    });
  });
}
