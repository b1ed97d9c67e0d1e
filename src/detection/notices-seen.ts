import { areLikeLetters, areLikeTexts } from './like-texts.ts';
import { isTelling, likeness, printOf } from './line-prints.ts';
import { type Place, placeOf } from './parts-seen.ts';
import { areaOf, type Box, commonArea, type GreyPicture, partOfSmaller } from './picture-hash.ts';
import type { TextNotice } from './text-notices.ts';

/** A notice or a name, and how long it was visible. */
export interface NoticeStretch extends Pick<TextNotice, 'kind' | 'text' | 'name' | 'confidence'> {
  readonly startMs: number;
  readonly endMs: number;
  readonly place: Place;
}

/** Pages that are kept to look back: half a minute, the longest time that a standing page waits to be read. */
const memory = 16;
/** A print at least this like the one that was read shows the same line. */
const sameLine = 0.5;
/** The same where a film moves behind the letters. */
const sameLineInFilm = 0.25;
/** Two notices that differ in a year look less alike than this. */
const sameLook = 0.96;
const [steadyPeak, largestStep] = [0.8, 0.3];
/** A line that was not read again, but that looks so much like before, was only misread. */
const unchanged = 0.8;
/** On so many pages in turn, it has to look otherwise to be gone. */
const pagesGone = 2;
/** Something begins and ends between two pages, and no longer than this before the later one. */
const betweenMs = 1_000;
/** A notice that is read again after so short a time was never gone. */
const joinedMs = 2_500;
/** The same name is the same notice as long as half of the letters around it are. */
const mostErrorsOfNamed = 0.5;

interface Seen {
  readonly page: GreyPicture;
  readonly atMs: number;
}

interface Open extends TextNotice {
  readonly startMs: number;
  readonly place: Place;
  readonly print: Int8Array;
  /** How like that print its line is for as long as it stands. */
  readonly least: number;
  /** How like it was at most. */
  peak: number;
  /** The last page on which it was visible, and those after it. */
  lastMs: number;
  goneMs: number | null;
  gone: number;
}

/**
 * Joins over time what was read off pages. A notice stands for as long as its line looks as it did when it was read:
 * every page is looked at, also those that are not read.
 */
export class NoticesSeen {
  #pages: Seen[] = [];
  #open: Open[] = [];
  readonly #closed: NoticeStretch[] = [];

  /** Every page, in order of time. */
  see(page: GreyPicture, atMs: number): void {
    if (this.#pages.some((other) => other.page.width !== page.width || other.page.height !== page.height)) {
      this.#close(this.#open, atMs);
      this.#pages = [];
    }
    this.#pages = [...this.#pages, { page, atMs }].slice(-memory);
    for (const notice of this.#open) {
      const like = likeness(notice.print, printOf(page, notice.box));
      if (!isTelling(notice.print)) notice.lastMs = atMs;
      else if (stillStands(like, notice)) {
        [notice.lastMs, notice.goneMs, notice.gone] = [atMs, null, 0];
        notice.peak = Math.max(notice.peak, like);
      } else {
        notice.goneMs ??= atMs;
        notice.gone += 1;
      }
    }
    this.#close(
      this.#open.filter(({ gone }) => gone >= pagesGone),
      atMs,
    );
  }

  /** Where notices stand now. */
  places(): Box[] {
    return this.#open.map(({ box }) => box);
  }

  /** The pages that are kept, in order of time. */
  pages(): GreyPicture[] {
    return this.#pages.map(({ page }) => page);
  }

  /**
   * What was read in a part of the page that was seen last; `shown`: on another picture of the page, which is laid
   * together from the last ones of a film.
   */
  add(notices: readonly TextNotice[], within: Box, shown?: GreyPicture): void {
    const now = this.#pages.at(-1);
    if (now === undefined) return;
    const found = onePerPlace(notices);
    const before = this.#open.filter(({ box }) => commonArea(box, within) >= areaOf(box) / 2);
    const again = new Map<TextNotice, Open>();
    for (const notice of found) {
      const known = this.#open
        .filter((each) => ![...again.values()].includes(each))
        .find((each) => isSameNotice(each, notice) || isSameLine(each, notice, now.page));
      if (known !== undefined) again.set(notice, known);
    }
    const missing = before.filter((each) => ![...again.values()].includes(each));
    const misread = missing.filter(
      ({ print, box }) =>
        likeness(print, printOf(now.page, box)) >= unchanged &&
        !found.some((notice) => !again.has(notice) && partOfSmaller(notice.box, box) > 0.5),
    );
    this.#close(
      missing.filter((each) => !misread.includes(each)),
      now.atMs,
    );
    for (const notice of found) {
      const known = again.get(notice);
      this.#open = this.#open.filter((each) => each !== known);
      const print = printOf(shown ?? now.page, notice.box);
      const least = shown === undefined ? sameLine : sameLineInFilm;
      const surer = known !== undefined && known.confidence >= notice.confidence ? textOf(known) : textOf(notice);
      this.#open.push({
        ...surer,
        box: notice.box,
        print,
        least,
        peak: likeness(print, printOf(now.page, notice.box)),
        place: placeOf(notice.box, now.page),
        startMs: known?.startMs ?? Math.max(this.#startOf(print, notice.box, least), this.#lastEndAt(notice)),
        lastMs: now.atMs,
        goneMs: null,
        gone: 0,
      });
    }
  }

  end(atMs: number): NoticeStretch[] {
    for (const notice of this.#open) if (notice.goneMs === null) notice.lastMs = atMs;
    this.#close(this.#open, atMs);
    return joined(this.#closed).toSorted((a, b) => a.startMs - b.startMs);
  }

  /** When the line that was read on the last page came: it is searched for on the pages before. */
  #startOf(print: Int8Array, box: Box, least: number): number {
    const likenesses = this.#pages.map(({ page }) => likeness(print, printOf(page, box)));
    let first = likenesses.length - 1;
    let peak = likenesses[first]!;
    while (first > 0 && stillStands(likenesses[first - 1]!, { least, peak })) {
      first -= 1;
      peak = Math.max(peak, likenesses[first]!);
    }
    const { atMs } = this.#pages[first]!;
    return between(this.#pages[first - 1]?.atMs ?? atMs, atMs);
  }

  /** When the last notice at its place ended: one that follows another looks much like it. */
  #lastEndAt({ kind, box }: TextNotice): number {
    const { page } = this.#pages[this.#pages.length - 1]!;
    const place = placeOf(box, page);
    const ends = this.#closed.filter((each) => each.kind === kind && partOfSmaller(each.place, place) > 0.5);
    return Math.max(0, ...ends.map(({ endMs }) => endMs));
  }

  #close(notices: readonly Open[], atMs: number): void {
    this.#open = this.#open.filter((each) => !notices.includes(each));
    for (const { place, startMs, lastMs, goneMs, ...notice } of notices) {
      const endMs = between(lastMs, goneMs ?? atMs);
      this.#closed.push({ ...textOf(notice), startMs, endMs: Math.max(endMs, startMs), place });
    }
  }
}

