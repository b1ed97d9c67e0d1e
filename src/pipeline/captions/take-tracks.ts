import { type Cue, mostCueLetters, mostCues, sortCues, tidyText } from '../../domain/captions/cue.ts';
import { captionsLanguage, unknownLanguage } from '../../domain/captions/language.ts';
import type { DetectionRules } from '../../domain/detection-rules.ts';
import type { Id } from '../../domain/ids.ts';
import type { StoredSealed } from '../core/sealed-object.ts';
import type { Transaction } from '../ports/database.ts';
import type { MediaFeatures, MediaProbe } from '../ports/media.ts';
import type { Outside } from '../ports/outside.ts';
import { addVersion, mostLanguages } from './add-version.ts';
import type { HeldRecording } from './hold-recording.ts';
import { sealCues } from './sealed-captions.ts';

type Needs = Pick<Outside, 'database' | 'objects' | 'keyring' | 'clock'>;

interface Track {
  readonly stream: number;
  readonly language: string;
  readonly cues: readonly Cue[];
}

/** Tracks of a recording on their way to be its captions. */
export interface SealedTracks {
  readonly tracks: readonly (Track & { readonly sealed: StoredSealed })[];
  /** Tracks that are too large: nothing of them is taken. */
  readonly refused: readonly Track[];
  /** Streams whose text is the captions' own now, and is looked at there. */
  readonly streams: ReadonlySet<number>;
}

/**
 * Text subtitles inside a recording are its captions: the first of each language, unless the language has captions or had
 * some.
 */
export async function sealTracks(
  outside: Needs,
  recordingId: Id,
  probe: MediaProbe,
  features: MediaFeatures,
): Promise<SealedTracks> {
  const known = await outside.database.read.captions.findMany({
    where: { recordingId },
    select: { language: true, versions: { where: { number: 1 }, select: { source: true } } },
  });
  const first = tracksOf(probe, features).filter(
    (track, at, all) => all.findIndex(({ language }) => language === track.language) === at,
  );
  const fresh = first.filter(({ language }) => !known.some((one) => one.language === language));
  const [small, refused] = [fresh.filter(fits), fresh.filter((track) => !fits(track))];
  const tracks: SealedTracks['tracks'][number][] = [];
  for (const track of small.slice(0, Math.max(0, mostLanguages - known.length)))
    tracks.push({ ...track, sealed: await sealCues(outside, recordingId, track.cues) });
  const taken = known.filter(({ versions }) => versions[0]?.source === 'track').map(({ language }) => language);
  const own = first.filter(({ language }) => taken.includes(language));
  return { tracks, refused, streams: new Set([...tracks, ...own].map(({ stream }) => stream)) };
}

/** The caller holds the recording. Returns what was taken; the rest had captions meanwhile. */
export async function recordTracks(
  tx: Transaction,
  recording: HeldRecording,
  rules: DetectionRules,
  { tracks, refused }: SealedTracks,
  at: Date,
): Promise<StoredSealed[]> {
  const { id: recordingId, lessonId } = recording;
  const taken: StoredSealed[] = [];
  for (const { language, cues, sealed } of tracks) {
    const where = { recordingId_language: { recordingId, language } };
    if (await tx.db.captions.findUnique({ where, select: { id: true } })) continue;
    const version = { language, cues, source: 'track', showsSpeakers: false, sealed, byId: null, at } as const;
    await addVersion(tx, recording, rules, version);
    taken.push(sealed);
  }
  for (const { language } of refused)
    await tx.log({
      action: 'captions.refused',
      outcome: 'refused',
      object: { kind: 'recording', id: recordingId, recordingId, lessonId },
      details: { language, code: 'CAPTIONS_UNREADABLE', reasons: ['CAPTIONS_TOO_MANY'] },
    });
  return taken;
}

function tracksOf({ streams }: MediaProbe, { subtitles }: MediaFeatures): Track[] {
  return streams.flatMap(({ index, language }): Track[] => {
    const lines = subtitles.filter(({ stream }) => stream === index);
    const cues = lines
      .map(({ startMs, endMs, text }) => ({ startMs, endMs, text: tidyText(text), speaker: null }))
      .filter(({ startMs, endMs, text }) => endMs > startMs && text !== '');
    if (cues.length === 0) return [];
    return [{ stream: index, language: captionsLanguage(language) ?? unknownLanguage, cues: sortCues(cues) }];
  });
}

const fits = ({ cues }: Track): boolean =>
  cues.length <= mostCues && cues.every(({ text }) => text.length <= mostCueLetters);
