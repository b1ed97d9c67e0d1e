import { senseOf } from '../../detection/segments.ts';
import { Refusal } from '../../domain/errors.ts';
import type { Id } from '../../domain/ids.ts';
import { openSealed } from '../core/sealed-object.ts';
import { readEvidence, readProbe } from '../core/stored-json.ts';
import type { Caller } from '../ports/caller.ts';
import type { MediaProbe, OpenSource } from '../ports/media.ts';
import type { Outside } from '../ports/outside.ts';
import { staffMayPlay } from '../release/staff-may-play.ts';

type Needs = Pick<Outside, 'database' | 'objects' | 'keyring' | 'media'>;

/** What to look at, by the sense of a finding. */
interface Shown {
  readonly source: OpenSource;
  readonly probe: MediaProbe;
  readonly startMs: number;
  readonly endMs: number;
  readonly stream: number | undefined;
  /** As the log names the segment. */
  readonly object: { kind: 'segment'; id: Id; recordingId: Id; lessonId: Id };
}

/**
 * A picture of a segment: from the middle of what was seen, otherwise from its own middle. It is made on request, goes
 * to the caller alone and is kept nowhere. The log has it first. Policy P1, P5.
 * @throws Refusal `NOT_FOUND`, `WRONG_STATE`.
 */
export const openSegmentPicture = (
  outside: Needs,
  caller: Caller,
  segmentId: Id,
  signal: AbortSignal,
): Promise<Buffer> =>
  openSegment(
    outside,
    caller,
    { segmentId, signal, sense: 'seen', shows: 'picture' },
    ({ source, probe, startMs, endMs }) => outside.media.glimpse(source, probe, (startMs + endMs) / 2, { signal }),
  );

/** The sound of a segment as a picture. @throws Refusal `NOT_FOUND`, `WRONG_STATE`. */
export const openSegmentSound = (outside: Needs, caller: Caller, segmentId: Id, signal: AbortSignal): Promise<Buffer> =>
  openSegment(
    outside,
    caller,
    { segmentId, signal, sense: 'heard', shows: 'sound' },
    ({ source, probe, startMs, endMs, stream }) =>
      outside.media.spectrogram(source, probe, { startMs, endMs, stream }, { signal }),
  );

interface Asked {
  readonly segmentId: Id;
  readonly signal: AbortSignal;
  readonly sense: 'seen' | 'heard';
  /** What of it goes to the caller: the log has it before anything is opened. Null if nothing does. */
  readonly shows: 'picture' | 'sound' | null;
}

/** Opens what is seen or heard in a segment, for whoever may play its recording. @throws Refusal `NOT_FOUND`, `WRONG_STATE`. */
export async function openSegment<Result>(
  outside: Needs,
  caller: Caller,
  { segmentId, signal, sense, shows }: Asked,
  use: (shown: Shown) => Promise<Result>,
): Promise<Result> {
  const { database } = outside;
  const segment = await database.read.segment.findUnique({
    where: { id: segmentId },
    include: { findings: { orderBy: { confidence: 'desc' } }, recording: { include: { sealed: true } } },
  });
  if (!segment?.recording.sealed || segment.recording.probe === null) throw new Refusal('NOT_FOUND');
  const { recording, recordingId } = segment;
  const refusal = await staffMayPlay(outside, recordingId);
  if (refusal !== null) throw refusal;
  const object = { kind: 'segment', id: segmentId, recordingId, lessonId: recording.lessonId } as const;
  if (shows !== null)
    await database.transact(caller, (tx) =>
      tx.log({ action: 'segment.shown', outcome: 'done', object, details: { what: shows } }),
    );
  const { startMs, endMs, evidence } = segment.findings.find((each) => senseOf(each.source) === sense) ?? {
    ...segment,
    evidence: null,
  };
  const stream = (evidence === null ? null : readEvidence(evidence).stream) ?? undefined;
  const source = await openSealed(outside, segment.recording.sealed, signal);
  try {
    return await use({ source, probe: readProbe(recording.probe), startMs, endMs, stream, object });
  } finally {
    source.close();
  }
}