/** On a ground that stands, the ground alone is much like it: without the letters it is less so by a step. */
const stillStands = (like: number, { least, peak }: { readonly least: number; readonly peak: number }): boolean =>
  like >= least && (peak < steadyPeak || like >= peak - largestStep);

/** A time between two pages: pages of a still screen may be far apart, and the later one shows the change. */
const between = (beforeMs: number, afterMs: number): number =>
  Math.round(afterMs - Math.min(betweenMs, (afterMs - beforeMs) / 2));

const textOf = ({ kind, text, name, confidence }: Omit<TextNotice, 'box'>) => ({
  kind,
  text,
  ...(name === undefined ? {} : { name }),
  confidence,
});

const isSurer = (a: TextNotice, b: TextNotice): boolean =>
  a.confidence > b.confidence || (a.confidence === b.confidence && a.text.length >= b.text.length);

/** Readers read the same line differently on each page: the same name, or nearly the same letters identify it. */
function isSameNotice(a: Omit<TextNotice, 'box'>, b: Omit<TextNotice, 'box'>): boolean {
  if (a.kind !== b.kind || a.name !== b.name) return false;
  return areLikeTexts(a.text, b.text, a.name === undefined ? undefined : mostErrorsOfNamed);
}

/** Whatever was read there now: the line looks the same. */
const isSameLine = (known: Open, notice: TextNotice, page: GreyPicture): boolean =>
  known.kind === notice.kind &&
  known.name === notice.name &&
  partOfSmaller(known.box, notice.box) > 0.5 &&
  likeness(known.print, printOf(page, known.box)) >= sameLook;

/** A line is read by several looks, each a little differently, and the same name twice on one page is one finding. */
function onePerPlace(notices: readonly TextNotice[]): TextNotice[] {
  const kept: TextNotice[] = [];
  for (const notice of notices.toSorted((a, b) => (isSurer(a, b) ? -1 : 1))) {
    const isKnown = kept.some(
      (each) =>
        each.kind === notice.kind &&
        each.name === notice.name &&
        (each.name !== undefined || each.text === notice.text || partOfSmaller(each.box, notice.box) > 0.5),
    );
    if (!isKnown) kept.push(notice);
  }
  return kept;
}

/** Stretches of one notice with hardly any time between them are one. */
function joined(stretches: readonly NoticeStretch[]): NoticeStretch[] {
  const kept: NoticeStretch[] = [];
  for (const stretch of stretches.toSorted((a, b) => a.startMs - b.startMs)) {
    const at = kept.findLastIndex(
      (each) => stretch.startMs - each.endMs <= joinedMs && (isSameNotice(each, stretch) || isSlip(each, stretch)),
    );
    const known = kept[at];
    if (known === undefined) kept.push(stretch);
    else
      kept[at] = {
        ...(isSlip(known, stretch) ? longer(known, stretch) : known.confidence >= stretch.confidence ? known : stretch),
        startMs: known.startMs,
        endMs: Math.max(known.endMs, stretch.endMs),
      };
  }
  return kept;
}

const lastsOf = ({ startMs, endMs }: NoticeStretch): number => endMs - startMs;
const longer = (a: NoticeStretch, b: NoticeStretch): NoticeStretch => (lastsOf(b) > lastsOf(a) ? b : a);

/** One of two was read on one page alone, at the place of the other, and differs in a year. */
const isSlip = (a: NoticeStretch, b: NoticeStretch): boolean =>
  a.kind === b.kind &&
  a.name === b.name &&
  Math.min(lastsOf(a), lastsOf(b)) <= joinedMs &&
  partOfSmaller(a.place, b.place) > 0.5 &&
  !areLikeTexts(a.text, b.text) &&
  areLikeLetters(a.text, b.text);
