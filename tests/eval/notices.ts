import { createTextReader } from '../../src/adapters/tesseract/text-reader.ts';
import { findTextNotices } from '../../src/detection/text-notices.ts';
import { defaultWatchedNames } from '../../src/domain/watched-names.ts';
import { type NoticeFrame, noticeFrames } from './notice-frames.ts';
import type { EvalOptions, PartResult } from './parts.ts';
import type { Scored } from './score.ts';

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

async function* allSets(media: string, isQuick: boolean): AsyncGenerator<NoticeFrame> {
  yield* noticeFrames(media, isQuick, 'tuned');
  for (const set of ['kept aside', 'fresh'] as const)
    for await (const frame of noticeFrames(media, isQuick, set))
      yield { ...frame, condition: `${set}: ${frame.condition}` };
}
