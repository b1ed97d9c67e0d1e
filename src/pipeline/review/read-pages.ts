import { enlarged } from '../../detection/enlarge.ts';
import { likeness, printOf } from '../../detection/line-prints.ts';
import { type NoticeStretch, NoticesSeen } from '../../detection/notices-seen.ts';
import { createPageChooser, type PartToRead } from '../../detection/page-chooser.ts';
import { areaOf, cropped, type GreyPicture } from '../../detection/picture-hash.ts';
import { darkest, hasInk, laidOver } from '../../detection/text/laid-over.ts';
import { type PictureKind, type ReadLine, sureEnough } from '../../detection/text/read-line.ts';
import { blank } from '../../detection/text/read-picture.ts';
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
  /** Ends the reader's process, one that is just starting too. */
  close(): Promise<void>;
}

/** A reader that could not start this often in one recording is not started again. */
const mostStarts = 3;
/**
 * Maximum number of pages that wait; decoding continues until then. Four minutes of them take 118 MB: new pages come in
 * bursts, and a decoder that waits for the reader leaves a processor idle.
 */
const mostWaiting = 128;
/** Letters of a part that was laid over are enlarged if it is no higher. Pixels. */
const lowPart = 160;
/** A pixel of what was laid over takes so many times as long to read as one of a page: letters stand close. */
const laidCost = 2;
/** Pages of a film that are laid on each other, two seconds apart. */
const filmPages = 3;
/** A line of such pages is there if it looks so much like on the last one: on the darkest, one that is gone stays. */
const standsStill = 0.3;

/** Reads the parts of pages that differ from those before for notices and watched names. The reader's process starts with the first page. */
export function createNoticeReader(
  reader: TextReader,
  { names, pagesPerHour }: { readonly names: readonly WatchedName[]; readonly pagesPerHour: number },
  signal: AbortSignal,
): NoticeReader {
  const seen = new Map<number, NoticesSeen>();
  const unread: { stream: number; startMs: number; endMs: number | null }[] = [];
  let reading: TextReading | null = null;
  let failedStarts = 0;
  let isClosed = false;
  const read: Read = async (picture, kind) => {
    if (isClosed) return null;
    if (reading === null) {
      if (failedStarts >= mostStarts) return null;
      reading = await reader.open({ signal }).catch(() => null);
      if (reading === null) failedStarts += 1;
      if (isClosed) return null;
    }
    const lines = await reading?.read(picture, kind).catch(() => null);
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
      const choose = createPageChooser(pagesPerHour);
      /** Pixels of what was laid over parts, since the chooser was last asked. */
      let laidPixels = 0;
      let missed: { endMs: number | null } | null = null;
      return async (picture, atMs) => {
        await queue(async () => {
          notices.see(picture, atMs);
          const spent = (laidCost * laidPixels) / (picture.width * picture.height);
          laidPixels = 0;
          for (const part of choose(picture, atMs, notices.places(), spent)) {
            const pages = notices.pages();
            const shown = part.moves ? darkest(pages.slice(-filmPages)) : picture;
            const lines = await readPart(read, part, shown, pages, (pixels) => {
              laidPixels += pixels;
            });
            if (missed !== null) missed.endMs = atMs;
            missed = null;
            if (lines === null) {
              const miss = { stream, startMs: atMs, endMs: null };
              unread.push(miss);
              missed = miss;
            }
            notices.add(findTextNotices(lines ?? [], names), part.box, part.moves ? shown : undefined);
          }
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
    async close() {
      isClosed = true;
      const there = reading;
      // Whoever waits for a page hears that it was not read.
      await there?.close();
      // A process that was just starting would stay for hours, with the turn of its check.
      await last.catch(() => undefined);
      if (reading !== there) await reading?.close();
    },
  };
}

type Read = (picture: GreyPicture, kind?: PictureKind) => Promise<readonly ReadLine[] | null>;

/**
 * The lines of a part of the last of some pages, with their places; null if it could not be read. Of a film, the darkest
 * of its last pages is shown to the reader: what is laid over it stands, and the rest is blurred.
 */
async function readPart(
  read: Read,
  { box, moves }: PartToRead,
  shown: GreyPicture,
  pages: readonly GreyPicture[],
  onLaid: (pixels: number) => void,
): Promise<ReadLine[] | null> {
  const [part, page] = [cropped(shown, box), cropped(pages.at(-1) ?? shown, box)];
  const lines = await read(part);
  if (lines === null) return null;
  const found = lines.filter(
    (line) => !moves || likeness(printOf(part, line.box), printOf(page, line.box)) >= standsStill,
  );
  const isWhole = areaOf(box) === shown.width * shown.height;
  for (const { picture, kind } of isWhole || moves ? [] : laidOver(pages, box)) {
    // What was read surely as it is need not be read again: what is left may be see-through.
    for (const line of lines) if (line.confidence >= sureEnough) blank(picture.pixels, picture.width, line.box);
    if (!hasInk(picture)) continue;
    const scale = box.height <= lowPart ? 2 : 1;
    const large = enlarged(picture, { x: 0, y: 0, width: box.width, height: box.height }, scale);
    onLaid(areaOf({ x: 0, y: 0, ...large }));
    const laid = (await read(large, 'letters')) ?? [];
    const sign = kind === 'light' ? -1 : 1;
    for (const line of laid.map((each) => ({ ...each, box: reduced(each.box, scale) })))
      if (sign * likeness(printOf(picture, line.box), printOf(page, line.box)) >= standsStill) found.push(line);
  }
  return found.map((line) => ({ ...line, box: { ...line.box, x: line.box.x + box.x, y: line.box.y + box.y } }));
}

const reduced = ({ x, y, width, height }: ReadLine['box'], scale: number): ReadLine['box'] => ({
  x: Math.floor(x / scale),
  y: Math.floor(y / scale),
  width: Math.floor(width / scale),
  height: Math.floor(height / scale),
});
