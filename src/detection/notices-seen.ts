import { type Place, placeOf } from './parts-seen.ts';
import { commonArea } from './picture-hash.ts';
import type { TextNotice } from './text-notices.ts';

/** A notice or a name, and how long it was visible. */
export interface NoticeStretch extends Pick<TextNotice, 'kind' | 'text' | 'name' | 'confidence'> {
  readonly startMs: number;
  readonly endMs: number;
  readonly place: Place;
}

export interface PageSize {
  readonly width: number;
  readonly height: number;
}

/** Joins over time what was read off pages. A page stands until the next one that was read. */
export class NoticesSeen {
  #open: NoticeStretch[] = [];
  readonly #closed: NoticeStretch[] = [];

  /** Pages in order of time. */
  add(notices: readonly TextNotice[], page: PageSize, atMs: number): void {
    const now = notices.map(({ box, ...notice }) => ({
      ...notice,
      startMs: atMs,
      endMs: atMs,
      place: placeOf(box, page),
    }));
    const before = this.#open;
    this.#open = [];
    for (const notice of now) {
      // The same name twice on one page is one finding.
      if (this.#open.some((each) => isSameNotice(each, notice))) continue;
      const known = before.find((each) => isSameNotice(each, notice));
      const surer = known !== undefined && known.confidence >= notice.confidence ? known : notice;
      this.#open.push({ ...surer, startMs: known?.startMs ?? atMs });
    }
    this.#close(
      before.filter((each) => !now.some((notice) => isSameNotice(each, notice))),
      atMs,
    );
  }

  end(atMs: number): NoticeStretch[] {
    this.#close(this.#open, atMs);
    this.#open = [];
    return this.#closed.toSorted((a, b) => a.startMs - b.startMs);
  }

  #close(notices: readonly NoticeStretch[], endMs: number): void {
    this.#closed.push(...notices.map((notice) => ({ ...notice, endMs: Math.max(endMs, notice.startMs) })));
  }
}

/**
 * Readers read the same line a little differently on each page: the same name, the same words or the same place
 * identify it.
 */
function isSameNotice(a: NoticeStretch, b: NoticeStretch): boolean {
  if (a.kind !== b.kind || a.name !== b.name) return false;
  return a.name !== undefined || a.text === b.text || overlap(a.place, b.place) > 0.5;
}

/** Part of the smaller of two places that lies in both. */
const overlap = (a: Place, b: Place): number =>
  commonArea(a, b) / Math.max(1e-9, Math.min(a.width * a.height, b.width * b.height));
