import { type NoticeStretch, NoticesSeen } from '../../detection/notices-seen.ts';
import { createPageChooser } from '../../detection/page-chooser.ts';
import type { GreyPicture } from '../../detection/picture-hash.ts';
import { findTextNotices } from '../../detection/text-notices.ts';
import type { WatchedName } from '../../domain/watched-names.ts';
import type { NotAnalysed } from '../ports/media.ts';
import type { TextReader, TextReading } from '../ports/readers.ts';

/** Text that was read in the pictures of a recording. */
export interface PagesRead {
  readonly notices: ReadonlyMap<number, readonly NoticeStretch[]>;
  /** Stretches in which a picture should have been read but could not be. */
  readonly notAnalysed: readonly NotAnalysed[];
}

export interface NoticeReader {
  page(stream: number): (picture: GreyPicture, atMs: number) => Promise<void>;
  /** Called once, after the last page; `endMs` is the end of the recording. */
  end(endMs: number): Promise<PagesRead>;
  close(): Promise<void>;
}

/** A reader that could not start this often in one recording is not started again. */
const mostStarts = 3;
/** Maximum number of pages that wait; decoding continues until then. */
const mostWaiting = 4;

/** Reads pages that differ from those before for notices and watched names. The reader's process starts with the first page. */
export function createNoticeReader(
  reader: TextReader,
  { names, pagesPerHour }: { readonly names: readonly WatchedName[]; readonly pagesPerHour: number },
  signal: AbortSignal,
): NoticeReader {
  const seen = new Map<number, NoticesSeen>();
  const unread: { stream: number; startMs: number; endMs: number | null }[] = [];
  let reading: TextReading | null = null;
  let failedStarts = 0;
  const read = async (picture: GreyPicture) => {
    if (reading === null) {
      if (failedStarts >= mostStarts) return null;
      reading = await reader.open({ signal }).catch(() => null);
      if (reading === null) failedStarts += 1;
    }
    const lines = await reading?.read(picture).catch(() => null);
    signal.throwIfAborted();
    return lines ?? null;
  };
  /** Pages are read in their order, one after the other. */
  const waiting: Promise<void>[] = [];
  let last = Promise.resolve();
  const queue = async (job: () => Promise<void>) => {
    last = last.then(job);
    const own = last.finally(() => {
      waiting.shift();
    });
    // Who waits for the last one meets the failure.
    own.catch(() => undefined);
    waiting.push(own);
    if (waiting.length > mostWaiting) await waiting[0];
  };
  return {
    page(stream) {
      const notices = new NoticesSeen();
      seen.set(stream, notices);
      const isWorthReading = createPageChooser(pagesPerHour);
      let missed: { endMs: number | null } | null = null;
      return async (picture, atMs) => {
        if (!isWorthReading(picture, atMs)) return;
        await queue(async () => {
          const lines = await read(picture);
          if (missed !== null) missed.endMs = atMs;
          missed = null;
          if (lines === null) {
            const miss = { stream, startMs: atMs, endMs: null };
            unread.push(miss);
            missed = miss;
          }
          notices.add(findTextNotices(lines ?? [], names), picture, atMs);
        });
      };
    },
    async end(endMs) {
      await last;
      return {
        notices: new Map([...seen].map(([stream, notices]) => [stream, notices.end(endMs)])),
        notAnalysed: unread.map((miss) => ({
          ...miss,
          endMs: Math.max(miss.endMs ?? endMs, miss.startMs),
          why: 'TEXT_NOT_READ' as const,
        })),
      };
    },
    close: async () => reading?.close(),
  };
}
