import { createFfmpegTools } from '../../src/adapters/ffmpeg/ffmpeg-tools.ts';
import { createTextReader } from '../../src/adapters/tesseract/text-reader.ts';
import { areLikeTexts } from '../../src/detection/like-texts.ts';
import { findTextNotices } from '../../src/detection/text-notices.ts';
import { defaultWatchedNames } from '../../src/domain/watched-names.ts';
import { createNoticeReader } from '../../src/pipeline/review/read-pages.ts';
import { bufferSource } from '../support/media.ts';
import { type ClipSetName, noticeClips } from './notice-clips.ts';
import { type NoticeFrame, noticeFrames } from './notice-frames.ts';
import type { EvalOptions, PartResult } from './parts.ts';
import { failures, type Said, type Scored } from './score.ts';

/** Notices and names written on real frames, and the same frames with ordinary writing or none. A frame counts as a second. */
export async function evaluateNotices({ media, isQuick, say }: EvalOptions): Promise<PartResult> {
  const reading = await createTextReader().open({ signal: AbortSignal.timeout(6 * 3_600_000) });
  const cases: Scored[] = [];
  let tookMs = 0;
  try {
    for await (const { picture, base, notice, condition } of allSets(media, isQuick)) {
      const started = performance.now();
      const lines = await reading.read(picture);
      tookMs += performance.now() - started;
      const found = findTextNotices(lines, defaultWatchedNames);
      const second = (what: string) => ({ what, start: 0, end: 1 });
      const read = lines.map(({ text }) => text).join(' | ');
      cases.push({
        case: `${notice === null ? 'no notice' : `“${notice.text}”`}, ${condition}, on ${base}; read: ${read.slice(0, 300)}`,
        condition,
        seconds: 1,
        truth: notice === null ? [] : [second(notice.kind)],
        said: [...new Set(found.map(({ kind }) => kind))].map(second),
      });
    }
  } finally {
    await reading.close();
  }
  const perPicture = tookMs / cases.length;
  say(`notices: ${cases.length} frames, ${Math.round(perPicture)} ms each`);
  return {
    name: 'notices',
    about: `rights notices and names in ${cases.length} frames, ${Math.round(perPicture)} ms each`,
    methods: { Emanet: cases },
    // A page is looked at every two seconds at most.
    speed: 2_000 / perPicture,
  };
}

/** How far a notice may begin or end from where it does, to be found with its times. Seconds. */
const leeway = 2;

/** Notices in the course of clips, each with its text and its times, on the set that no threshold was set on. */
export const evaluateNoticeClips = (options: EvalOptions): Promise<PartResult> => evaluateClips(options, 'fresh');

/** The same of the set that the reader was made with. */
export const evaluateNoticeClipsTuned = (options: EvalOptions): Promise<PartResult> => evaluateClips(options, 'tuned');

async function evaluateClips({ media, isQuick, say }: EvalOptions, set: ClipSetName): Promise<PartResult> {
  const tools = createFfmpegTools();
  const timed: Scored[] = [];
  const read: Scored[] = [];
  let [seconds, tookMs] = [0, 0];
  for await (const { name, condition, bytes, truth, seconds: lasts } of noticeClips(media, set, isQuick)) {
    const started = performance.now();
    const signal = AbortSignal.timeout(3_600_000);
    const pages = createNoticeReader(createTextReader(), { names: defaultWatchedNames, pagesPerHour: 120 }, signal);
    const source = bufferSource(bytes);
    await tools.analyse(source, await tools.probe(source), { watcher: { page: pages.page } });
    const { notices } = await pages.end(lasts * 1_000);
    await pages.close();
    tookMs += performance.now() - started;
    seconds += lasts;
    const found = [...notices.values()].flat();
    const said = (within: number): Said[] =>
      found.map((notice) => {
        const [start, end] = [notice.startMs / 1_000, notice.endMs / 1_000];
        const known = truth.find(
          (each) =>
            areLikeTexts(notice.name ?? notice.text, each.what) &&
            Math.abs(start - each.start) <= within &&
            Math.abs(end - each.end) <= within,
        );
        return { what: known?.what ?? `“${notice.text}”`, start, end };
      });
    timed.push({ case: name, condition, seconds: lasts, truth, said: said(leeway) });
    read.push({ case: name, condition, seconds: lasts, truth, said: said(Infinity) });
    say(`  ${name}`);
  }
  for (const failure of failures(timed)) say(`  ${failure}`);
  return {
    name: set === 'fresh' ? 'notices in clips' : 'notices in clips that the reader was made with',
    about: `notices of 9 and 10 s with their text, and begin and end within ${leeway} s`,
    methods: { Emanet: timed, 'Emanet, text alone': read },
    speed: seconds / (tookMs / 1_000),
  };
}

async function* allSets(media: string, isQuick: boolean): AsyncGenerator<NoticeFrame> {
  yield* noticeFrames(media, isQuick, 'tuned');
  for (const set of ['kept aside', 'fresh'] as const)
    for await (const frame of noticeFrames(media, isQuick, set))
      yield { ...frame, condition: `${set}: ${frame.condition}` };
}
